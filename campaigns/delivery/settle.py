"""Sending everything that is due: for tests, and after time was made to pass."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from campaigns.delivery.looking import look
from campaigns.delivery.outside import Outside
from campaigns.delivery.real import real_outside
from campaigns.delivery.running import deliver

PATIENCE_SECONDS: Final = 0.01
MOST_SECONDS: Final = 60.0


class StandingClock:
    """Stands still, and passes only while somebody waits."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def wait(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def deliver_all(*, now: datetime, outside: Outside | None = None) -> int:
    """Until nothing is due at `now`, as far as one is let; answers how many were handed over.

    A throttle only makes the clock of this call pass.
    """
    clock, handed = StandingClock(now), 0
    needed = outside or real_outside()
    until = time.monotonic() + MOST_SECONDS
    while any(one.at <= clock.now() for one in look(clock.now())):
        begun = handed
        handed += deliver(clock=clock, outside=needed, goes_on=lambda: True)
        if time.monotonic() > until:
            raise TimeoutError("Something is due and is not done.")
        if handed == begun:
            time.sleep(PATIENCE_SECONDS)  # somebody else is at it
    return handed
