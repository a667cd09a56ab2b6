"""Test messages that admins send to themselves, by whatever way is set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from campaigns.channels.adapters import Clock, WayFacts
from campaigns.channels.handing import Email, Handed, Outbound, Outcome, Sms
from campaigns.channels.ways import WAITED, carrier_for
from contacts.models import Channel
from contacts.problems import Refused
from segmentflow.audit.recording import record

SUBJECT: Final = "A test from SegmentFlow"
WORDS: Final = "This is a test. Messages of this channel leave the way they should."
PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
TESTED: Final = (Channel.EMAIL.value, Channel.SMS.value)
"""Channels whose messages go to an address that somebody can write down."""


def send_test(*, channel: str, way: WayFacts, address: str, clock: Clock) -> str:
    """What happened, as a sentence. Raises Refused with what is wrong, and sends nothing then."""
    message = _message(channel, way, address)
    name = Channel(channel).label
    record(action="sent a test of", kind="way", key=channel, name=name, now=clock())
    with carrier_for(channel, way=way, clock=clock, patience=WAITED) as carrier:
        return _said(carrier.hand(message), way, address)


def wrong_test_address(channel: str, address: str) -> str:
    if channel == Channel.SMS:
        fine = PHONE.fullmatch(address)
        return "" if fine else "Write a phone number with + and the country code."
    try:
        validate_email(address)
    except ValidationError:
        return "Write an email address."
    return ""


def _message(channel: str, way: WayFacts, address: str) -> Outbound:
    if channel == Channel.SMS:
        return Sms(key=None, to=address, sender=way.sender, text=WORDS)
    return Email(
        key=None,
        to=address,
        sender=way.sender,
        reply_to=way.text("reply_to"),
        subject=SUBJECT,
        html=f"<p>{WORDS}</p>",
        text=WORDS,
    )


SAID: Final[Mapping[Outcome, str]] = {
    Outcome.REFUSED: "The test was refused: {error}",
    Outcome.LATER: "The test was not sent: {error}",
    Outcome.UNCLEAR: "Perhaps the test was sent: {error}",
}


def _said(handed: Handed, way: WayFacts, address: str) -> str:
    if handed.outcome is not Outcome.ACCEPTED:
        raise TestFailed(SAID[handed.outcome].format(error=handed.error))
    if way.is_outbox:
        return "The test is in the built-in outbox; nobody receives it."
    return f"The test for {address} was taken."


class TestFailed(Exception):
    """The other side did not take it: what it said, as a sentence."""

    __test__ = False  # for pytest, which takes the name for one of its own


__all__ = ["TESTED", "Refused", "TestFailed", "send_test", "wrong_test_address"]
