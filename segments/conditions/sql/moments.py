"""Comparisons of a time or a day with a boundary that moves with the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from segments.conditions import calendar
from segments.conditions.moving import (
    Moving,
    fixed_day,
    moving_day,
    moving_instant,
)
from segments.conditions.nodes import Duration
from segments.conditions.sql.fragment import INFINITY, Binder, Fragment, Joins, all_of, negated

TICK = "interval '1 microsecond'"
ALWAYS = "true"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a statement is evaluated, and where its parameters and its joins go."""

    now: datetime
    zone: ZoneInfo
    binder: Binder
    joins: Joins
    shows_actual: bool
    """Whether people are told what each contact has, so that it must be known to the end."""
    needed: str = ALWAYS
    """SQL over the contact and earlier joins. Where it is false, nobody reads the answer, so no
    event is looked for."""

    @classmethod
    def begin(
        cls, now: datetime, zone: ZoneInfo, *, shows_actual: bool, is_spread: bool = False
    ) -> Moment:
        binder = Binder(now, zone)
        return cls(now, zone, binder, Joins(binder, is_spread=is_spread), shows_actual)

    def inside(self) -> Moment:
        """The same instant, for a query inside of this one."""
        return replace(self, joins=self.joins.inside())

    def only_if(self, needed: str) -> Moment:
        """The same instant and joins, for a condition whose answer may not be needed."""
        return replace(self, needed=needed)

    @property
    def today(self) -> date:
        today = self.binder.steady.today = calendar.local_day(self.now, self.zone)
        return today

    @property
    def now_sql(self) -> str:
        return self.binder.now()

    @property
    def today_sql(self) -> str:
        return self.binder.add_once(self.today, "date")

    @property
    def zone_sql(self) -> str:
        return self.binder.add_once(self.zone.key, "text")

    def first_instant(self, day: str) -> str:
        """SQL for the first instant of a local day given as SQL."""
        return f"first_instant({day}, {self.zone_sql})"

    def instant(self, value: date | datetime) -> datetime:
        """An instant as it is; a plain date is its first local instant."""
        if isinstance(value, datetime):
            return value
        return calendar.first_instant(value, self.zone)

    def ago(self, duration: Duration) -> Moving[datetime]:
        return self._moving(duration, -1)

    def ahead(self, duration: Duration) -> Moving[datetime]:
        return self._moving(duration, 1)

    def _moving(self, duration: Duration, sign: int) -> Moving[datetime]:
        boundary = moving_instant(self.now, duration, sign, self.zone)
        self.binder.steady.end(boundary.steady_until)
        return boundary


def since(moment: Moment, boundary: Moving[datetime], time: str) -> Fragment:
    """boundary <= time"""
    bind = moment.binder.add
    truth = f"({time} >= {moment.binder.add_moving(boundary.value)})"
    if boundary.horizon is None:
        passed = f"{time} + {bind(boundary.shifts[0], 'interval')} + {TICK}"
    else:
        casts = ("timestamptz", "interval")
        passed = _first_pass(moment, boundary, time, casts=casts, tick=TICK)
    return Fragment(truth, _flip(bind, boundary, truth, time, passed, "timestamptz"))


def until_boundary(moment: Moment, boundary: Moving[datetime], time: str) -> Fragment:
    """time <= boundary"""
    return negated(since(moment, boundary, f"({time} - {TICK})"))


def exists(moment: Moment, time: str) -> Fragment:
    """time <= now: an event of the future does not exist yet."""
    now = moment.now_sql
    return Fragment(
        f"({time} <= {now})", f"CASE WHEN {time} <= {now} THEN {INFINITY} ELSE {time} END"
    )


def day_since(moment: Moment, boundary: Moving[date], day: str) -> Fragment:
    """boundary <= day, for plain days; changes at a local midnight."""
    bind = moment.binder.add
    truth = f"({day} >= {bind(boundary.value, 'date')})"
    if boundary.horizon is None:
        passed = f"{day} + {bind(boundary.shifts[0].days, 'int')} + 1"
    else:
        passed = _first_pass(moment, boundary, day, casts=("date", "int"), tick="1")
    flip = _flip(bind, boundary, truth, day, passed, "date")
    return Fragment(truth, _midnight(moment, flip))


def day_until_boundary(moment: Moment, boundary: Moving[date], day: str) -> Fragment:
    """day <= boundary, for plain days."""
    return negated(day_since(moment, boundary, f"({day} - 1)"))


def _midnight(moment: Moment, day: str) -> str:
    """The first instant of a day that may be 'infinity'."""
    return (
        f"(SELECT CASE WHEN d.day = 'infinity' THEN {INFINITY}"
        f" ELSE {moment.first_instant('d.day')} END FROM (SELECT {day} AS day{moment.joins.source}) d)"
    )


def _first_pass(
    moment: Moment,
    boundary: Moving[datetime] | Moving[date],
    value: str,
    *,
    casts: tuple[str, str],
    tick: str,
) -> str:
    """When the boundary gets above the value; see `Moving`."""
    bind = moment.binder.add
    cast, shift_cast = casts
    shifts = [s.days for s in boundary.shifts] if cast == "date" else list(boundary.shifts)
    piece = f"width_bucket({value}, {bind(list(boundary.passes), cast + '[]')}) + 1"
    return (
        f"(SELECT COALESCE(GREATEST(({bind(list(boundary.starts), cast + '[]')})[w.piece],"
        f" {value} + ({bind(shifts, shift_cast + '[]')})[w.piece] + {tick}),"
        f" {bind(boundary.horizon, cast)}) FROM (SELECT {piece} AS piece{moment.joins.source}) w)"
    )


