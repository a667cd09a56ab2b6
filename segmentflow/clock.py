"""The only place that reads the clock and knows the time zone. Everything below a view, task or
command gets `now` passed in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone


def current_time() -> datetime:
    return timezone.now()


def workspace_zone() -> ZoneInfo:
    """The time zone of all calendar arithmetic: the one admins chose, else the environment's.

    Read anew each time, because an evaluation in a zone that no longer holds would leave
    wrong members behind (segments/zone.py). Ask once in a transaction and pass it on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT time_zone FROM segmentflow_workspace")
        row = cursor.fetchone()
    return ZoneInfo((row and row[0]) or settings.TIME_ZONE)
