"""A test of the message, sent to somebody of one's own: it counts nowhere, and nothing holds it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from campaigns.auditing import note
from campaigns.channels.handing import Handed, Outbound, Outcome, Push
from campaigns.channels.models import OutboxMessage, SentTest
from campaigns.channels.ways import WAITED, adapter_of, carrier_for, way_of
from campaigns.composing import CannotCompose
from campaigns.message.previewing import composed
from campaigns.models import Campaign
from campaigns.push.addresses import forget_browsers
from campaigns.tracking.links import TrackedLinks
from contacts.models import Channel, Contact
from contacts.problems import Problem, Refused
from segmentflow.models import User

MOST: Final = 20
WITHIN: Final = timedelta(minutes=10)
LONGEST: Final = 254
SAID: Final = {
    Outcome.ACCEPTED: "It was taken",
    Outcome.REFUSED: "It was refused",
    Outcome.LATER: "It was not taken now",
    Outcome.UNCLEAR: "There was no clear answer",
}

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Tested:
    """What happened."""

    address: str
    by: str
    """Who delivers, such as "SMTP server"."""
    said: str
    detail: str
    """What the other side said, word by word."""
    was_taken: bool
    outbox_id: int | None = None
    """Where it can be read, if it stayed in the house."""


def send_test(
    *,
    campaign: Campaign,
    contact: Contact,
    address: str,
    by: User,
    now: datetime,
    clock: Callable[[], datetime],
) -> Tested:
    """As the contact would get it. Raises Refused for an address or a message that is no good."""
    address = _address(campaign.channel, address)
    _count(by=by, now=now)
    try:
        message = composed(
            campaign=campaign,
            contact=contact,
            now=now,
            address=address,
            links=TrackedLinks(),
        )
    except CannotCompose as problem:
        raise Refused([Problem("message", "broken", str(problem))]) from None
    if isinstance(message, Push):
        _needs_browser(message, contact)
    elif message.to != address:
        message = replace(message, to=address)
    note("sent a test of", campaign, said=campaign.channel, now=now)
    return _handed(campaign, message, clock=clock)


def _handed(campaign: Campaign, message: Outbound, *, clock: Callable[[], datetime]) -> Tested:
    way = way_of(campaign.channel)
    adapter = adapter_of(way)
    before = _newest_test()
    with carrier_for(campaign.channel, way=way, clock=clock, patience=WAITED) as carrier:
        answer = carrier.hand(message)
    forget_browsers(answer.gone)
    after = _newest_test() if way.is_outbox else before
    return Tested(
        address=message.to,
        by=adapter.label if adapter else way.adapter,
        said=SAID[answer.outcome],
        detail=_detail(answer),
        was_taken=answer.outcome == Outcome.ACCEPTED,
        outbox_id=after if after != before else None,
    )


def _detail(answer: Handed) -> str:
    return answer.error or (
        f"Its number there is {answer.provider_id}." if answer.provider_id else ""
    )


def _newest_test() -> int | None:
    found = OutboxMessage.objects.filter(is_test=True).order_by("-pk")
    return found.values_list("pk", flat=True).first()


def _address(channel: str, address: str) -> str:
    address = address.replace("\0", "").strip()[: LONGEST + 1]
    match channel:
        case Channel.EMAIL:
            try:
                validate_email(address)
            except ValidationError:
                raise _refused("Write an email address, such as you@example.com.") from None
        case Channel.SMS:
            address = re.sub(r"[\s()./-]", "", address)
            if not _PHONE.fullmatch(address):
                raise _refused("Write a phone number with its country code, such as +48600100200.")
        case _:
            address = ""
    return address


def _needs_browser(message: Push, contact: Contact) -> None:
    way = way_of(Channel.PUSH)
    if not message.browsers and way.adapter == "webpush":
        raise _refused(
            f"{contact} has agreed to push messages in no browser. Choose another contact."
        )


def _refused(said: str) -> Refused:
    return Refused([Problem("address", "invalid", said)])


@transaction.atomic
def _count(*, by: User, now: datetime) -> None:
    """Raises Refused for one too many."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    SentTest.objects.filter(author=by, at__lt=now - WITHIN).delete()
    if SentTest.objects.filter(author=by).count() >= MOST:
        minutes = int(WITHIN.total_seconds() // 60)
        raise _refused(f"{MOST} tests in {minutes} minutes are enough. Try again a little later.")
    SentTest.objects.create(author=by, at=now)
