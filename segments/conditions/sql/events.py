"""Event conditions: a measure of the matching events, compared (docs/conditions.md, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from segments.conditions.nodes import EventCondition, FieldType, FieldValue, MeasureOf, Range
from segments.conditions.sql import values
from segments.conditions.sql.comparisons import SYMBOLS
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, TRUE, Fragment, all_of, negated
from segments.conditions.sql.moments import Moment, exists
from segments.conditions.sql.where import split_where
from segments.conditions.sql.windows import window_sql

TIME = "e.occurred_at"
MOST = 2_000_000_000
"""More events than any contact has: larger thresholds compare the same."""

Bound = Decimal | FieldValue


def event_rows(moment: Moment, event_type: EventTypeFacts) -> str:
    """FROM and WHERE of one contact's events of a type.

    `moment` is the one inside; everything that needs joins has been asked of it before.
    """
    return (
        f"FROM events_event e {moment.joins.sql}"
        f" WHERE e.contact_id = c.id AND e.type_id = {event_type.id:d}"
    )


def status_of(moment: Moment, parts: Sequence[Fragment]) -> Fragment:
    """Whether one event counts: it has happened, and all the parts hold."""
    settled = [moment.joins.settled(part) for part in parts]
    return moment.joins.settled(all_of([exists(moment, TIME), *settled]))


def event_condition(
    moment: Moment, condition: EventCondition, event_type: EventTypeFacts
) -> Fragment:
    inner = moment.inside()
    window = window_sql(inner, condition.window, TIME)
    where = split_where(inner, condition.where)
    counts = status_of(inner, [window.inside, *where.moving])
    measured = _measured(inner, condition, event_type)
    rows = f"""
        SELECT {counts.truth} AS counts, {counts.until} AS until, {measured} AS v
        {event_rows(inner, event_type)}{window.bounds}{where.fixed_sql}"""
    if condition.measure.of == MeasureOf.COUNT:
        return _count(moment, rows, condition)
    return _aggregate(moment, rows, condition)


def _measured(moment: Moment, condition: EventCondition, event_type: EventTypeFacts) -> str:
    """What the measure takes from each event."""
    measure = condition.measure
    if measure.of == MeasureOf.DAYS:
        return f"({TIME} AT TIME ZONE {moment.zone_sql})::date"
    if measure.attribute is None:
        return "NULL"
    if measure.of == MeasureOf.DISTINCT:
        json = values.attribute_json(moment, measure.attribute)
        return f"lower({values.typed(moment, json, FieldType.TEXT).sql})"
    if measure.attribute == event_type.value_attribute:
        return "e.value"
    json = values.attribute_json(moment, measure.attribute)
    return values.typed(moment, json, FieldType.NUMBER).sql


# Counts: the answer lasts until enough single events have changed.


@dataclass(frozen=True, slots=True)
class _Threshold:
    """A count to reach: a number, or SQL for an integer that is NULL when missing."""

    constant: int | None
    sql: str


def _count(moment: Moment, rows: str, condition: EventCondition) -> Fragment:
    row = moment.joins.add(f"""
        SELECT count(*) FILTER (WHERE counts) AS n,
            max(until) FILTER (WHERE counts) AS last_to_go,
            min(until) FILTER (WHERE NOT counts) AS first_to_come,
            array_agg(until ORDER BY until) FILTER (WHERE counts AND until < 'infinity') AS going,
            array_agg(until ORDER BY until) FILTER (WHERE NOT counts AND until < 'infinity') AS coming
        FROM ({rows}) s""")
    low, high = _bounds(condition)
    at_least = _reaching(row, _threshold(moment, low, "ceil", 0))
    above = _reaching(row, _threshold(moment, high, "floor", 1))
    present = [Fragment(f"({_bound(moment, low)} IS NOT NULL)")] if _is_own(low) else []
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
    return Fragment(compared.truth, compared.until, f"{row}.n::text")


def _threshold(moment: Moment, bound: Bound, rounding: str, plus: int) -> _Threshold:
    if isinstance(bound, FieldValue):
        own = _bound(moment, bound)
        reached = f"LEAST(GREATEST({rounding}({own}) + {plus}, 0), {MOST})::int"
        # LEAST and GREATEST pass over NULL, and a missing value must stay missing.
        return _Threshold(None, f"(CASE WHEN {own} IS NOT NULL THEN {reached} END)")
    mode = ROUND_CEILING if rounding == "ceil" else ROUND_FLOOR
    if abs(bound) > MOST:
        constant = MOST if bound > 0 else 0
    else:
        constant = int(bound.to_integral_value(mode)) + plus
    return _Threshold(constant, str(constant))


def _reaching(row: str, threshold: _Threshold) -> Fragment:
    """n >= threshold.

    True for as long as n - threshold events more can go: until the next one has gone.
    False until as many have come as are lacking.
    """
    k, wanted = threshold.constant, threshold.sql
    if k is not None and k <= 0:
        return TRUE
    if k == 1:
        until = f"CASE WHEN {row}.n >= 1 THEN {row}.last_to_go ELSE {row}.first_to_come END"
        return Fragment(f"({row}.n >= 1)", f"COALESCE({until}, {INFINITY})")
    until = (
        f"CASE WHEN {wanted} <= 0 OR ({wanted}) IS NULL THEN {INFINITY}"
        f" WHEN {row}.n >= {wanted} THEN {row}.going[{row}.n - {wanted} + 1]"
        f" ELSE {row}.coming[{wanted} - {row}.n] END"
    )
    truth = f"({row}.n >= {wanted})" if k is not None else f"(({row}.n >= {wanted}) IS TRUE)"
    return Fragment(truth, f"COALESCE({until}, {INFINITY})")


# Other measures: the answer lasts until any of the events changes.

_MEASURES = {
    MeasureOf.SUM: "COALESCE(sum(v) FILTER (WHERE counts), 0)",
    MeasureOf.AVERAGE: "sum(v) FILTER (WHERE counts)",
    MeasureOf.MINIMUM: "min(v) FILTER (WHERE counts)",
    MeasureOf.MAXIMUM: "max(v) FILTER (WHERE counts)",
    MeasureOf.DISTINCT: "count(DISTINCT v) FILTER (WHERE counts)",
    MeasureOf.DAYS: "count(DISTINCT v) FILTER (WHERE counts)",
}


def _aggregate(moment: Moment, rows: str, condition: EventCondition) -> Fragment:
    of = condition.measure.of
    row = moment.joins.add(f"""
        SELECT {_MEASURES[of]} AS m, count(v) FILTER (WHERE counts) AS n,
            COALESCE(min(until), {INFINITY}) AS until
        FROM ({rows}) s""")
    low, high = (_bound(moment, bound) for bound in _bounds(condition))
    actual = f"{row}.m::text"
    if of == MeasureOf.AVERAGE:
        # Compared as sums, for a quotient would have to be rounded.
        low, high = f"({low} * {row}.n)", f"({high} * {row}.n)"
        actual = f"({row}.m / {row}.n)::text"
    return Fragment(_compared(condition.operator, f"{row}.m", low, high), f"{row}.until", actual)


def _compared(operator: str, left: str, low: str, high: str) -> str:
    """SQL that is never NULL: a missing side is no match, except of `not_equals`."""
    if operator == "not_equals":
        return f"(({left} = {low}) IS NOT TRUE)"
    if operator == "between":
        return f"(({left} BETWEEN {low} AND {high}) IS TRUE)"
    return f"(({left} {SYMBOLS[operator]} {low}) IS TRUE)"


def _bounds(condition: EventCondition) -> tuple[Bound, Bound]:
    value = condition.value
    if isinstance(value, Range):
        assert isinstance(value.start, Decimal)  # noqa: S101 (parse has checked it; for mypy)
        assert isinstance(value.end, Decimal)  # noqa: S101
        return value.start, value.end
    return value, value


def _is_own(bound: Bound) -> bool:
    return isinstance(bound, FieldValue)


def _bound(moment: Moment, bound: Bound) -> str:
    if isinstance(bound, FieldValue):
        return values.own_value(moment, bound).sql
    return moment.binder.add(bound, "numeric")
