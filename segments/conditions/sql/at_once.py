"""Conditions about events for many contacts at once: true or false now, no word on until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from segments.conditions.nodes import (
    EventCondition,
    Ever,
    MeasureOf,
    Occurrence,
    Sequence,
    Where,
    Window,
)
from segments.conditions.sql.events import (
    TIME,
    aggregated,
    bound_sql,
    bounds_of,
    compared,
    measured,
)
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import Fragment
from segments.conditions.sql.grouped import Counting, Passes, asks_contact
from segments.conditions.sql.ordered import in_order
from segments.conditions.sql.where import where_sql
from segments.conditions.sql.windows import window_sql


class AtOnce:
    """Translates conditions to SQL over what passes tell."""

    def __init__(self, passes: Passes, event_types: Mapping[str, EventTypeFacts]) -> None:
        self._passes = passes
        self._moment = passes.inner
        self._event_types = event_types

    def translated(self, node: EventCondition | Occurrence | Sequence) -> Fragment | None:
        """None where passes do not help: to compare events with the contact's own values, or in pairs."""
        match node:
            case EventCondition():
                truth = None if asks_contact(node.where) else self._event(node)
            case Occurrence():
                is_own = asks_contact(node.where) or asks_contact(node.check)
                truth = None if is_own else self._occurrence(node)
            case Sequence():
                truth = self._sequence(node)
        return None if truth is None else Fragment(truth)

    def _counting(self, event: str, where: Where | None, window: Window) -> Counting:
        moment = self._moment
        place = window_sql(moment, window, TIME)
        order = in_order(moment, window, place, TIME)
        when = order.has if order else f"{TIME} <= {moment.now_sql} AND {place.inside.truth}"
        event_type = self._event_types[event]
        passes = where_sql(moment, where, event_type).truth if where is not None else "true"
        return Counting(event_type, place.bounds, when, passes)

    def _event(self, node: EventCondition) -> str:
        value = measured(self._moment, node, self._event_types[node.event])
        counting = replace(self._counting(node.event, node.where, node.window), value=value)
        column, distinct = self._passes.columns(counting)
        found = aggregated(node, value, column, distinct)
        low, high = (bound_sql(self._moment, bound) for bound in bounds_of(node))
        if node.measure.of == MeasureOf.AVERAGE:
            number = column(f"count({value})")
            low, high = f"({low} * {number})", f"({high} * {number})"
        return compared(node.operator, found, low, high)

    def _occurrence(self, node: Occurrence) -> str:
        """Of those that will do and those that will not, which has the outermost time? Where both
        have it, the event itself has to be found."""
        candidates = self._counting(node.event, node.where, Ever())
        is_first = node.which == "first"
        outermost = f"{'min' if is_first else 'max'}({TIME})"
        check = "true"
        if node.check is not None:
            check = where_sql(self._moment, node.check, candidates.event_type).truth
        at = self._passes.column(outermost, candidates.only(check))
        inside = window_sql(self._moment, node.window, at).inside.truth
        is_possible = f"{at} IS NOT NULL AND {inside}"
        if node.check is None:
            return f"(({is_possible}) IS TRUE)"
        other = self._passes.column(outermost, candidates.only(f"NOT {check}"))
        tied = f"""(
            SELECT {check} FROM events_event e
            WHERE e.contact_id = c.id AND {candidates.sql} AND {TIME} = {at}
            ORDER BY e.message_id {"ASC" if is_first else "DESC"} LIMIT 1)"""
        is_sooner = f"{other} IS NULL OR {at} {'<' if is_first else '>'} {other}"
        found = f"CASE WHEN {at} = {other} THEN {tied} ELSE {is_sooner} END"
        return f"(CASE WHEN {is_possible} THEN {found} ELSE false END IS TRUE)"

    def _sequence(self, node: Sequence) -> str | None:
        """Of two steps at any distance the first event of one and the last of the other tell."""
        begin, end, *rest = node.steps
        if rest or end.within is not None or asks_contact(begin.where) or asks_contact(end.where):
            return None
        first = self._passes.column(
            f"min({TIME})", self._counting(begin.event, begin.where, node.window)
        )
        last = self._passes.column(f"max({TIME})", self._counting(end.event, end.where, Ever()))
        return f"(({first} < {last}) IS TRUE)"
