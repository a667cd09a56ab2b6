"""What browsers tell about push messages: that they agree, are still there, moved, or want no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.push.addresses import renew, replace_browser, subscribe, unsubscribe
from campaigns.push.subscriptions import named_browser, read_browser, read_endpoint
from contacts.identities import IdentityKey, find_owners, identity_key
from contacts.problems import Problem, Refused
from events.tracking.messages import Message, read_message
from events.tracking.people import store_people
from events.unknown import note_problems
from segmentflow.models import Website


def receive_push(
    body: Mapping[str, Any], *, website: Website | None, user_agent: str, now: datetime
) -> None:
    """Raises Refused with what is wrong, and notes it.

    `website`: whose page sent it, so that it may be anybody's. Then the contact is found as for
    visits (events/tracking/people.py); without one, a program of the customer answers for it.
    """
    try:
        _receive(body, website, named_browser(user_agent), now)
    except Refused as refused:
        noted = Counter((f"push {one.path}", one.code) for one in refused.problems)
        note_problems(noted, now=now)
        raise


def _receive(body: Mapping[str, Any], website: Website | None, agent: str, now: datetime) -> None:
    is_subscribed, is_renewed = (
        _flag(body, "subscribed", default=True),
        _flag(body, "renewed", default=False),
    )
    if not is_subscribed:
        unsubscribe(endpoint=read_endpoint(body.get("subscription")), now=now)
        return
    browser = read_browser(body.get("subscription"))
    if before := body.get("replaces"):
        replace_browser(before=read_endpoint({"endpoint": before}), browser=browser, now=now)
        if not (body.get("userId") or body.get("anonymousId")):
            return
    owner = _owner(body, website, now)
    if is_renewed or before:
        renew(owner=owner, browser=browser, agent=agent, now=now)
    else:
        source = f"Website “{website.name}”" if website else "Push subscription"
        subscribe(owner=owner, browser=browser, agent=agent, source=source, now=now)


def _flag(body: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = body.get(name, default)
    if isinstance(value, bool):
        return value
    raise Refused([Problem(name, "wrong_type", f"“{name}” is true or false.")])


def _owner(body: Mapping[str, Any], website: Website | None, now: datetime) -> IdentityKey:
    """Whose browser it is; a contact that is new is made, as with a visit."""
    said = {key: body[key] for key in ("userId", "anonymousId") if key in body}
    message = read_message(said, kind="identify", around={}, now=now)
    owner = identity_key(message.contact.by, str(message.contact.value))
    only_fields = website.fields if website else None
    store_people([message], now=now, note=_nothing_to_note, only_fields=only_fields)
    if owner not in find_owners([owner]):
        said_so = "There is no such contact, and none could be made."
        raise Refused([Problem("userId", "no_identity", said_so)])
    return owner


def _nothing_to_note(_message: Message, _problem: Problem) -> None:
    """The message has no traits."""
