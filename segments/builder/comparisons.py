"""The controls of an operator and its value, for fields and for attributes of events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from segments.builder.parts import Button, Control, Kind, More, Option, Part, Words
from segments.builder.paths import joined
from segments.builder.values import is_day, is_instant, local_text, text_of, texts_of
from segments.builder.vocabulary import Vocabulary
from segments.conditions.nodes import FieldType, Unit
from segments.conditions.operators import OPERATORS, PERIODS, Operator, Takes, operators_for
from segments.conditions.parse_comparisons import CALENDAR_UNITS, DAY_OF_TIME

Tree = dict[str, Any]

OPERATOR_LABELS = {
    "more_than_ago": "is longer ago than",
    "more_than_ahead": "is further ahead than",
    "in_period": "is in",
    "not_in_period": "is not in",
}
"""Where the words alone would not tell two operators apart."""
TYPE_LABELS = {
    FieldType.TEXT: "text",
    FieldType.NUMBER: "number",
    FieldType.BOOLEAN: "yes or no",
    FieldType.DATE: "date",
    FieldType.DATETIME: "date and time",
    FieldType.LIST: "list",
}
TEXTS = (FieldType.TEXT, FieldType.LIST)


def options(pairs: Iterable[tuple[str, str]], stored: Any = "") -> tuple[Option, ...]:
    """What is stored is always among them, so that it can be seen and left as it is."""
    found = tuple(Option(value, label) for value, label in pairs)
    text = text_of(stored)
    if all(option.value != text for option in found):
        found = (Option(text, text or "Choose…"), *found)
    return found


def comparison_parts(
    owner: Tree, field_type: FieldType, vocabulary: Vocabulary, *, prefix: str = "", of: str
) -> tuple[Part, ...]:
    """`prefix`: where the comparison stands in the condition; `of`: what is compared, in words."""
    stored = owner.get("operator")
    choices = [
        (one.key, OPERATOR_LABELS.get(one.key, one.words)) for one in operators_for(field_type)
    ]
    chooser = Control(
        joined(prefix, "operator"),
        Kind.SELECT,
        f"How {of} is compared",
        text_of(stored),
        options(choices, stored),
    )
    operator = OPERATORS.get(stored) if isinstance(stored, str) else None
    if operator is None:
        return (chooser,)
    return (
        chooser,
        *_value_parts(owner.get("value"), operator, field_type, vocabulary, prefix, of),
        *_more(owner, operator, field_type, vocabulary, prefix),
    )


def _value_parts(
    value: Any,
    operator: Operator,
    field_type: FieldType,
    vocabulary: Vocabulary,
    prefix: str,
    of: str,
) -> tuple[Part, ...]:
    name = joined(prefix, "value")
    match operator.takes:
        case Takes.NOTHING:
            return ()
        case Takes.LIST:
            suggests = field_type in TEXTS
            values = texts_of(value)
            return (
                Control(name, Kind.VALUES, f"Values of {of}", "", (), values, suggests, "value"),
            )
        case Takes.PERIOD:
            return (period_control(name, value, f"Period of {of}"),)
        case Takes.DURATION:
            units = CALENDAR_UNITS if field_type == FieldType.DATE else tuple(Unit)
            return duration_parts(name, value, f"of {of}", units)
        case Takes.DAYS:
            amount = _member(value, "amount")
            return (_number(f"{name}.amount", amount, f"Days until {of}"), Words("days"))
        case Takes.RANGE:
            ends = [
                scalar_control(
                    f"{name}.{end}", _member(value, end), field_type, vocabulary, f"{said} {of}"
                )
                for end, said in (("from", "Lowest"), ("to", "Highest"))
            ]
            return (ends[0], Words("and"), ends[1])
        case _:
            return _single_parts(value, operator, field_type, vocabulary, name, of)


def _single_parts(
    value: Any,
    operator: Operator,
    field_type: FieldType,
    vocabulary: Vocabulary,
    name: str,
    of: str,
) -> tuple[Part, ...]:
    if is_own(value):
        return own_value_parts(value, field_type, vocabulary, name)
    label = f"Pattern for {of}" if operator.takes == Takes.PATTERN else f"Value of {of}"
    suggests = operator.key in ("equals", "not_equals") and field_type == FieldType.TEXT
    return (scalar_control(name, value, field_type, vocabulary, label, suggests=suggests),)


def is_own(value: Any) -> bool:
    return isinstance(value, dict) and "field" in value


def own_value_parts(
    value: Tree, field_type: FieldType, vocabulary: Vocabulary, name: str
) -> tuple[Part, ...]:
    """The contact's own value of another field."""
    fields = vocabulary.fields_of(field_type)
    if field_type == DAY_OF_TIME[1]:
        fields += vocabulary.fields_of(DAY_OF_TIME[0])
    stored = value.get("field")
    label = "Field of the contact to compare with"
    chooser = Control(
        f"{name}.field",
        Kind.SELECT,
        label,
        text_of(stored),
        options(fields, stored),
        tone="field",
    )
    return (Words("the contact's"), chooser)


