"""Asking the cluster to deliver: who makes messages due says so here, and the watcher does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from campaigns.delivery.looking import next_at
from campaigns.tidying import is_tidying_due
from segmentflow.wakeups import ask_for

DELIVER = "deliver"
TIDY = "tidy outbox"
BETWEEN: Final = timedelta(minutes=1)
"""Two looks at whether the outbox has something to erase."""


def wake() -> None:
    """Ask for what is due to be sent soon; call it once that is committed."""
    ask_for(DELIVER, "campaigns.tasks.deliver")


def look(now: datetime) -> datetime | None:
    """For the watcher: wake the cluster when something is due, and say when something will be."""
    at = next_at(now)
    if at is not None and at <= now:
        wake()
    return at


def wake_tidying() -> None:
    ask_for(TIDY, "campaigns.tasks.tidy")


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
