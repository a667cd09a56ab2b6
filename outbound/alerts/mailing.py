"""Mails of alerts, by whatever way emails of campaigns take; kept and tried again when they cannot leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from campaigns.channels.adapters import WayFacts
from campaigns.channels.handing import Carrier, Handed, Outcome
from campaigns.channels.ways import WAITED, carrier_for, way_of
from contacts.models import Channel
from contacts.problems import Refused
from outbound.alerts.locks import sending_alone
from outbound.alerts.models import AlertMail
from outbound.alerts.writing import written
from segmentflow.clock import workspace_zone

State = AlertMail.State

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
TRIED_FOR: Final = timedelta(days=3)
"""What is older is in the log of the segment, and no news any more."""
BITE: Final = 50
NO_ADDRESS: Final = "There is no email address of this person (Settings, Users)."
PERHAPS: Final = "There was no clear answer, so perhaps it arrived."


def send_mails(*, clock: Callable[[], datetime]) -> int:
    """Those that are due; how many were tried. One process at a time."""
    with sending_alone() as is_mine:
        if not is_mine:
            return 0
        due = AlertMail.objects.filter(state=State.WAITING, try_at__lte=clock())
        mails = list(due.select_related("notice__segment", "user").order_by("try_at", "pk")[:BITE])
        with_address = []
        for mail in mails:
            if mail.user.email:
                with_address.append(mail)
            else:
                _put_off(mail, NO_ADDRESS, now=clock())
        if with_address:
            _hand_all(with_address, clock)
        return len(mails)


def _hand_all(mails: list[AlertMail], clock: Callable[[], datetime]) -> None:
    way = way_of(Channel.EMAIL)
    try:
        carrier = carrier_for(Channel.EMAIL, way=way, clock=clock, patience=WAITED)
    except Refused as problem:
        said = f"Emails cannot be sent now (Settings, Sending): {problem}"
        for mail in mails:
            _put_off(mail, said, now=clock())
        return
    with carrier:
        for number, mail in enumerate(mails):
            answer = _hand(mail, carrier, way)
            _note(mail, answer, now=clock())
            if answer.is_everybody:
                for other in mails[number + 1 :]:
                    _put_off(other, answer.error, now=clock())
                return


def _hand(mail: AlertMail, carrier: Carrier, way: WayFacts) -> Handed:
    return carrier.hand(written(mail.notice, to=mail.user, way=way, zone=workspace_zone()))


def _note(mail: AlertMail, answer: Handed, *, now: datetime) -> None:
    match answer.outcome:
        case Outcome.ACCEPTED | Outcome.UNCLEAR:
            mail.state, mail.sent_at = State.SENT, now
            mail.error = PERHAPS if answer.outcome == Outcome.UNCLEAR else ""
            mail.attempts += 1
            mail.save(update_fields=["state", "sent_at", "error", "attempts"])
        case Outcome.REFUSED:
            mail.state, mail.error = State.FAILED, answer.error
            mail.attempts += 1
            mail.save(update_fields=["state", "error", "attempts"])
        case _:
            _put_off(mail, answer.error, now=now)


def _put_off(mail: AlertMail, error: str, *, now: datetime) -> None:
    mail.attempts += 1
    mail.error = error or "It is not known why."
    mail.try_at = now + min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(mail.attempts - 1, 10)))
    if mail.try_at > mail.notice.at + TRIED_FOR:
        mail.state = State.FAILED
    mail.save(update_fields=["attempts", "error", "try_at", "state"])
