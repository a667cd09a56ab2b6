"""What django-q runs for campaigns: sending, a few seconds at a time, and less when others wait."""

from __future__ import annotations

import time
from datetime import datetime

from campaigns.delivery.looking import next_at
from campaigns.delivery.real import real_outside
from campaigns.delivery.running import deliver as deliver_due
from campaigns.tidying import advance_tidying
from campaigns.wakes import DELIVER, TIDY, wake, wake_tidying
from segmentflow.clock import current_time
from segmentflow.turns import Turn, do_bites
from segmentflow.wakeups import at_work


class RealClock:
    """Time as it passes."""

    def now(self) -> datetime:
        return current_time()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def deliver() -> None:
    """Messages that are due; what is left after a while is asked for again."""
    with at_work(DELIVER):
        handed = deliver_due(
            clock=RealClock(), outside=real_outside(), goes_on=Turn(DELIVER).goes_on
        )
    now = current_time()
    # Who did nothing now would do nothing again: somebody else is at it, and the watcher asks.
    if handed and (at := next_at(now)) is not None and at <= now:
        wake()


def tidy() -> None:
    """Some bites of what the outbox has kept for long enough; then others get their turn."""
    with at_work(TIDY):
        is_more = do_bites(TIDY, lambda now: advance_tidying(now=now))
    if is_more:
        wake_tidying()
