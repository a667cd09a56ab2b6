"""How often something was done (docs/conditions.md, section 3): read no further than the answer needs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR

from segments.conditions.nodes import (
    After,
    Before,
    Between,
    EventCondition,
    Ever,
    FieldValue,
    InPeriod,
    Last,
    Window,
)
from segments.conditions.sql.events import (
    TIME,
    Bound,
    bound_sql,
    bounds_of,
    event_rows,
    is_own,
    status_of,
)
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, TRUE, Fragment, all_of, negated
from segments.conditions.sql.moments import Moment
from segments.conditions.sql.where import SplitWhere, split_where
from segments.conditions.sql.windows import WindowSql, window_sql

LACKING = "<lacking>"
MOST = 2_000_000_000
"""More events than any contact has: larger thresholds compare the same."""


@dataclass(frozen=True, slots=True)
class _Threshold:
    """A count to reach: a number, or SQL for an integer that is NULL when missing."""

    constant: int | None
    sql: str


@dataclass(frozen=True, slots=True)
class _Events:
    """One contact's events that may count."""

    inner: Moment
    event_type: EventTypeFacts
    window: WindowSql
    where: SplitWhere

    @property
    def rows(self) -> str:
        """FROM and WHERE; to be asked for after everything that needs joins."""
        rows = event_rows(self.inner, self.event_type)
        return f"{rows}{self.window.bounds}{self.where.fixed_sql}"


@dataclass(frozen=True, slots=True)
class _Counted:
    """One row with `n`, and what tells until when it stays on its side of a threshold."""

    row: str
    going: str
    """An array, ascending: when those that count cease to."""
    coming: str
    """SQL for the instant at which so many more count as stand for LACKING."""


def count_condition(
    moment: Moment, condition: EventCondition, event_type: EventTypeFacts
) -> Fragment:
    low, high = bounds_of(condition)
    reached, passed = _threshold(moment, low, "ceil", 0), _threshold(moment, high, "floor", 1)
    inner = moment.inside()
    events = _Events(
        inner,
        event_type,
        window_sql(inner, condition.window, TIME),
        split_where(inner, condition.where),
    )
    if is_own(low) or moment.shows_actual or not _are_in_order(events, condition.window):
        counted = _all(moment, events)
    else:
        enough = max(reached.constant or 0, passed.constant or 0)
        counted = _newest(moment, events, enough)
    at_least, above = _reaching(counted, reached), _reaching(counted, passed)
    present = [Fragment(f"({bound_sql(moment, low)} IS NOT NULL)")] if is_own(low) else []
    same = all_of([*present, at_least, negated(above)])
    compared = {
        "at_least": at_least,
        "greater_than": above,
        "less_than": all_of([*present, negated(at_least)]),
        "at_most": all_of([*present, negated(above)]),
        "equals": same,
        "between": same,
        "not_equals": negated(same),
    }[condition.operator]
    return Fragment(compared.truth, compared.until, f"{counted.row}.n::text")


def _all(moment: Moment, events: _Events) -> _Counted:
    """Every event with its status: the answer lasts until enough single ones have changed."""
    counts = status_of(events.inner, [events.window.inside, *events.where.moving])
    row = moment.joins.add(f"""
        SELECT count(*) FILTER (WHERE counts) AS n,
            array_agg(until ORDER BY until) FILTER (WHERE counts AND until < 'infinity') AS going,
            array_agg(until ORDER BY until) FILTER (WHERE NOT counts AND until < 'infinity') AS coming
        FROM (
            SELECT {counts.truth} AS counts, {counts.until_or_never} AS until
            {events.rows}
        ) s""")
    return _Counted(row, f"{row}.going", f"{row}.coming[{LACKING}]")


def _are_in_order(events: _Events, window: Window) -> bool:
    """Whether of two events that have happened the later one counts no shorter, and whether all
    that may still come to count lies in the future."""
    if events.where.moving:
        return False
    match window:
        case Ever() | After() | Before() | Between():
            return True
        case Last(duration):
            # A boundary that goes back, with the clock or at the end of a month, brings some back.
            return not events.inner.ago(duration).returns
        case InPeriod(period):
            return period.key == "today" or period.key.startswith("this_")
        case _:
            return False


def _newest(moment: Moment, events: _Events, enough: int) -> _Counted:
    """The newest that count, no more than are compared with: who did a lot is seen as quickly as
    anybody else."""
    inside = events.inner.joins.settled(events.window.inside)
    row = moment.joins.add(f"""
        SELECT count(*) AS n, array_agg(until ORDER BY until) FILTER (WHERE until < 'infinity') AS going
        FROM (
            SELECT {inside.until_or_never} AS until
            {events.rows} AND {TIME} <= {moment.now_sql} AND {inside.truth}
            ORDER BY {TIME} DESC
            LIMIT {max(enough, 1):d}
        ) s""")
    future = f"{events.rows} AND {TIME} > {moment.now_sql}"
    coming = f"(SELECT {TIME} {future} ORDER BY {TIME} OFFSET {LACKING} - 1 LIMIT 1)"
    return _Counted(row, f"{row}.going", coming)


def _threshold(moment: Moment, bound: Bound, rounding: str, plus: int) -> _Threshold:
    if isinstance(bound, FieldValue):
        own = bound_sql(moment, bound)
        reached = f"LEAST(GREATEST({rounding}({own}) + {plus}, 0), {MOST})::int"
        # LEAST and GREATEST pass over NULL, and a missing value must stay missing.
        return _Threshold(None, f"(CASE WHEN {own} IS NOT NULL THEN {reached} END)")
    mode = ROUND_CEILING if rounding == "ceil" else ROUND_FLOOR
    if abs(bound) > MOST:
        constant = MOST if bound > 0 else 0
    else:
        constant = int(bound.to_integral_value(mode)) + plus
    return _Threshold(constant, str(constant))


def _reaching(counted: _Counted, threshold: _Threshold) -> Fragment:
    """n >= threshold.

    True for as long as n - threshold events more can go: until the next one has gone.
    False until as many have come as are lacking.
    """
    k, wanted, n = threshold.constant, threshold.sql, f"{counted.row}.n"
    if k is not None and k <= 0:
        return TRUE
    is_always = f"{wanted} <= 0 OR ({wanted}) IS NULL" if k is None else "false"
    until = (
        f"CASE WHEN {is_always} THEN {INFINITY}"
        f" WHEN {n} >= {wanted} THEN {counted.going}[{n} - {wanted} + 1]"
        f" ELSE {counted.coming.replace(LACKING, f'({wanted} - {n})')} END"
    )
    truth = f"({n} >= {wanted})" if k is not None else f"(({n} >= {wanted}) IS TRUE)"
    return Fragment(truth, f"COALESCE({until}, {INFINITY})")
