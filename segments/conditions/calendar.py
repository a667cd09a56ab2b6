"""Calendar arithmetic in the workspace time zone: shifts, local days, periods (docs/conditions.md 2.2 to 2.4)."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from segments.conditions.nodes import Duration, Unit

EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
_FIXED = {Unit.MINUTE: timedelta(minutes=1), Unit.HOUR: timedelta(hours=1)}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a local time; skipped and repeated ones are read in standard time.

    Standard time is the smaller of the two offsets, which is what PostgreSQL takes too.
    """
    readings = (wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1))
    offsets = [reading.utcoffset() or timedelta() for reading in readings]
    try:
        return (wall - min(offsets)).replace(tzinfo=UTC)
    except OverflowError:
        return EARLIEST if wall.year == 1 else LATEST


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock at an instant, naive."""
    return instant.astimezone(zone).replace(tzinfo=None)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, also where the clock changes at midnight."""
    midnight = instant_of(datetime.combine(day, time()), zone)
    if not EARLIEST < midnight < LATEST:
        return midnight
    earlier = midnight - timedelta(hours=1)
    return earlier if local_day(earlier, zone) == day else midnight


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a local day; the last one there is, for the last day there is."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return first_instant(day + timedelta(days=1), zone)


def shift_day(day: date, duration: Duration, sign: int) -> date:
    """The day that many calendar units later (sign 1) or earlier (-1), clamped to the month's end.

    Days outside years 1 to 9999 are answered with the nearest one inside.
    """
    try:
        if duration.unit in _DAYS:
            return day + timedelta(days=sign * duration.amount * _DAYS[duration.unit])
        months = day.year * 12 + day.month - 1 + sign * duration.amount * _MONTHS[duration.unit]
        year, month = divmod(months, 12)
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))
    except (OverflowError, ValueError):
        return date.min if sign < 0 else date.max


def shift(instant: datetime, duration: Duration, sign: int, zone: ZoneInfo) -> datetime:
    """The instant one duration later (sign 1) or earlier (-1).

    Minutes and hours have a fixed length; the other units keep the wall clock.
    """
    try:
        if duration.unit.is_fixed:
            shifted = instant + sign * duration.amount * _FIXED[duration.unit]
        else:
            wall = local_time(instant, zone)
            day = shift_day(wall.date(), duration, sign)
            shifted = instant_of(datetime.combine(day, wall.time()), zone)
    except OverflowError:
        return EARLIEST if sign < 0 else LATEST
    return min(max(shifted, EARLIEST), LATEST)


def period_days(key: str, today: date) -> tuple[date, date]:
    """First day and the day after the last one of a calendar period seen from `today`."""
    steps = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if key in steps:
        start = today + timedelta(days=steps[key])
        return start, start + timedelta(days=1)
    side, unit = key.split("_")
    offset = {"last": -1, "this": 0, "next": 1}[side]
    return _unit_days(unit, today, offset)


def _unit_days(unit: str, today: date, offset: int) -> tuple[date, date]:
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        return monday, monday + timedelta(weeks=1)
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = (today.year * 12 + today.month - 1) // length + offset
    return _month_start(index * length), _month_start((index + 1) * length)


def _month_start(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


@lru_cache(maxsize=4096)
def transitions(zone: ZoneInfo, year: int) -> tuple[tuple[datetime, timedelta, timedelta], ...]:
    """The changes of a zone's offset in one year: (instant, offset before, offset from then on)."""
    found = []
    day = datetime(year, 1, 1, tzinfo=UTC)
    before = _offset(day, zone)
    for _ in range(366):
        following = day + timedelta(days=1)
        after = _offset(following, zone)
        if after != before:
            found.append((_first_with_offset(after, day, following, zone), before, after))
        day, before = following, after
    return tuple(found)


def _first_with_offset(
    offset: timedelta, before: datetime, after: datetime, zone: ZoneInfo
) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if _offset(middle, zone) == offset:
            after = middle
        else:
            before = middle
    return after


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()
