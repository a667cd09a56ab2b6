"""Counts what segments share now and then, also when nobody looks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from segments.overlap.matrix import is_recount_due
from segments.wakes import wake_overlap

BETWEEN: Final = timedelta(minutes=10)


class Recounting:
    """For the watcher, which looks several times a second: now and then is enough."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def look(self, now: datetime) -> datetime | None:
        if self._next is None or now >= self._next:
            self._next = now + BETWEEN
            if is_recount_due(now=now):
                wake_overlap()
        return None
