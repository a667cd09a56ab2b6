"""For how long something is kept: months back from today, at the workspace's midnight."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

MOST_MONTHS: Final = 240


def kept_from(months: int, *, now: datetime, zone: ZoneInfo) -> datetime:
    """What happened before this is kept no longer: the midnight so many months ago.

    "The last n months" of a condition never begin before it (segments/conditions/reach.py).
    """
    today = now.astimezone(zone).date()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return datetime.combine(date(year, month + 1, min(today.day, last)), time.min, tzinfo=zone)
