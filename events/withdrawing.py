"""The system event Unsubscribe is a decision, too: it withdraws the consent for its channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from contacts.consents import set_consents
from contacts.decisions import CHANNELS, Decision
from contacts.models import Channel
from events.rows import EventRow

UNSUBSCRIBE: Final = "Unsubscribe"
"""The key of the event type."""
SOURCE: Final = f"{UNSUBSCRIBE} event"
EVERY: Final = "all"


def withdraw_consents(stored: Iterable[tuple[int, EventRow]], *, now: datetime) -> None:
    """Runs in the transaction that stores the events, which come with their contacts.

    By the time at which they occurred: a late one changes nothing if somebody has
    subscribed since.
    """
    decided = [
        (contact_id, Decision(channel, subscribed=False, source=SOURCE, at=row.occurred_at))
        for contact_id, row in stored
        if row.type == UNSUBSCRIBE
        for channel in _channels(row.attributes)
    ]
    if decided:
        set_consents(decisions=decided, now=now)


def _channels(attributes: Mapping[str, Any]) -> Iterator[str]:
    """Those that the event names; email when it names none."""
    channel = attributes.get("channel")
    if not isinstance(channel, str) or not channel.strip():
        yield Channel.EMAIL.value
        return
    name = channel.strip().lower()
    # Any other, such as post, is not reached from here.
    yield from CHANNELS if name == EVERY else [name] if name in CHANNELS else []