def scalar_control(
    name: str,
    value: Any,
    field_type: FieldType,
    vocabulary: Vocabulary,
    label: str,
    *,
    suggests: bool = False,
) -> Control:
    """One value, in an input that fits the type and what is stored."""
    text = text_of(value)
    if field_type == FieldType.NUMBER:
        return _number(name, value, label)
    if field_type in (FieldType.DATE, FieldType.DATETIME):
        return moment_control(name, value, vocabulary, label)
    return Control(name, Kind.TEXT, label, text, suggests=suggests, tone="value")


def moment_control(name: str, value: Any, vocabulary: Vocabulary, label: str) -> Control:
    """A day, or a time; what is neither stays a text that can be mended."""
    text = text_of(value)
    if text == "" or is_day(value):
        return Control(name, Kind.DATE, label, text, tone="value")
    if is_instant(value) and (local := local_text(text, vocabulary.catalog.zone)):
        return Control(name, Kind.TIME, label, local, tone="value")
    return Control(name, Kind.TEXT, label, text, tone="value")


def _number(name: str, value: Any, label: str) -> Control:
    return Control(name, Kind.NUMBER, label, text_of(value), tone="value")


def _member(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def duration_parts(
    name: str, value: Any, of: str, units: Iterable[Unit] = tuple(Unit)
) -> tuple[Part, ...]:
    """Amount and unit; `name` is where both stand."""
    amount, unit = _member(value, "amount"), _member(value, "unit")
    plural = "" if amount == 1 else "s"
    choices = [(str(one), f"{one}{plural}") for one in units]
    return (
        _number(joined(name, "amount"), amount, f"Amount {of}"),
        Control(
            joined(name, "unit"), Kind.SELECT, f"Unit {of}", text_of(unit), options(choices, unit)
        ),
    )


def period_control(name: str, value: Any, label: str) -> Control:
    return Control(
        name, Kind.SELECT, label, text_of(value), options(PERIODS.items(), value), tone="value"
    )


def _more(
    owner: Tree,
    operator: Operator,
    field_type: FieldType,
    vocabulary: Vocabulary,
    prefix: str,
) -> tuple[Part, ...]:
    """What is rarely wanted of a value."""
    parts: list[Part] = []
    name, value = joined(prefix, "value"), owner.get("value")
    if operator.takes == Takes.SCALAR:
        parts += value_buttons(name, value, operator, field_type)
    if field_type in TEXTS and operator.takes != Takes.NOTHING:
        sensitive = owner.get("case_sensitive")
        label = "Upper and lower case matter"
        parts.append(
            Control(joined(prefix, "case_sensitive"), Kind.CHECK, label, text_of(sensitive))
        )
    return (More(tuple(parts), is_open=bool(owner.get("case_sensitive"))),) if parts else ()


def value_buttons(name: str, value: Any, operator: Operator, field_type: FieldType) -> list[Part]:
    if is_own(value):
        return [Button(f"constant:{name}", "Compare with a fixed value")]
    found: list[Part] = [Button(f"own:{name}", "Compare with a field of the contact")]
    if field_type == FieldType.DATETIME and operator.key != "on":
        has_time = is_instant(value)
        do, label = ("day", "Whole day only") if has_time else ("time", "With a time of day")
        found.append(Button(f"{do}:{name}", label))
    return found
