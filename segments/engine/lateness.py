"""Whether something waits longer than it should, for those who would do it if nobody else does."""

from __future__ import annotations

from datetime import datetime, timedelta

from segments.engine.deadlines import next_due_at
from segments.engine.pending import oldest_pending_at

FORGOTTEN = timedelta(seconds=0.25)
"""A pending mark this old has lost its wake-up, or finds no worker."""


def is_late(*, now: datetime) -> bool:
    """Whether a change or a deadline has waited so long."""
    oldest_at, due_at = oldest_pending_at(), next_due_at()
    return any(at is not None and at <= now - FORGOTTEN for at in (oldest_at, due_at))
