"""How an event condition reads: "has performed Purchase at least 3 times in the last 30 days"."""

from __future__ import annotations

from decimal import Decimal

from segments.conditions.catalog import Labels
from segments.conditions.nodes import EventCondition, MeasureOf, Range
from segments.conditions.operators import OPERATORS
from segments.conditions.words import amount_words, value_words, window_words

MEASURE_WORDS = {
    MeasureOf.COUNT: "the number of times {event} was performed",
    MeasureOf.SUM: "the total {attribute} of {event}",
    MeasureOf.AVERAGE: "the average {attribute} of {event}",
    MeasureOf.MINIMUM: "the lowest {attribute} of {event}",
    MeasureOf.MAXIMUM: "the highest {attribute} of {event}",
    MeasureOf.DISTINCT: "the number of different values of {attribute} of {event}",
    MeasureOf.DAYS: "the number of days with {event}",
}

HOW_OFTEN = {
    "equals": "exactly",
    "greater_than": "more than",
    "at_least": "at least",
    "less_than": "less than",
    "at_most": "at most",
}

ZERO, ONE = Decimal(0), Decimal(1)
PERFORMED = (("at_least", ONE), ("greater_than", ZERO), ("not_equals", ZERO))
NOT_PERFORMED = (("less_than", ONE), ("at_most", ZERO), ("equals", ZERO))


def measure_words(node: EventCondition, event: str, labels: Labels) -> str:
    """`event` is the name of the event, with its `where`."""
    window = window_words(node.window, labels)
    window = f" {window}" if window else ""
    if node.measure.of == MeasureOf.COUNT and (often := _how_often(node, event)):
        return f"{often}{window}"
    words = MEASURE_WORDS[node.measure.of]
    measure = words.format(event=event, attribute=node.measure.attribute)
    value = value_words(node.value, labels, is_amount=True)
    compared = f"{OPERATORS[node.operator].words} {value}"
    return f"{measure}{window} {compared}"


def _how_often(node: EventCondition, event: str) -> str | None:
    """How a count is said; None when only its number can be told."""
    value = node.value
    if (node.operator, value) in PERFORMED:
        return f"has performed {event}"
    if (node.operator, value) in NOT_PERFORMED:
        return f"has not performed {event}"
    if isinstance(value, Range):
        return f"has performed {event} between {value_words(value, Labels(), is_amount=True)} times"
    if isinstance(value, Decimal) and node.operator in HOW_OFTEN:
        return f"has performed {event} {HOW_OFTEN[node.operator]} {_times(value)}"
    return None


def _times(number: Decimal) -> str:
    return "once" if number == ONE else f"{amount_words(number)} times"