def _flip(
    bind: Callable[[object, str], str],
    boundary: Moving[datetime] | Moving[date],
    truth: str,
    value: str,
    passed: str,
    cast: str,
) -> str:
    back = _returns(bind, boundary, value, cast)
    return f"CASE WHEN {truth} THEN {passed}{back} ELSE 'infinity'::{cast} END"


def _returns(
    bind: Callable[[object, str], str],
    boundary: Moving[datetime] | Moving[date],
    value: str,
    cast: str,
) -> str:
    return "".join(
        f" WHEN {value} >= {bind(reached, cast)} THEN {bind(start, cast)}"
        for reached, start in boundary.returns
    )


def returning(moment: Moment, boundary: Moving[datetime], time: str) -> str:
    """SQL for when a boundary that has passed a time, and that goes back, gets below it again."""
    back = _returns(moment.binder.add, boundary, time, "timestamptz")
    return f"CASE{back} ELSE {INFINITY} END"


def in_days(moment: Moment, first: str, after: str) -> Fragment:
    """first <= today < after, for days given as SQL that time does not move."""
    today = moment.today_sql
    truth = f"({first} <= {today} AND {today} < {after})"
    until = (
        f"CASE WHEN {today} < {first} THEN {moment.first_instant(first)}"
        f" WHEN {today} < {after} THEN {moment.first_instant(after)} ELSE {INFINITY} END"
    )
    return Fragment(truth, until)


_PERIOD_SHIFT = {"last": 1, "this": 0, "next": -1}
_PERIOD_STEP = {"week": "7 days", "month": "1 month", "quarter": "3 months", "year": "1 year"}


def in_period(moment: Moment, key: str, day: str) -> Fragment:
    """Whether a local day lies in a calendar period seen from today (2.4).

    Turned round: today lies in the period during which that day counts.
    """
    single = {"today": 0, "yesterday": 1, "tomorrow": -1}
    if key in single:
        first = moment.joins.once(f"({day} + {single[key]})")
        return in_days(moment, first, f"({first} + 1)")
    side, unit = key.split("_")
    step = f"interval '{_PERIOD_STEP[unit]}'"
    start = f"date_trunc('{unit}', {day}::timestamp)"
    first = moment.joins.once(f"({start} + {_PERIOD_SHIFT[side]} * {step})::date")
    return in_days(moment, first, f"({first} + {step})::date")


def _both(moment: Moment, one: Fragment, other: Fragment) -> Fragment:
    return all_of([moment.joins.settled(one), moment.joins.settled(other)])


def in_last(moment: Moment, duration: Duration, time: str) -> Fragment:
    return _both(moment, since(moment, moment.ago(duration), time), exists(moment, time))


def in_next(moment: Moment, duration: Duration, time: str) -> Fragment:
    later = negated(exists(moment, time))
    return _both(moment, later, until_boundary(moment, moment.ahead(duration), time))


def more_than_ago(moment: Moment, duration: Duration, time: str) -> Fragment:
    return negated(since(moment, moment.ago(duration), time))


def more_than_ahead(moment: Moment, duration: Duration, time: str) -> Fragment:
    return negated(until_boundary(moment, moment.ahead(duration), time))


def day_in_last(moment: Moment, duration: Duration, day: str) -> Fragment:
    boundary = moving_day(moment.today, duration, -1)
    not_later = day_until_boundary(moment, fixed_day(moment.today), day)
    return _both(moment, day_since(moment, boundary, day), not_later)


def day_in_next(moment: Moment, duration: Duration, day: str) -> Fragment:
    boundary = moving_day(moment.today, duration, 1)
    from_today = day_since(moment, fixed_day(moment.today), day)
    return _both(moment, from_today, day_until_boundary(moment, boundary, day))


def day_more_than_ago(moment: Moment, duration: Duration, day: str) -> Fragment:
    return negated(day_since(moment, moving_day(moment.today, duration, -1), day))


def day_more_than_ahead(moment: Moment, duration: Duration, day: str) -> Fragment:
    return negated(day_until_boundary(moment, moving_day(moment.today, duration, 1), day))


def anniversary_in_next(moment: Moment, days: int, day: str) -> Fragment:
    """Whether the next anniversary of a day is at most so many days away (2.3)."""
    today = moment.today_sql
    year = f"extract(year FROM {today})::int"
    # Adding whole years to 29 February gives 28 February where there is no 29th.
    this_year = f"({day} + make_interval(years => {year} - extract(year FROM {day})::int))::date"
    next_year = (
        f"({day} + make_interval(years => {year} + 1 - extract(year FROM {day})::int))::date"
    )
    this_year = moment.joins.once(this_year)
    coming = moment.joins.once(
        f"CASE WHEN {this_year} >= {today} THEN {this_year} ELSE {next_year} END"
    )
    distance = moment.binder.add(days, "int")
    truth = f"({coming} - {today} <= {distance})"
    flip = f"CASE WHEN {truth} THEN {coming} + 1 ELSE {coming} - {distance} END"
    return Fragment(truth, _midnight(moment, flip))
