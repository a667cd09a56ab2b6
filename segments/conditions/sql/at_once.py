"""Conditions about events for many contacts at once: true or false now, no word on until when.

One pass over the events tells of all contacts. What it cannot tell is looked up for each contact in a
subquery; both are such that PostgreSQL may share the work among several processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segments.conditions.nodes import (
    EventCondition,
    Ever,
    MeasureOf,
    Occurrence,
    Sequence,
    Where,
    Window,
)
from segments.conditions.sql.chain import chain
from segments.conditions.sql.events import TIME, bound_sql, bounds_of, compared, measured
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import Fragment
from segments.conditions.sql.grouped import Counting, Passes, asks_contact
from segments.conditions.sql.moments import Moment
from segments.conditions.sql.where import where_sql
from segments.conditions.sql.windows import is_in_order, past_inside, window_sql

Column = Callable[[str], str]
"""From an aggregate of the events that count to where its result stands."""


class AtOnce:
    """Translates conditions, and collects what is to be joined for them."""

    def __init__(self, moment: Moment, event_types: Mapping[str, EventTypeFacts]) -> None:
        self._passes = Passes(moment)
        self._moment = self._passes.inner
        self._event_types = event_types

    @property
    def sql(self) -> str:
        """Comes before all other joins."""
        return self._passes.sql

    def translated(self, node: EventCondition | Occurrence | Sequence) -> Fragment | None:
        """None: not for many at once."""
        match node:
            case EventCondition():
                return Fragment(self._event(node))
            case Occurrence():
                return Fragment(self._occurrence(node))
            case Sequence():
                if any(asks_contact(step.where) for step in node.steps):
                    return None
                return Fragment(self._sequence(node))

    def _counting(self, event: str, where: Where | None, window: Window) -> Counting:
        moment = self._moment
        place = window_sql(moment, window, TIME)
        if is_in_order(moment, window):
            filters = [past_inside(moment, window, place, TIME)]
        else:
            filters = [f"{TIME} <= {moment.now_sql}", place.inside.truth]
        if where is not None:
            filters.append(where_sql(moment, where).truth)
        return Counting(self._event_types[event], place.bounds, " AND ".join(filters))

    def _event(self, node: EventCondition) -> str:
        counting = self._counting(node.event, node.where, node.window)
        value = measured(self._moment, node, self._event_types[node.event])
        if asks_contact(node.where):
            compared_ = self._compared(node, value, lambda aggregate: aggregate)
            return f"(SELECT {compared_} FROM events_event e WHERE e.contact_id = c.id AND {counting.sql})"
        if node.measure.of in (MeasureOf.DISTINCT, MeasureOf.DAYS):
            return self._compared(node, value, lambda _: self._passes.distinct(value, counting))
        return self._compared(node, value, lambda one: self._passes.column(one, counting))

    def _compared(self, node: EventCondition, value: str, column: Column) -> str:
        low, high = (bound_sql(self._moment, bound) for bound in bounds_of(node))
        match node.measure.of:
            case MeasureOf.COUNT:
                found = f"COALESCE({column('count(*)')}, 0)"
            case MeasureOf.DISTINCT | MeasureOf.DAYS:
                found = f"COALESCE({column(f'count(DISTINCT {value})')}, 0)"
            case MeasureOf.SUM:
                found = f"COALESCE({column(f'sum({value})')}, 0)"
            case MeasureOf.AVERAGE:
                found, number = column(f"sum({value})"), column(f"count({value})")
                low, high = f"({low} * {number})", f"({high} * {number})"
            case MeasureOf.MINIMUM:
                found = column(f"min({value})")
            case MeasureOf.MAXIMUM:
                found = column(f"max({value})")
        return compared(node.operator, found, low, high)

    def _occurrence(self, node: Occurrence) -> str:
        """Of those that will do and those that will not, which has the outermost time? Where both
        have it, the event itself has to be found."""
        candidates = self._counting(node.event, node.where, Ever())
        check = where_sql(self._moment, node.check).truth if node.check is not None else "true"
        if asks_contact(node.where):
            inside = window_sql(self._moment, node.window, TIME).inside.truth
            return f"({_chosen(node, candidates.sql, f'{inside} AND {check}')} IS TRUE)"
        outermost = f"{'min' if node.which == 'first' else 'max'}({TIME})"
        splits = node.check is not None and not asks_contact(node.check)
        good = candidates.only(check) if splits else candidates
        at = self._passes.column(outermost, good)
        inside = window_sql(self._moment, node.window, at).inside.truth
        is_possible = f"{at} IS NOT NULL AND {inside}"
        if node.check is None:
            return f"(({is_possible}) IS TRUE)"
        found = _chosen(node, f"{candidates.sql} AND {TIME} = {at}", check)
        if splits:
            other = self._passes.column(outermost, candidates.only(f"NOT {check}"))
            sooner = f"{at} {'<' if node.which == 'first' else '>'} {other}"
            found = f"CASE WHEN {at} = {other} THEN {found} ELSE {other} IS NULL OR {sooner} END"
        return f"(CASE WHEN {is_possible} THEN {found} ELSE false END IS TRUE)"

    def _sequence(self, node: Sequence) -> str:
        windows = [node.window, *(Ever() for _ in node.steps[1:])]
        counting = [
            self._counting(step.event, step.where, window)
            for step, window in zip(node.steps, windows, strict=True)
        ]
        reached = self._passes.own("true AS found", chain(self._moment, node.steps, counting))
        return f"({reached}.found IS TRUE)"


def _chosen(node: Occurrence, counting: str, column: str) -> str:
    """Something about the event that is looked at."""
    way = "ASC" if node.which == "first" else "DESC"
    return (
        f"(SELECT {column} FROM events_event e WHERE e.contact_id = c.id AND {counting}"
        f" ORDER BY {TIME} {way}, e.message_id {way} LIMIT 1)"
    )
