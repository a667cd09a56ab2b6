"""What came of messages, counted for those who look from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from campaigns.models import Message
from segmentflow import counting
from segmentflow.models import TallySubject

State = Message.State

CHANNELS: Final = {"email": 1, "sms": 2, "push": 3}
"""As they are stored."""
RESULTS: Final = {State.SENT: "sent", State.FAILED: "failed", State.UNCLEAR: "unclear"}
WIDTH: Final = 10


def note_results(channel: str, states: Iterable[int]) -> None:
    counting.count_all(
        TallySubject.HANDED,
        Counter(ref_of(channel, state) for state in states if state in RESULTS),
    )


def ref_of(channel: str, state: int) -> int:
    return CHANNELS[channel] * WIDTH + state
