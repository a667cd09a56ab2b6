"""What django-q runs for the log: forgetting what is kept no longer."""

from __future__ import annotations

from segmentflow.audit.keeping import FORGET, advance_forgetting, wake_forgetting
from segmentflow.turns import do_bites
from segmentflow.wakeups import at_work


def forget() -> None:
    """Some bites; then others get their turn."""
    with at_work(FORGET):
        is_more = do_bites(FORGET, lambda now: advance_forgetting(now=now))
    if is_more:
        wake_forgetting()
