"""Asking the cluster to send: the watcher looks, so nobody who stores moves has to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from outbound.webhooks.looking import next_at
from outbound.webhooks.tidying import is_tidying_due
from segmentflow.wakeups import ask_for

SEND = "webhooks"
TIDY = "tidy webhooks"
BETWEEN: Final = timedelta(minutes=10)
"""Two looks at whether something is to be forgotten."""


def wake() -> None:
    """Ask for what is due to be sent soon; call it once that is committed."""
    ask_for(SEND, "outbound.webhooks.tasks.send")


def look(now: datetime) -> datetime | None:
    """For the watcher: wake the cluster when something is due, and say when something will be."""
    at = next_at()
    if at is not None and at <= now:
        wake()
    return at


def wake_tidying() -> None:
    ask_for(TIDY, "outbound.webhooks.tasks.tidy")


class Tidying:
    """For the watcher, which looks several times a second: now and then is enough."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def look(self, now: datetime) -> datetime | None:
        if self._next is None or now >= self._next:
            self._next = now + BETWEEN
            if is_tidying_due(now=now):
                wake_tidying()
        return None
