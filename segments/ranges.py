"""Stretches of time that pages draw sizes over, and how finely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from segmentflow.tallies import oldest_of
from segments.history import ENTERED, Day, Hour, history, hourly, hours_between, weekly
from segments.models import Segment

MOST_DAYS: Final = 366
"""What is longer is drawn week by week."""


@dataclass(frozen=True, slots=True)
class Range:
    key: str
    label: str
    hours: int = 0
    days: int = 0
    """Without either: from the first time that anybody entered."""


RANGES: Final = (
    Range("24h", "24 hours", hours=24),
    Range("7d", "7 days", hours=7 * 24),
    Range("30d", "30 days", days=30),
    Range("90d", "90 days", days=90),
    Range("365d", "365 days", days=365),
    Range("all", "All"),
)
USUAL: Final = "30d"


@dataclass(frozen=True, slots=True)
class Point:
    """A row of a table that is drawn."""

    time: str
    """As programs read it."""
    label: str
    first: date
    last: date
    """The local days that it lies in."""
    entered: int
    left: int
    members: int


@dataclass(frozen=True, slots=True)
class Drawn:
    range: Range
    grain: str
    """hour, day or week"""
    points: list[Point]

    @property
    def by(self) -> str:
        return f"{self.grain.capitalize()} by {self.grain}"


def range_of(key: str) -> Range:
    found = {one.key: one for one in RANGES}
    return found.get(key, found[USUAL])


def first_day(range_: Range, segments: Sequence[Segment], *, now: datetime, zone: ZoneInfo) -> date:
    """The local day on which the range begins for all of them."""
    today = now.astimezone(zone).date()
    if range_.days:
        return today - timedelta(days=range_.days - 1)
    began = oldest_of(ENTERED, [segment.pk for segment in segments]).values()
    return min([at.astimezone(zone).date() for at in began] + [today])


def begin_of(range_: Range, segment: Segment, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the range begins."""
    if range_.hours:
        return hours_between(now - timedelta(hours=range_.hours - 1), now, zone=zone)[0]
    first = first_day(range_, [segment], now=now, zone=zone)
    return datetime.combine(first, time.min, tzinfo=zone)


def drawn(
    range_: Range, segments: Sequence[Segment], *, now: datetime, zone: ZoneInfo
) -> list[Drawn]:
    """For each segment the same points in time."""
    if range_.hours:
        starts = hours_between(now - timedelta(hours=range_.hours - 1), now, zone=zone)
        rows = (hourly(segment=segment, starts=starts) for segment in segments)
        return [Drawn(range_, "hour", [_hour(row, zone) for row in one]) for one in rows]
    first, last = first_day(range_, segments, now=now, zone=zone), now.astimezone(zone).date()
    days = [history(segment=segment, first=first, last=last) for segment in segments]
    if (last - first).days < MOST_DAYS:
        return [Drawn(range_, "day", [_days(row, row.day) for row in one]) for one in days]
    return [Drawn(range_, "week", _weeks(one, last)) for one in days]


def _hour(row: Hour, zone: ZoneInfo) -> Point:
    start = row.start.astimezone(zone)
    label = f"{start.day} {start:%b %Y, %H:%M}"
    day = start.date()
    return Point(start.isoformat(), label, day, day, row.entered, row.left, row.members)


def _days(row: Day, last: date) -> Point:
    label = f"{row.day.day} {row.day:%b %Y}"
    return Point(row.day.isoformat(), label, row.day, last, row.entered, row.left, row.members)


def _weeks(days: Sequence[Day], last: date) -> list[Point]:
    weeks = weekly(days)
    ends = [week.day - timedelta(days=1) for week in weeks[1:]]
    return [_days(week, end) for week, end in zip(weeks, [*ends, last], strict=True)]
