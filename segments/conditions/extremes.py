"""The greatest and the least of something, told by single events: one of at least 100, and none above it.

So the newest events are asked first and the rest is left unread once one is found, and an event that is on
neither side of what is compared with concerns nobody.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from segments.conditions.nodes import (
    AttributeCondition,
    Comparison,
    EventCondition,
    FieldType,
    FieldValue,
    Group,
    Match,
    Measure,
    MeasureOf,
    Range,
    Where,
)

MIRRORED: Final = {
    "greater_than": "less_than",
    "at_least": "at_most",
    "less_than": "greater_than",
    "at_most": "at_least",
}
BEYOND: Final = {"less_than": "at_least", "at_most": "greater_than"}
"""What no event may be for the greatest to be no more than that."""


@lru_cache(maxsize=10_000)
def by_events(node: EventCondition) -> Group | None:
    """The same condition as events that are there and others that are not.

    None for other measures, and where the contact's own value is compared with.
    """
    if node.measure.of not in (MeasureOf.MAXIMUM, MeasureOf.MINIMUM):
        return None
    value = node.value
    if isinstance(value, Range):
        low, high = value.start, value.end
        if node.measure.of == MeasureOf.MINIMUM:
            low, high = high, low
        assert isinstance(low, Decimal)  # noqa: S101 (parse has checked it; for mypy)
        assert isinstance(high, Decimal)  # noqa: S101
        return Group(
            Match.ALL,
            (_some(node, "at_least", low), _none(node, "greater_than", high)),
        )
    if isinstance(value, FieldValue):
        return None
    operator = _mirrored(node, node.operator)
    if operator == "not_equals":
        return Group(Match.NONE, (_exactly(node, value),))
    if operator == "equals":
        return _exactly(node, value)
    some = _some(node, operator, value)
    if operator not in BEYOND:
        return Group(Match.ALL, (some,))
    return Group(Match.ALL, (some, _none(node, BEYOND[operator], value)))


def _exactly(node: EventCondition, value: Decimal) -> Group:
    return Group(Match.ALL, (_some(node, "equals", value), _none(node, "greater_than", value)))


def _some(node: EventCondition, operator: str, value: Decimal) -> EventCondition:
    """At least one event; `operator` is the one for the greatest."""
    attribute = node.measure.attribute
    assert attribute is not None  # noqa: S101 (parse has checked it; for mypy)
    asked = AttributeCondition(
        attribute, Comparison(_mirrored(node, operator), FieldType.NUMBER, value)
    )
    where = (asked,) if node.where is None else (asked, node.where)
    return replace(
        node,
        where=Where(Match.ALL, where),
        measure=Measure(),
        operator="at_least",
        value=Decimal(1),
    )


def _none(node: EventCondition, operator: str, value: Decimal) -> Group:
    return Group(Match.NONE, (_some(node, operator, value),))


def _mirrored(node: EventCondition, operator: str) -> str:
    """What is above for the greatest is below for the least."""
    is_least = node.measure.of == MeasureOf.MINIMUM
    return MIRRORED.get(operator, operator) if is_least else operator
