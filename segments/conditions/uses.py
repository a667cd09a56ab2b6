"""What a tree depends on: fields, event types, segments and the clock, and in which direction.

A direction of 1 says that new data of that kind can only bring contacts in, -1 that it can
only take them out, 0 that it can do either. It is claimed only where it is certain, for
any event: late, in the future, and whatever its attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from segments.conditions.nodes import (
    After,
    AttributeCondition,
    Before,
    BeforeAgo,
    Comparison,
    EventCondition,
    Ever,
    Everyone,
    FieldCondition,
    FieldValue,
    Group,
    InPeriod,
    Last,
    Match,
    MeasureOf,
    Node,
    Occurrence,
    Random,
    Range,
    SegmentCondition,
    Sequence,
    Where,
    Window,
)
from segments.conditions.operators import OPERATORS, Takes

IN, EITHER, OUT = 1, 0, -1

FIELD, EVENT, SEGMENT = "field", "event", "segment"

Resolve = Callable[[str], Group | None]


@dataclass(frozen=True, slots=True)
class Use:
    kind: str
    """`field`, `event` or `segment`."""
    ref: str
    direction: int
    is_direct: bool
    """False when only a segment that is referred to depends on it."""


@dataclass(frozen=True, slots=True)
class Uses:
    entries: tuple[Use, ...]
    """One for each kind and ref."""
    uses_clock: bool
    """Whether the passing of time alone can change the answer."""


def uses(node: Node, resolve: Resolve) -> Uses:
    """`resolve` gives the tree of a dynamic segment, None for a static one."""
    return _Finder(resolve).of(node)


class _Finder:
    """Looks into every segment once, however often it is referred to."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._known: dict[str, Uses] = {}

    def of(self, node: Node) -> Uses:
        match node:
            case Group():
                found = _merged(self.of(child) for child in node.children)
                return _turned(found) if node.match == Match.NONE else found
            case FieldCondition():
                fields = _fields([node.field], node.check)
                return Uses(_merged_entries(fields), is_relative(node.check))
            case EventCondition():
                return _event_condition(node)
            case Occurrence():
                return _occurrence(node)
            case Sequence():
                return _sequence(node)
            case SegmentCondition():
                found = self._segment(node.segment)
                return found if node.member else _turned(found)
            case Random() | Everyone():
                return Uses((), uses_clock=False)

    def _segment(self, key: str) -> Uses:
        if key not in self._known:
            self._known[key] = self._reference(key)
        return self._known[key]

    def _reference(self, key: str) -> Uses:
        # A list that is kept by hand, or a definition that is published: either way.
        reference = Use(SEGMENT, key, EITHER, is_direct=True)
        tree = self._resolve(key)
        if tree is None:
            return Uses((reference,), uses_clock=False)
        inside = self.of(tree)
        indirect = [replace(use, is_direct=False) for use in inside.entries]
        return Uses(_merged_entries([reference, *indirect]), inside.uses_clock)


def _merged(parts: Iterable[Uses]) -> Uses:
    known = list(parts)
    entries = _merged_entries(use for part in known for use in part.entries)
    return Uses(entries, any(part.uses_clock for part in known))


def _merged_entries(entries: Iterable[Use]) -> tuple[Use, ...]:
    """One entry for each kind and ref; opposite directions make either."""
    merged: dict[tuple[str, str], Use] = {}
    for use in entries:
        known = merged.setdefault((use.kind, use.ref), use)
        direction = use.direction if use.direction == known.direction else EITHER
        is_direct = use.is_direct or known.is_direct
        merged[use.kind, use.ref] = Use(use.kind, use.ref, direction, is_direct)
    return tuple(merged.values())


def _turned(found: Uses) -> Uses:
    """The same for the negation."""
    entries = tuple(replace(use, direction=-use.direction) for use in found.entries)
    return Uses(entries, found.uses_clock)


def _fields(keys: Iterable[str], check: Comparison | None = None) -> list[Use]:
    """A new value of a field can do either."""
    own = [check.value.field] if check and isinstance(check.value, FieldValue) else []
    return [Use(FIELD, key, EITHER, is_direct=True) for key in (*keys, *own)]


def is_relative(check: Comparison) -> bool:
    return OPERATORS[check.operator].takes in (Takes.DURATION, Takes.DAYS, Takes.PERIOD)


def _of_events(events: Iterable[Use], *wheres: Where | None, value: object = None) -> Uses:
    """Every condition on events follows the clock: an event of the future comes to be one day."""
    own = [value.field] if isinstance(value, FieldValue) else []
    own += [key for where in wheres if where is not None for key in _own_values(where)]
    return Uses(_merged_entries([*events, *_fields(own)]), uses_clock=True)


def _own_values(where: Where | AttributeCondition) -> Iterator[str]:
    """The fields of the contact that attributes are compared with."""
    if isinstance(where, Where):
        for child in where.children:
            yield from _own_values(child)
    elif isinstance(where.check.value, FieldValue):
        yield where.check.value.field


def _event_condition(node: EventCondition) -> Uses:
    use = Use(EVENT, node.event, _measure_direction(node), is_direct=True)
    return _of_events([use], node.where, value=node.value)


def _measure_direction(node: EventCondition) -> int:
    match node.measure.of:
        case MeasureOf.COUNT | MeasureOf.DISTINCT | MeasureOf.DAYS:
            return _growing(node)
        case MeasureOf.MAXIMUM:
            # It can only rise; but of nothing it is missing, so nothing can be "less than".
            return IN if node.operator in ("at_least", "greater_than") else EITHER
        case MeasureOf.MINIMUM:
            return IN if node.operator in ("at_most", "less_than") else EITHER
        case MeasureOf.SUM | MeasureOf.AVERAGE:
            return EITHER  # amounts can be negative


def _growing(node: EventCondition) -> int:
    """A number that begins at 0 and that more events can only raise."""
    match node.operator:
        case "at_least" | "greater_than":
            return IN
        case "at_most" | "less_than":
            return OUT
        case "equals":
            return OUT if _is_none(node.value) else EITHER
        case "not_equals":
            return IN if _is_none(node.value) else EITHER
        case "between" if isinstance(node.value, Range):
            return OUT if _is_none(node.value.start) else EITHER
    return EITHER


def _is_none(value: object) -> bool:
    """Whether a count is at its least: no event at all."""
    return isinstance(value, Decimal) and value <= 0


def _occurrence(node: Occurrence) -> Uses:
    use = Use(EVENT, node.event, _occurrence_direction(node), is_direct=True)
    return _of_events([use], node.where, node.check)


def _occurrence_direction(node: Occurrence) -> int:
    """A new event can make the last one later and the first one earlier, never the reverse."""
    if node.check is not None:
        return EITHER  # another event is looked at, with other attributes
    reaches = _reaches_now if node.which == "last" else _reaches_back
    return IN if reaches(node.window) else EITHER


def _reaches_now(window: Window) -> bool:
    """Whether every later time up to now is inside as well."""
    match window:
        case Ever() | Last() | After():
            return True
        case InPeriod(period):
            return period.key == "today" or period.key.startswith("this_")
        case _:
            return False


def _reaches_back(window: Window) -> bool:
    """Whether every earlier time is inside as well."""
    return isinstance(window, Ever | BeforeAgo | Before)


def _sequence(node: Sequence) -> Uses:
    """More events make more chains; but those of a step not to be performed break chains."""
    events = [
        Use(EVENT, step.event, IN if step.performed else OUT, is_direct=True) for step in node.steps
    ]
    return _of_events(events, *(step.where for step in node.steps))
