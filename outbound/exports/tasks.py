"""What django-q runs for exports: one file, then whoever waits gets a turn."""

from __future__ import annotations

from outbound.exports.looking import next_at
from outbound.exports.planning import follow_zone, plan_due
from outbound.exports.running import run_one
from outbound.exports.wakes import EXPORT, wake
from segmentflow.clock import current_time
from segmentflow.wakeups import at_work


def export_members() -> None:
    with at_work(EXPORT):
        now = current_time()
        follow_zone(now=now)
        plan_due(now=now)
        has_run = run_one(clock=current_time)
    now = current_time()
    # Who did nothing now would do nothing again: no worker may be taken, and the watcher asks.
    if has_run and (at := next_at(now)) is not None and at <= now:
        wake()
