"""Boundaries that move with the clock, such as "90 days ago", and when they pass a given time.

A boundary is a function c(x) of the clock x. For a fixed length, or whole days in a zone
without clock changes, c(x) is x minus a constant. Month ends and clock changes make it
jump, and not always forward: one month before 28 March 23:00 is 28 February 23:00, one
month before 29 March 00:00 is 28 February 00:00. So c is kept as pieces on each of which
it is x minus a constant, up to a horizon. The same holds for days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from segments.conditions import calendar
from segments.conditions.nodes import Duration, Unit

T = TypeVar("T", date, datetime)

MICROSECOND = timedelta(microseconds=1)
SHORTEST_HORIZON = timedelta(days=70)
LONGEST_HORIZON = timedelta(days=430)
# Longer than any jump back of a boundary: three clamped days and a change of the clock.
LONGEST_JUMP = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Moving(Generic[T]):
    """A boundary c(x) at one `now`, and how it goes on from there.

    For a time t with c(now) <= t, the first x with c(x) > t lies in the first piece whose
    `passes` is above t, and is `max(starts[i], t + shifts[i] + one tick)`; in none: not
    before `horizon`. For a t below c(now), the first x with c(x) <= t is the first
    of `returns` whose value is at most t; in none: never.
    """

    value: T
    lowest: T
    """The smallest c(x) from now on: below it, nothing ever comes back."""
    starts: tuple[T, ...]
    shifts: tuple[timedelta, ...]
    """x - c(x) on each piece."""
    passes: tuple[T, ...]
    """Ascending."""
    horizon: T | None
    """None: the only piece goes on for ever."""
    returns: tuple[tuple[T, T], ...] = ()
    """(c(x), x), with x ascending and c(x) descending."""
    steady_until: T | None = None
    """At any x from now to before it c(x) is x minus the first of `shifts`, and all the rest of this
    holds; None: for ever."""


@lru_cache(maxsize=1_000)
def moving_instant(
    now: datetime, duration: Duration, sign: int, zone: ZoneInfo
) -> Moving[datetime]:
    """The boundary `now` plus (sign 1) or minus (-1) a duration."""
    value = calendar.shift(now, duration, sign, zone)
    if _at_the_end_of_time(value):
        return Moving(value, value, (now,), (now - value,), (), None, steady_until=now)
    if duration.unit.is_fixed:
        return Moving(value, value, (now,), (now - value,), (), None)
    horizon = now + _horizon(now - value)
    breaks = _breaks(now.date(), duration, sign, zone)
    starts = [now, *(b for b in breaks if now < b < horizon)]
    values = [calendar.shift(start, duration, sign, zone) for start in starts]
    # Months and years are irregular also where the next leap day lies beyond the horizon.
    irregular = duration.unit in (Unit.MONTH, Unit.YEAR) or changes(zone)
    return _pieces(starts, values, horizon if irregular else None, MICROSECOND)


@lru_cache(maxsize=1_000)
def moving_day(today: date, duration: Duration, sign: int) -> Moving[date]:
    """The boundary `today` plus or minus a duration, in days."""
    value = calendar.shift_day(today, duration, sign)
    if duration.unit in (Unit.DAY, Unit.WEEK) or _at_the_end_of_time(value):
        return Moving(value, value, (today,), (today - value,), (), None)
    horizon = today + _horizon(today - value)
    starts = [today, *(d for d in _month_edges(today, horizon) if today < d < horizon)]
    values = [calendar.shift_day(start, duration, sign) for start in starts]
    return _pieces(starts, values, horizon, timedelta(days=1))


def fixed_instant(now: datetime) -> Moving[datetime]:
    """The clock itself as a boundary: c(x) = x."""
    return Moving(now, now, (now,), (timedelta(),), (), None)


def fixed_day(today: date) -> Moving[date]:
    return Moving(today, today, (today,), (timedelta(),), (), None)


def _pieces(starts: list[T], values: list[T], horizon: T | None, tick: timedelta) -> Moving[T]:
    # Dates and datetimes subtract alike, which type variables cannot say.
    gaps: list[Any] = [_gap(start, value) for start, value in zip(starts, values, strict=True)]
    if horizon is None:
        return Moving(values[0], values[0], (starts[0],), (gaps[0],), (), None)
    ends: list[Any] = [*starts[1:], horizon]
    passes = [end - gap - tick for end, gap in zip(ends, gaps, strict=True)]
    returns: list[tuple[T, T]] = []
    lowest = values[0]
    for start, value in zip(starts[1:], values[1:], strict=True):
        if value < lowest:
            returns.append((value, start))
            lowest = value
    ascending = tuple(accumulate(passes, max))
    # What it comes back to later is among `returns` once it is below the boundary.
    steady_until: Any = min(
        [ends[0], *(value + gaps[0] for value in values[1:] if value >= values[0])]
    )
    return Moving(
        values[0],
        lowest,
        tuple(starts),
        tuple(gaps),
        ascending,
        horizon,
        tuple(returns),
        steady_until,
    )


def _gap(later: Any, earlier: Any) -> timedelta:
    gap: timedelta = later - earlier
    return gap


def _at_the_end_of_time(value: date) -> bool:
    """Where the calendar itself ends, a boundary need not follow its every jump."""
    return value.year < 5 or value.year > 9990


def _horizon(length: timedelta) -> timedelta:
    return min(max(abs(length) + LONGEST_JUMP, SHORTEST_HORIZON), LONGEST_HORIZON)


@lru_cache(maxsize=64)
def changes(zone: ZoneInfo) -> bool:
    """Whether the zone's clock has ever changed, as far as calendars of today go."""
    return any(calendar.transitions(zone, year) for year in range(1970, 2038))


