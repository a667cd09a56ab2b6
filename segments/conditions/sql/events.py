"""Event conditions: a measure of the matching events, compared (docs/conditions.md, section 3).

How many there are is in counts.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from segments.conditions.nodes import EventCondition, FieldType, FieldValue, MeasureOf, Range
from segments.conditions.sql import values
from segments.conditions.sql.comparisons import SYMBOLS
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, Fragment, all_of
from segments.conditions.sql.grouped import Column, Counting, Passes
from segments.conditions.sql.moments import Moment, exists
from segments.conditions.sql.ordered import InOrder, in_order, leaving, stays
from segments.conditions.sql.where import asks_more, split_where, where_sql
from segments.conditions.sql.windows import window_sql

TIME = "e.occurred_at"
Bound = Decimal | FieldValue


def event_rows(moment: Moment, event_type: EventTypeFacts) -> str:
    """FROM and WHERE of one contact's events of a type; none where the answer is not needed.

    `moment` is the one inside; everything that needs joins has been asked of it before.
    """
    return (
        f"FROM events_event e {moment.joins.sql} WHERE ({moment.needed})"
        f" AND e.contact_id = c.id AND e.type_id = {event_type.id:d}"
    )


def status_of(moment: Moment, parts: Sequence[Fragment]) -> Fragment:
    """Whether one event counts: it has happened, and all the parts hold."""
    settled = [moment.joins.settled(part) for part in parts]
    return moment.joins.settled(all_of([exists(moment, TIME), *settled]))


def measured_condition(
    moment: Moment,
    condition: EventCondition,
    event_type: EventTypeFacts,
    passes: Passes | None = None,
) -> Fragment:
    """All but counts; the answer lasts until any of the events changes.

    `passes`: for many contacts at once, where that is possible.
    """
    of_it = moment.inside()
    read = past_and_later(passes, condition, event_type) if passes is not None else None
    if passes is not None and read is not None:
        measure, until = _of_many(of_it, condition, event_type, passes, read)
    else:
        measure, until = _of_one(of_it, condition, event_type)
    low, high = (bound_sql(moment, bound) for bound in bounds_of(condition))
    is_average = condition.measure.of == MeasureOf.AVERAGE
    if is_average:
        # Compared as sums, for a quotient would have to be rounded.
        low, high = f"({low} * s.n)", f"({high} * s.n)"
    row = moment.joins.add(f"""
        SELECT {compared(condition.operator, "s.m", low, high)} AS truth,
            COALESCE({until}, {INFINITY}) AS until, {"s.m / s.n" if is_average else "s.m"} AS actual
        FROM ({measure}) s {of_it.joins.sql}
        OFFSET 0""")
    return Fragment(f"{row}.truth", f"{row}.until", f"{row}.actual::text")


Read = tuple[InOrder, Counting, Counting]
"""The order of the window, the events that count, and those that will when their time has come."""


def past_and_later(
    passes: Passes, condition: EventCondition, event_type: EventTypeFacts
) -> Read | None:
    """What a pass reads, if it tells until when the answer lasts, too: what lies inside the window ceases to
    one after the other, and that an event counts changes in no other way.

    Attributes but the value are not in the index, and the rest of the definition spares looking at most of them.
    """
    attribute = condition.measure.attribute
    if attribute not in (None, event_type.value_attribute) or asks_more(
        condition.where, event_type
    ):
        return None
    place = window_sql(passes.inner, condition.window, TIME)
    order = in_order(passes.inner, condition.window, place, TIME)
    if order is None:
        return None
    where = condition.where
    passing = "true" if where is None else where_sql(passes.inner, where, event_type).truth
    past = Counting(event_type, place.bounds, order.has, passing)
    return order, past, replace(past, when=order.later)


def _of_many(
    of_it: Moment,
    condition: EventCondition,
    event_type: EventTypeFacts,
    passes: Passes,
    read: Read,
) -> tuple[str, str]:
    value = measured(passes.inner, condition, event_type)
    order, past, later = read
    columns = f"{aggregated(condition, value, *passes.columns(past))} AS m"
    if condition.measure.of == MeasureOf.AVERAGE:
        columns += f", {passes.column(f'count({value})', past)} AS n"
    columns += f", {passes.column(f'min({order.comes})', later)} AS next"
    until = ["s.next"]
    if not stays(condition.window):
        columns += f", {passes.column(f'min({TIME})', past)} AS oldest"
        until.append(leaving(of_it, condition.window, "s.oldest"))
    if order.behind:
        behind = replace(past, when=order.behind)
        columns += f", {passes.column(f'min({order.returns})', behind)} AS back"
        until.append("s.back")
    return f"SELECT {columns}", f"LEAST({', '.join(until)})"


def aggregated(condition: EventCondition, value: str, column: Column, distinct: Column) -> str:
    """The measure, of averages the sum; `column` tells where an aggregate is to be found, and
    `distinct` where the number of different values is."""
    match condition.measure.of:
        case MeasureOf.COUNT:
            return f"COALESCE({column('count(*)')}, 0)"
        case MeasureOf.DISTINCT | MeasureOf.DAYS:
            return f"COALESCE({distinct(value)}, 0)"
        case MeasureOf.SUM:
            return f"COALESCE({column(f'sum({value})')}, 0)"
        case MeasureOf.AVERAGE:
            return column(f"sum({value})")
        case MeasureOf.MINIMUM:
            return column(f"min({value})")
        case MeasureOf.MAXIMUM:
            return column(f"max({value})")


def _of_one(
    of_it: Moment, condition: EventCondition, event_type: EventTypeFacts
) -> tuple[str, str]:
    inner = of_it.inside()
    window = window_sql(inner, condition.window, TIME)
    where = split_where(inner, condition.where, event_type)
    order = None if where.moving else in_order(inner, condition.window, window, TIME)
    if order is None:
        status = status_of(inner, [window.inside, *where.moving])
        counts, changes = status.truth, f"{status.until} AS until"
        until, column = "s.until", "min(until) AS until"
    else:
        # What lies inside ceases to one after the other, and what is to come counts in its time.
        counts, changes = order.has, f"{TIME} AS t"
        changes += f", CASE WHEN {order.later} THEN {order.comes} END AS later"
        until, column = "s.next", "min(later) AS next"
        if not stays(condition.window):
            until += f", {leaving(of_it, condition.window, 's.oldest')}"
            column += ", min(t) FILTER (WHERE counts) AS oldest"
        if order.behind:
            changes += f", CASE WHEN {order.behind} THEN {order.returns} END AS back"
            until += ", s.back"
            column += ", min(back) AS back"
        until = f"LEAST({until})"
    value = measured(inner, condition, event_type)
    is_average = condition.measure.of == MeasureOf.AVERAGE
    number = ", count(v) FILTER (WHERE counts) AS n" if is_average else ""
    measure = f"""
        SELECT {_MEASURES[condition.measure.of]} AS m{number}, {column}
        FROM (
            SELECT {counts} AS counts, {changes}, {value} AS v
            {event_rows(inner, event_type)}{window.bounds}{where.fixed_sql}
        ) e"""
    return measure, until


def measured(moment: Moment, condition: EventCondition, event_type: EventTypeFacts) -> str:
    """What the measure takes from each event."""
    measure = condition.measure
    if measure.of == MeasureOf.DAYS:
        return f"({TIME} AT TIME ZONE {moment.zone_sql})::date"
    if measure.attribute is None:
        return "NULL"
    if measure.of == MeasureOf.DISTINCT:
        text = values.attribute_value(moment, measure.attribute, FieldType.TEXT, event_type)
        return f"lower({text.sql})"
    return values.attribute_value(moment, measure.attribute, FieldType.NUMBER, event_type).sql


_MEASURES = {
    MeasureOf.SUM: "COALESCE(sum(v) FILTER (WHERE counts), 0)",
    MeasureOf.AVERAGE: "sum(v) FILTER (WHERE counts)",
    MeasureOf.MINIMUM: "min(v) FILTER (WHERE counts)",
    MeasureOf.MAXIMUM: "max(v) FILTER (WHERE counts)",
    MeasureOf.DISTINCT: "count(DISTINCT v) FILTER (WHERE counts)",
    MeasureOf.DAYS: "count(DISTINCT v) FILTER (WHERE counts)",
}


def compared(operator: str, left: str, low: str, high: str) -> str:
    """SQL that is never NULL: a missing side is no match, except of `not_equals`."""
    if operator == "not_equals":
        return f"(({left} = {low}) IS NOT TRUE)"
    if operator == "between":
        return f"(({left} BETWEEN {low} AND {high}) IS TRUE)"
    return f"(({left} {SYMBOLS[operator]} {low}) IS TRUE)"


def bounds_of(condition: EventCondition) -> tuple[Bound, Bound]:
    """What is compared with: the same twice, or both ends of a range."""
    value = condition.value
    if isinstance(value, Range):
        assert isinstance(value.start, Decimal)  # noqa: S101 (parse has checked it; for mypy)
        assert isinstance(value.end, Decimal)  # noqa: S101
        return value.start, value.end
    return value, value


def is_own(bound: Bound) -> bool:
    return isinstance(bound, FieldValue)


def bound_sql(moment: Moment, bound: Bound) -> str:
    if isinstance(bound, FieldValue):
        return values.own_value(moment, bound).sql
    return moment.binder.add(bound, "numeric")
