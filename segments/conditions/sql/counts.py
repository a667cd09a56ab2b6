"""How often something was done (docs/conditions.md, section 3): read no further than the answer needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR

from segments.conditions.nodes import EventCondition, FieldValue, Window
from segments.conditions.sql.events import (
    TIME,
    Bound,
    Read,
    bound_sql,
    bounds_of,
    event_rows,
    is_own,
    past_and_later,
    status_of,
)
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, TRUE, Fragment, all_of, negated
from segments.conditions.sql.grouped import Passes
from segments.conditions.sql.moments import Moment
from segments.conditions.sql.ordered import InOrder, in_order, leaving, stays
from segments.conditions.sql.where import SplitWhere, split_where
from segments.conditions.sql.windows import WindowSql, window_sql

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
    span: Window
    window: WindowSql
    where: SplitWhere

    @property
    def rows(self) -> str:
        """FROM and WHERE; to be asked for after everything that needs joins."""
        rows = event_rows(self.inner, self.event_type)
        return f"{rows}{self.window.bounds}{self.where.fixed_sql}"


@dataclass(frozen=True, slots=True)
class _Counted:
    """A query of one row `s` with `n`, and what tells until when it stays on its side of a threshold."""

    query: str
    going: Callable[[str], str]
    """SQL for the instant at which fewer than so many count, where now at least as many do."""
    coming: Callable[[str], str]
    """SQL for the instant at which so many count, where now fewer do; both may be NULL: never."""


def count_condition(
    moment: Moment,
    condition: EventCondition,
    event_type: EventTypeFacts,
    passes: Passes | None = None,
) -> Fragment:
    """`passes`: for many contacts at once, where that is possible."""
    low, high = bounds_of(condition)
    reached, passed = _threshold(moment, low, "ceil", 0), _threshold(moment, high, "floor", 1)
    used = {"at_least": [reached], "less_than": [reached]}
    used |= {"greater_than": [passed], "at_most": [passed]}
    wanted = [one.constant for one in used.get(condition.operator, [reached, passed])]
    of_it = moment.inside()
    read = past_and_later(passes, condition, event_type) if passes is not None else None
    if passes is not None and read is not None:
        counted = _of_many(of_it, condition, passes, read, wanted)
    else:
        counted = _of_one(of_it, condition, event_type, wanted)
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
    if compared.is_static and not moment.shows_actual:
        return compared
    row = moment.joins.add(f"""
        SELECT {compared.truth} AS truth, {compared.until_or_never} AS until, s.n
        FROM ({counted.query}) s {of_it.joins.sql}
        OFFSET 0""")
    if compared.is_static:
        return Fragment(compared.truth, None, f"{row}.n::text")
    return Fragment(f"{row}.truth", f"{row}.until", f"{row}.n::text")


def _of_one(
    of_it: Moment,
    condition: EventCondition,
    event_type: EventTypeFacts,
    wanted: Sequence[int | None],
) -> _Counted:
    inner = of_it.inside()
    events = _Events(
        inner,
        event_type,
        condition.window,
        window_sql(inner, condition.window, TIME),
        split_where(inner, condition.where, event_type),
    )
    if None in wanted or of_it.shows_actual or events.where.moving:
        return _all(events)
    order = in_order(inner, condition.window, events.window, TIME)
    if order is None:
        return _all(events)
    return _newest(of_it, events, order, [one or 0 for one in wanted])


def _all(events: _Events) -> _Counted:
    """Every event with its status: the answer lasts until enough single ones have changed."""
    counts = status_of(events.inner, [events.window.inside, *events.where.moving])
    query = f"""
            SELECT count(*) FILTER (WHERE counts) AS n,
                array_agg(until ORDER BY until) FILTER (WHERE counts AND until < 'infinity') AS going,
                array_agg(until ORDER BY until) FILTER (WHERE NOT counts AND until < 'infinity') AS coming
            FROM (
                SELECT {counts.truth} AS counts, {counts.until_or_never} AS until
                {events.rows}
            ) e"""
    return _Counted(
        query,
        going=lambda wanted: f"s.going[s.n - {wanted} + 1]",
        coming=lambda wanted: f"s.coming[{wanted} - s.n]",
    )


def _newest(of_it: Moment, events: _Events, order: InOrder, wanted: Sequence[int]) -> _Counted:
    """The newest that count, no more than are compared with: who did a lot is seen as quickly as
    anybody else. They cease to count one after the other, the oldest first."""
    reached = {one for one in wanted if one > 0}
    is_one = len(reached) == 1
    if stays(events.span):
        column = ""
    else:
        column = ", min(t) AS t" if is_one else ", array_agg(t ORDER BY t DESC) AS t"
    query = f"""
            SELECT count(*) AS n{column}
            FROM (
                SELECT {TIME} AS t {events.rows} AND {order.has}
                ORDER BY {TIME} DESC
                LIMIT {max(reached, default=1):d}
            ) e"""
    later = f"{events.rows} AND {order.later}"

    def going(wanted: str) -> str:
        return leaving(of_it, events.span, "s.t" if is_one else f"s.t[{wanted}]")

    def coming(wanted: str) -> str:
        nth = f"(SELECT {order.comes} {later} ORDER BY {TIME} OFFSET {wanted} - s.n - 1 LIMIT 1)"
        if not order.behind:
            return nth
        back = f"(SELECT min({order.returns}) {events.rows} AND {order.behind})"
        return f"LEAST({nth}, {back})"

    return _Counted(query, going, coming)


def _of_many(
    of_it: Moment,
    condition: EventCondition,
    passes: Passes,
    read: Read,
    wanted: Sequence[int | None],
) -> _Counted:
    """All that count. Those still to come, which are few, are looked up."""
    order, past, later = read
    columns = f"COALESCE({passes.column('count(*)', past)}, 0)::int AS n"
    columns += f", {passes.column('count(*)', later)} AS later"
    is_one = all(one is not None and one <= 1 for one in wanted)
    if order.behind:
        behind = replace(past, when=order.behind)
        columns += f", {passes.column(f'min({order.returns})', behind)} AS back"
    if not stays(condition.window):
        times = f"max({TIME})" if is_one else f"array_agg({TIME} ORDER BY {TIME})"
        columns += f", {passes.column(times, past)} AS t"
    rows = f"events_event e WHERE e.contact_id = c.id AND {later.sql}"

    def going(wanted: str) -> str:
        return leaving(of_it, condition.window, "s.t" if is_one else f"s.t[s.n - {wanted} + 1]")

    def coming(wanted: str) -> str:
        nth = f"ORDER BY {TIME} OFFSET {wanted} - s.n - 1 LIMIT 1"
        coming = f"CASE WHEN s.later > 0 THEN (SELECT {order.comes} FROM {rows} {nth}) END"
        return f"LEAST({coming}, s.back)" if order.behind else coming

    return _Counted(f"SELECT {columns}", going, coming)


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
    k, wanted = threshold.constant, threshold.sql
    if k is not None and k <= 0:
        return TRUE
    going, coming = counted.going(wanted), counted.coming(wanted)
    is_always = f"WHEN {wanted} <= 0 OR ({wanted}) IS NULL THEN {INFINITY}" if k is None else ""
    until = f"CASE {is_always} WHEN s.n >= {wanted} THEN {going} ELSE {coming} END"
    truth = f"(s.n >= {wanted})" if k is not None else f"((s.n >= {wanted}) IS TRUE)"
    return Fragment(truth, f"COALESCE({until}, {INFINITY})")
