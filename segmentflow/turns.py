"""Background work in turns: a few seconds of it, less when others wait, and looks now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from segmentflow.clock import current_time
from segmentflow.wakeups import is_another_waiting

SECONDS: Final = 3.0
"""After so long a task ends and asks for the next, behind whatever waits by then."""
LEAST_SECONDS: Final = 0.3
LOOK_SECONDS: Final = 0.2
BITES_SECONDS: Final = 1.0


class Turn:
    """While it is ours: until the time is over, or somebody waits for a worker."""

    def __init__(self, name: str) -> None:
        begun = time.monotonic()
        self._name = name
        self._until = begun + SECONDS
        self._look_at = begun + LEAST_SECONDS

    def goes_on(self) -> bool:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            if is_another_waiting(self._name):
                self._until = now
        return now < self._until


def do_bites(name: str, advance: Callable[[datetime], object]) -> bool:
    """Some bites of what can wait; True when others get their turn before all is done."""
    until = time.monotonic() + BITES_SECONDS
    while advance(current_time()):
        if time.monotonic() > until or is_another_waiting(name):
            return True
    return False


class NowAndThen:
    """For the watcher, which looks several times a second: sometimes is enough."""

    def __init__(
        self,
        *,
        between: timedelta,
        is_due: Callable[[datetime], bool],
        wake: Callable[[], object],
    ) -> None:
        self._between, self._is_due, self._wake = between, is_due, wake
        self._next: datetime | None = None

    def look(self, now: datetime) -> datetime | None:
        # When the clock was put back, nobody waits until it is there again.
        if self._next is None or not self._next - self._between <= now < self._next:
            self._next = now + self._between
            if self._is_due(now):
                self._wake()
        return None
