"""Is everything caught up, and is anybody at work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from segmentflow import __version__
from segmentflow.room import is_full
from segmentflow.wakeups import is_cluster_working, seconds_since_begun
from segments.engine.status import status

SILENT_SECONDS = 10
"""The cluster is asked for a sign of life every two seconds (segments/engine/watch.py)."""


def current_status(*, now: datetime) -> dict[str, Any]:
    engine = status(now=now)
    return {
        "pending_contacts": engine.pending_contacts,
        "oldest_pending_ms": engine.oldest_pending_ms,
        "overdue_deadlines": engine.overdue_deadlines,
        "workers": settings.Q_CLUSTER["workers"] if _is_alive() else 0,
        "is_disk_full": is_full(),
        "version": __version__,
    }


def _is_alive() -> bool:
    since = seconds_since_begun()
    return (since is not None and since < SILENT_SECONDS) or is_cluster_working()
