"""Which events a definition counts at all, told from the event alone, without the database.

An event that passes none of the filters of its type changes no answer. No is said only where
that is certain, at any time and for any contact: see certain.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from segments.conditions.certain import may_fail, may_hold
from segments.conditions.extremes import by_events
from segments.conditions.nodes import (
    After,
    AttributeCondition,
    Before,
    Between,
    Comparison,
    EventCondition,
    FieldType,
    Group,
    Match,
    MeasureOf,
    Node,
    Occurrence,
    SegmentCondition,
    Sequence,
    Where,
    Window,
)

Attributes = Mapping[str, Any]
Passes = Callable[[Attributes], bool]

MOST_CONDITIONS = 30
"""A longer filter is left to the database, which answers it as quickly."""

MARGIN = timedelta(days=2)
"""More than two zones are apart: a local time need not be read anew when the workspace moves."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What a condition counts: events that pass `where` and lie in a window that never moves."""

    where: Where | None
    window: After | Before | Between | None
    then: str | None = None
    """Only if an event of this type came later: the next step of the sequence."""


class Filter(NamedTuple):
    """The same to ask; equal ones are shared, so that each event is judged once."""

    passes: Passes | None
    """Whether the attributes may pass."""
    earliest: datetime | None
    latest: datetime | None
    """No event before or after these counts."""
    then: str | None = None
    """No event counts unless a later one of this type is there."""


EventFilters = dict[str, tuple[EventFilter, ...] | None]
"""By event type, each filter under which an event of it counts; None: any event does."""


def event_filters(group: Group, segments: Mapping[str, Group | int]) -> EventFilters:
    """Of a definition and all it refers to; `segments` gives the trees, or the ids of static lists."""
    found: dict[str, set[EventFilter]] = {}
    for event, filter_ in _counted(group, segments, set()):
        found.setdefault(event, set()).add(filter_)
    anything = EventFilter(None, None)
    return {
        event: None if anything in filters else tuple(filters) for event, filters in found.items()
    }


def _counted(
    node: Node, segments: Mapping[str, Group | int], seen: set[str]
) -> Iterator[tuple[str, EventFilter]]:
    """Event types, each with what an event has to be like to matter."""
    match node:
        case Group():
            for child in node.children:
                yield from _counted(child, segments, seen)
        case EventCondition() if (told := by_events(node)) is not None:
            yield from _counted(told, segments, seen)
        case EventCondition():
            yield node.event, EventFilter(_measured(node), _fixed(node.window))
        case Occurrence():
            # Outside the window it may still be the last or first one, instead of one inside.
            yield node.event, EventFilter(node.where, None)
        case Sequence():
            yield from _of_steps(node)
        case SegmentCondition(key) if key not in seen:
            seen.add(key)
            tree = segments.get(key)
            if isinstance(tree, Group):
                yield from _counted(tree, segments, seen)


def _of_steps(sequence: Sequence) -> Iterator[tuple[str, EventFilter]]:
    """What is not followed by its next step makes no chain, now or later: that one is looked at when it comes."""
    steps = sequence.steps
    last = len(steps) - 1 if steps[-1].performed else len(steps) - 2
    for number, step in enumerate(steps):
        window = None if number else _fixed(sequence.window)
        then = steps[number + 1].event if number < last else None
        yield step.event, EventFilter(step.where, window, then)


def _fixed(window: Window) -> After | Before | Between | None:
    return window if isinstance(window, After | Before | Between) else None


def _measured(condition: EventCondition) -> Where | None:
    """`where`, and that there is what the measure takes: all but counts pass over other events."""
    attribute = condition.measure.attribute
    if attribute is None:
        return condition.where
    is_distinct = condition.measure.of == MeasureOf.DISTINCT
    type_ = FieldType.TEXT if is_distinct else FieldType.NUMBER
    is_there = AttributeCondition(attribute, Comparison("is_set", type_))
    asked = (is_there,) if condition.where is None else (is_there, condition.where)
    return Where(Match.ALL, asked)


def may_pass(where: Where, attributes: Attributes) -> bool:
    """False only if an event with these attributes certainly never passes."""
    return passes(where)(attributes)


def compiled(wanted: EventFilter) -> Filter:
    where = None if wanted.where is None else passes(wanted.where)
    match wanted.window:
        case After(at):
            return Filter(where, _instant(at, -MARGIN), None, wanted.then)
        case Before(at):
            return Filter(where, None, _instant(at, MARGIN), wanted.then)
        case Between(start, end):
            return Filter(where, _instant(start, -MARGIN), _instant(end, MARGIN), wanted.then)
    return Filter(where, None, None, wanted.then)


def _instant(at: date, margin: timedelta) -> datetime | None:
    """About that instant, or that day wherever the workspace is."""
    known = at if isinstance(at, datetime) else datetime.combine(at, time(12), tzinfo=UTC)
    try:
        return known + margin
    except OverflowError:
        return None


@lru_cache(maxsize=10_000)
def passes(where: Where) -> Passes:
    """`may_pass` of one filter; the same function for equal ones."""
    if sum(1 for _ in _conditions(where)) > MOST_CONDITIONS:
        return lambda _attributes: True
    return _test(where, wanted=True)


def _conditions(where: Where | AttributeCondition) -> Iterator[AttributeCondition]:
    if isinstance(where, AttributeCondition):
        yield where
    else:
        for child in where.children:
            yield from _conditions(child)


def _test(where: Where | AttributeCondition, *, wanted: bool) -> Passes:
    """Whether the truth may be the one wanted."""
    if isinstance(where, AttributeCondition):
        judge = may_hold(where.check) if wanted else may_fail(where.check)
        return _of_attribute(where.attribute, judge)
    of_children = wanted != (where.match == Match.NONE)
    tests = [_test(child, wanted=of_children) for child in where.children]
    return _every(tests) if (where.match == Match.ANY) != wanted else _some(tests)


def _of_attribute(attribute: str, judge: Callable[[Any], bool]) -> Passes:
    if "." not in attribute:
        return lambda attributes: judge(attributes.get(attribute))
    first, *steps = attribute.split(".")

    def of_path(attributes: Attributes) -> bool:
        if attribute in attributes:
            return judge(attributes[attribute])
        value = attributes.get(first)
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return judge(value)

    return of_path


def _every(tests: Iterable[Passes]) -> Passes:
    first, *others = tests
    if not others:
        return first
    rest = _every(others)
    return lambda attributes: first(attributes) and rest(attributes)


def _some(tests: Iterable[Passes]) -> Passes:
    first, *others = tests
    if not others:
        return first
    rest = _some(others)
    return lambda attributes: first(attributes) or rest(attributes)
