"""When an export is due next, on the clock of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.delivery.times import local_instant
from outbound.exports.models import Export

WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Times:
    """How often, and at what time of the day; of an hourly one, the minute alone counts."""

    schedule: str
    at: time
    weekdays: Sequence[int] = ()


def next_time(times: Times, *, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first one behind an instant; None: never by itself.

    A time that clocks skip is when they are put forward, and one that they show twice is the first.
    """
    match times.schedule:
        case Export.Schedule.HOURLY:
            return _next_minute(times.at.minute, after, zone)
        case Export.Schedule.DAILY:
            return _next_day(times.at, range(1, 8), after, zone)
        case Export.Schedule.WEEKLY if times.weekdays:
            return _next_day(times.at, times.weekdays, after, zone)
        case _:
            return None


def _next_minute(minute: int, after: datetime, zone: ZoneInfo) -> datetime:
    """Each hour that passes has one, also where clocks are put back."""
    at = after.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
    # A second time only where the clocks change by half an hour.
    while wait := (minute - at.astimezone(zone).minute) % 60:
        at += wait * MINUTE
    return at


def _next_day(at: time, weekdays: Sequence[int], after: datetime, zone: ZoneInfo) -> datetime:
    day = after.astimezone(zone).date() - DAY
    while True:
        instant = local_instant(datetime.combine(day, at), zone)
        if instant > after and day.isoweekday() in weekdays:
            return instant
        day += DAY


def in_words(times: Times) -> str:
    match times.schedule:
        case Export.Schedule.HOURLY:
            return f"Every hour at :{times.at:%M}"
        case Export.Schedule.DAILY:
            return f"Every day at {times.at:%H:%M}"
        case Export.Schedule.WEEKLY:
            days = [WEEKDAYS[number - 1] for number in sorted(times.weekdays)]
            return f"Every {_listed(days)} at {times.at:%H:%M}"
        case _:
            return "Only by hand"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def times_of(export: Export) -> Times:
    return Times(export.schedule, export.at, export.weekdays)
