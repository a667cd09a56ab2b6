"""What django-q runs for webhooks: sending, a few seconds at a time, and less when others wait."""

from __future__ import annotations

from datetime import datetime

from outbound.webhooks.addressing import allowed_here
from outbound.webhooks.looking import next_at
from outbound.webhooks.posting import Poster
from outbound.webhooks.running import deliver
from outbound.webhooks.tidying import advance_tidying
from outbound.webhooks.wakes import SEND, TIDY, wake, wake_tidying
from segmentflow.clock import current_time
from segmentflow.turns import Turn, do_bites
from segmentflow.wakeups import at_work


class RealClock:
    """Time as it passes."""

    def now(self) -> datetime:
        return current_time()


def send() -> None:
    """What is due; what is left after a while is asked for again."""
    with at_work(SEND):
        made = deliver(clock=RealClock(), post=Poster(allowed_here()), goes_on=Turn(SEND).goes_on)
    # Who did nothing now would do nothing again: somebody else is at it, and the watcher asks.
    now = current_time()
    if made and (at := next_at(now)) is not None and at <= now:
        wake()


def tidy() -> None:
    """Some bites of what was kept for long enough; then others get their turn."""
    with at_work(TIDY):
        is_more = do_bites(TIDY, lambda now: advance_tidying(now=now))
    if is_more:
        wake_tidying()
