"""In which order the conditions of a group are best evaluated, so that the cheap may spare the dear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from segments.conditions.extremes import by_events
from segments.conditions.nodes import (
    Before,
    BeforeAgo,
    Duration,
    EventCondition,
    Ever,
    Everyone,
    FieldCondition,
    Group,
    MeasureOf,
    Node,
    Occurrence,
    Period,
    Random,
    SegmentCondition,
    Sequence,
    Where,
    Window,
)
from segments.conditions.sql.facts import EventTypeFacts, Facts
from segments.conditions.sql.where import asks_more

Segments = Mapping[str, Group | int]

OPENED = 30
"""What it costs that events themselves are looked at, each in a page of its own: the index does not tell."""
STEP = 100
"""What each step of a sequence costs: its events are read, and put in order with the others."""


def effort(node: Node, facts: Facts) -> int:
    """About how much it costs to evaluate a condition for a contact; 0 if time does not matter and
    nothing but the contact is looked at."""
    match node:
        case Group():
            return sum(effort(child, facts) for child in node.children)
        case FieldCondition():
            return 1 if isinstance(node.check.value, Duration | Period) else 0
        case EventCondition() if (told := by_events(node)) is not None:
            return effort(told, facts)
        case EventCondition():
            return _of_measure(node, facts.event_types[node.event])
        case Occurrence():
            return 20 + _of_filter(node.where, facts.event_types[node.event])
        case Sequence():
            return STEP * len(node.steps) + _of_window(node.window)
        case SegmentCondition():
            segment = facts.segments[node.segment]
            return 5 if isinstance(segment, int) else effort(segment, facts)
        case Random() | Everyone():
            return 0


def _of_measure(node: EventCondition, event_type: EventTypeFacts) -> int:
    of, attribute = node.measure.of, node.measure.attribute
    filtering = _of_filter(node.where, event_type)
    if of == MeasureOf.COUNT and not filtering:
        return 10  # no more entries of the index than are compared with
    telling_apart = 20 if of in (MeasureOf.DISTINCT, MeasureOf.DAYS) else 0
    looking = 0 if attribute in (None, event_type.value_attribute) else OPENED
    return 20 + _of_window(node.window) + telling_apart + max(filtering, looking)


def _of_filter(where: Where | None, event_type: EventTypeFacts) -> int:
    return OPENED if asks_more(where, event_type) else 0


def _of_window(window: Window) -> int:
    """Without a beginning all events that a contact ever had are read."""
    return 10 if isinstance(window, Ever | Before | BeforeAgo) else 0


def repeated(group: Group, segments: Segments) -> set[Node]:
    """The nodes that stand in more than one place, in the group or in what it refers to.

    What stands in a node that is itself repeated is counted once, as the node is computed once.
    """
    seen: set[Node] = set()
    found: set[Node] = set()
    waiting: list[Node] = [group]
    while waiting:
        node = waiting.pop()
        if node in seen:
            found.add(node)
        else:
            seen.add(node)
            waiting += _below(node, segments)
    return found


def _below(node: Node, segments: Segments) -> Iterator[Node]:
    if isinstance(node, Group):
        yield from node.children
    elif isinstance(node, EventCondition):
        if (told := by_events(node)) is not None:
            yield told
    elif isinstance(node, SegmentCondition):
        segment = segments[node.segment]
        if isinstance(segment, Group):
            yield segment
