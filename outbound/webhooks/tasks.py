"""What django-q runs for webhooks: sending, a few seconds at a time, and less when others wait."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from outbound.webhooks.addressing import allowed_here
from outbound.webhooks.looking import next_at
from outbound.webhooks.posting import Poster
from outbound.webhooks.running import deliver
from outbound.webhooks.tidying import advance_tidying
from outbound.webhooks.wakes import SEND, TIDY, wake, wake_tidying
from segmentflow.clock import current_time
from segmentflow.wakeups import at_work, is_another_waiting

SECONDS: Final = 3.0
"""After so long a task ends and asks for the next, behind whatever waits by then."""
LEAST_SECONDS: Final = 0.3
LOOK_SECONDS: Final = 0.2
TIDY_SECONDS: Final = 1.0


class RealClock:
    """Time as it passes."""

    def now(self) -> datetime:
        return current_time()


class Turn:
    """While it is ours: until the time is over, or somebody waits for a worker."""

    def __init__(self) -> None:
        begun = time.monotonic()
        self._until = begun + SECONDS
        self._look_at = begun + LEAST_SECONDS

    def goes_on(self) -> bool:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            if is_another_waiting(SEND):
                self._until = now
        return now < self._until


def send() -> None:
    """What is due; what is left after a while is asked for again."""
    with at_work(SEND):
        made = deliver(clock=RealClock(), post=Poster(allowed_here()), goes_on=Turn().goes_on)
    # Who did nothing now would do nothing again: somebody else is at it, and the watcher asks.
    if made and (at := next_at()) is not None and at <= current_time():
        wake()


def tidy() -> None:
    """Some bites of what was kept for long enough; then others get their turn."""
    with at_work(TIDY):
        until = time.monotonic() + TIDY_SECONDS
        while advance_tidying(now=current_time()):
            if time.monotonic() > until or is_another_waiting(TIDY):
                break
        else:
            return
    wake_tidying()
