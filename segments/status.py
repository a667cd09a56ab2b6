"""Is everything caught up, and is anybody at work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from segmentflow import __version__
from segmentflow.wakeups import is_cluster_working, last_begun_at
from segments.engine.status import status

SILENT = timedelta(seconds=10)
"""The cluster is asked for a sign of life every two seconds (segments/engine/watch.py)."""


def current_status(*, now: datetime) -> dict[str, Any]:
    engine = status(now=now)
    return {
        "pending_contacts": engine.pending_contacts,
        "oldest_pending_ms": engine.oldest_pending_ms,
        "overdue_deadlines": engine.overdue_deadlines,
        "workers": settings.Q_CLUSTER["workers"] if _is_alive(now) else 0,
        "version": __version__,
    }


def _is_alive(now: datetime) -> bool:
    begun_at = last_begun_at()
    return bool(begun_at and now - begun_at < SILENT) or is_cluster_working()
