"""Asking the cluster for files that are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from outbound.exports.looking import next_at
from segmentflow.wakeups import ask_for

EXPORT: Final = "export"
BETWEEN: Final = timedelta(seconds=1)
"""Two looks; a time that is known before is met to the moment."""


def wake() -> None:
    ask_for(EXPORT, "outbound.exports.tasks.export_members")


class Looking:
    """For the watcher, which looks several times a second: more than exports need."""

    def __init__(self) -> None:
        self._looked: datetime | None = None
        self._next: datetime | None = None

    def look(self, now: datetime) -> datetime | None:
        """Wake the cluster when something is due, and say when something will be."""
        is_early = self._looked is not None and self._looked <= now < self._looked + BETWEEN
        if is_early and not (self._next and self._next <= now):
            return self._next
        self._looked, self._next = now, next_at(now)
        if self._next is not None and self._next <= now:
            wake()
            self._next = None
        return self._next
