"""Which events a definition counts at all, told from what an event carries, without the database.

An event that passes none of the filters of its type changes no answer. `may_pass` says no only
where that is certain, at any time: see certain.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from segments.conditions.certain import may_fail, may_hold
from segments.conditions.nodes import (
    AttributeCondition,
    EventCondition,
    Group,
    Match,
    Node,
    Occurrence,
    SegmentCondition,
    Sequence,
    Where,
)

Attributes = Mapping[str, Any]
Passes = Callable[[Attributes], bool]
EventFilters = dict[str, tuple[Where, ...] | None]
"""By event type, each filter under which an event of it counts; None: any event does."""

MOST_CONDITIONS = 30
"""A longer filter is left to the database, which answers it as quickly."""


def event_filters(group: Group, segments: Mapping[str, Group | int]) -> EventFilters:
    """Of a definition and all it refers to; `segments` gives the trees, or the ids of static lists."""
    found: dict[str, set[Where] | None] = {}
    for event, where in _counted(group, segments, set()):
        known = found.setdefault(event, set())
        if where is None:
            found[event] = None
        elif known is not None:
            known.add(where)
    return {event: None if known is None else tuple(known) for event, known in found.items()}


def _counted(
    node: Node, segments: Mapping[str, Group | int], seen: set[str]
) -> Iterator[tuple[str, Where | None]]:
    match node:
        case Group():
            for child in node.children:
                yield from _counted(child, segments, seen)
        case EventCondition() | Occurrence():
            yield node.event, node.where
        case Sequence():
            for step in node.steps:
                yield step.event, step.where
        case SegmentCondition(key) if key not in seen:
            seen.add(key)
            tree = segments.get(key)
            if isinstance(tree, Group):
                yield from _counted(tree, segments, seen)


def may_pass(where: Where, attributes: Attributes) -> bool:
    """False only if an event with these attributes certainly never passes."""
    return passes(where)(attributes)


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