@lru_cache(maxsize=1024)
def _breaks(day: date, duration: Duration, sign: int, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Every instant from `day` to the longest horizon at which the boundary may jump."""
    first = datetime.combine(day, time(), tzinfo=UTC) - timedelta(days=2)
    last = first + LONGEST_HORIZON + timedelta(days=4)
    found = set(_transitions_between(first, last, zone))
    if duration.unit in (Unit.MONTH, Unit.YEAR):
        days = _month_edges(first.date(), last.date())
        found.update(calendar.first_instant(edge, zone) for edge in days)
    margin = timedelta(days=5)
    reached = (
        calendar.shift(first, duration, sign, zone) - margin,
        calendar.shift(last, duration, sign, zone) + margin,
    )
    for change in _transitions_between(*reached, zone):
        found.update(_clocks_reaching(change, duration, sign, zone))
    return tuple(sorted(found))


def _transitions_between(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    return [
        instant
        for year in range(max(first.year, 2), min(last.year, 9998) + 1)
        for instant, _, _ in calendar.transitions(zone, year)
        if first <= instant <= last
    ]


def _clocks_reaching(
    change: datetime, duration: Duration, sign: int, zone: ZoneInfo
) -> set[datetime]:
    """The clock's instants whose boundary lies on a change of the zone's offset."""
    walls = {
        calendar.local_time(change, zone),
        calendar.local_time(change - MICROSECOND, zone) + MICROSECOND,
    }
    found = set()
    for wall in walls:
        back = calendar.shift_day(wall.date(), duration, -sign)
        # A boundary clamped to a month's end is reached from up to three later days.
        for extra in range(4):
            local = datetime.combine(back + timedelta(days=extra), wall.time())
            for fold in (0, 1):
                found.add(local.replace(tzinfo=zone, fold=fold).astimezone(UTC))
    return found


def _month_edges(first: date, last: date) -> list[date]:
    """The days on which the length of a month or its end changes a boundary's distance."""
    count = (last - first).days + 1
    days = (first + timedelta(days=n) for n in range(count))
    return [day for day in days if day.day in (1, 29, 30, 31)]
