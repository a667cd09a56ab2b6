"""The only place that reads the clock. Everything below a view, task or command gets `now` passed in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def current_time() -> datetime:
    return timezone.now()


def workspace_zone() -> ZoneInfo:
    """The time zone of all calendar arithmetic (setting TIME_ZONE)."""
    return ZoneInfo(settings.TIME_ZONE)
