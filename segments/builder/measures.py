"""The controls of how often or how much, for event conditions."""

from __future__ import annotations

from typing import Any

from segments.builder.comparisons import is_own, options, own_value_parts, value_buttons
from segments.builder.parts import Control, Kind, More, Part, Words
from segments.builder.shaping import is_count, is_not_performed, is_performed
from segments.builder.values import text_of
from segments.builder.vocabulary import Vocabulary
from segments.conditions.nodes import FieldType, MeasureOf
from segments.conditions.operators import MEASURE_OPERATORS, MEASURES_WITH_ATTRIBUTE, OPERATORS
from segments.conditions.words_measures import HOW_OFTEN

Tree = dict[str, Any]

MEASURE_LABELS = {
    MeasureOf.COUNT: "how often",
    MeasureOf.SUM: "total of",
    MeasureOf.AVERAGE: "average of",
    MeasureOf.MINIMUM: "lowest",
    MeasureOf.MAXIMUM: "highest",
    MeasureOf.DISTINCT: "different values of",
    MeasureOf.DAYS: "number of days",
}
PERFORMED, NOT_PERFORMED = "performed", "not_performed"
OFTEN_LABELS = {
    PERFORMED: "performed",
    NOT_PERFORMED: "not performed",
    **HOW_OFTEN,
    "not_equals": "not exactly",
    "between": "between",
}
"""The usual cases first: they need no number."""
MEASURE = "measure:"
"""Before a measure, among the ways to compare a count."""


def measure_parts(node: Tree, vocabulary: Vocabulary, *, of: str) -> tuple[Part, ...]:
    return _count(node, vocabulary, of) if is_count(node) else _measured(node, vocabulary, of)


def _count(node: Tree, vocabulary: Vocabulary, of: str) -> tuple[Part, ...]:
    stored = often_of(node)
    others = [
        (f"{MEASURE}{measure}", f"{label}…")
        for measure, label in MEASURE_LABELS.items()
        if measure != MeasureOf.COUNT
    ]
    chooser = Control(
        "operator",
        Kind.SELECT,
        f"How often {of} was performed",
        stored,
        options([*OFTEN_LABELS.items(), *others], stored),
    )
    if stored in (PERFORMED, NOT_PERFORMED):
        return (chooser,)
    times = Words("time" if node.get("value") == 1 else "times")
    return (chooser, *_value(node, vocabulary, f"Number of {of}"), times, *_buttons(node))


def often_of(node: Tree) -> str:
    """What the chooser of a count shows."""
    if is_performed(node):
        return PERFORMED
    return NOT_PERFORMED if is_not_performed(node) else text_of(node.get("operator"))


def _measured(node: Tree, vocabulary: Vocabulary, of: str) -> tuple[Part, ...]:
    measure, operator = node.get("measure"), node.get("operator")
    measure = measure if isinstance(measure, dict) else {}
    stored = text_of(measure.get("of"))
    chooser = Control(
        "measure.of",
        Kind.SELECT,
        f"What is measured of {of}",
        stored,
        options(MEASURE_LABELS.items(), stored),
    )
    attribute = Control(
        "measure.attribute",
        Kind.TEXT,
        "Attribute that is measured",
        text_of(measure.get("attribute")),
        suggests=True,
        tone="field",
    )
    compared = Control(
        "operator",
        Kind.SELECT,
        "How it is compared",
        text_of(operator),
        options([(key, OPERATORS[key].words) for key in MEASURE_OPERATORS], operator),
    )
    with_attribute = stored in MEASURES_WITH_ATTRIBUTE or "attribute" in measure
    first = (chooser, attribute) if with_attribute else (chooser,)
    return (*first, compared, *_value(node, vocabulary, "Value"), *_buttons(node))


def _value(node: Tree, vocabulary: Vocabulary, label: str) -> tuple[Part, ...]:
    value: Any = node.get("value")
    if is_own(value):
        return own_value_parts(value, FieldType.NUMBER, vocabulary, "value")
    if node.get("operator") != "between":
        return (_number("value", value, label),)
    ends = value if isinstance(value, dict) else {}
    return (
        _number("value.from", ends.get("from"), f"{label}, lowest"),
        Words("and"),
        _number("value.to", ends.get("to"), f"{label}, highest"),
    )


def _number(name: str, value: Any, label: str) -> Control:
    return Control(name, Kind.NUMBER, label, text_of(value), tone="value")


def _buttons(node: Tree) -> tuple[Part, ...]:
    operator = OPERATORS.get(text_of(node.get("operator")))
    if operator is None or operator.key == "between":
        return ()
    buttons = value_buttons("value", node.get("value"), operator, FieldType.NUMBER)
    return (More(tuple(buttons)),)
