"""Catching up completely: used by tests, after restores, and by `manage.py settle`."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from segments.engine.deadlines import next_due_at, note_met
from segments.engine.lane import run_rebuilds
from segments.engine.pending import newest_mark
from segments.engine.refresh import follow_pending
from segments.engine.turning import note_time
from segments.models import Rebuild

PATIENCE_SECONDS = 0.01


def settle(*, now: datetime) -> None:
    """Deal with every rebuild, every pending mark and every deadline due at `now`."""
    note_time(now=now, tolerance=timedelta())
    catch_up(now=now)


def catch_up(*, now: datetime) -> None:
    """The same, also at an instant that has long passed, without a word to the engine's clock.

    For those who know that nothing stored has been evaluated later.
    """
    while not _is_settled(now=now):
        if not run_rebuilds(now=now) + follow_pending(now=now):
            time.sleep(PATIENCE_SECONDS)  # somebody else is at it


def _is_settled(*, now: datetime) -> bool:
    note_met(now=now)  # which may be earlier than what a watcher has noted
    due_at = next_due_at()
    return (
        newest_mark() is None
        and (due_at is None or due_at > now)
        and not Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists()
    )
