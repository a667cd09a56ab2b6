"""The only place that reads the clock and knows the time zone. Everything below a view, task or
command gets `now` passed in."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_read: tuple[float, str] | None = None
"""When this process last read the stored zone, and what it was."""


def current_time() -> datetime:
    return timezone.now()


def workspace_zone() -> ZoneInfo:
    """The time zone of all calendar arithmetic: the one admins chose, else the environment's.

    Up to ZONE_KEPT_SECONDS old; segments/zone.py has everything computed anew once every
    process has noticed a change.
    """
    return ZoneInfo(_chosen() or settings.TIME_ZONE)


def forget_zone() -> None:
    """Read the stored zone again when it is next asked for."""
    global _read
    _read = None


def _chosen() -> str:
    global _read
    if settings.ZONE_KEPT_SECONDS is None:  # tests that need no database
        return ""
    if _read is None or time.monotonic() - _read[0] > settings.ZONE_KEPT_SECONDS:
        from segmentflow.workspace import current_workspace

        _read = (time.monotonic(), current_workspace().time_zone)
    return _read[1]
