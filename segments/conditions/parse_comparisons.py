"""Reads comparisons: an operator and its value, for fields and for attributes (section 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from segments.conditions import calendar
from segments.conditions.nodes import (
    Comparison,
    FieldType,
    FieldValue,
    Range,
    Scalar,
    Unit,
    Value,
)
from segments.conditions.operators import OPERATORS, Operator, Takes, operators_for
from segments.conditions.parse_values import day, day_or_instant, duration, number, period
from segments.conditions.patterns import pattern_problem
from segments.conditions.problems import listed, quoted
from segments.conditions.reading import Place, did_you_mean

Item = TypeVar("Item", str, Decimal)

SMALLER_THAN_DAY = (Unit.MINUTE, Unit.HOUR)
CALENDAR_UNITS = tuple(unit for unit in Unit if unit not in SMALLER_THAN_DAY)


def known_field(place: Place | None) -> tuple[str, FieldType] | None:
    """The key of a field that can be used, and its type."""
    key = place.text() if place is not None else None
    if place is None or key is None:
        return None
    info = place.catalog.field(key)
    if info is None:
        place.problem("unknown_field", f"There is no field {quoted(key)}.{_near(key, place)}")
        return None
    if info.is_archived and not place.catalog.allow_archived:
        place.problem("archived_field", f"The field {quoted(info.label or key)} is archived.")
        return None
    return key, info.type


def _near(key: str, place: Place) -> str:
    same = [known for known in place.catalog.fields if known.casefold() == key.casefold()]
    return f" Did you mean “{same[0]}”?" if same else ""


COMPARISON = ("value", "case_sensitive")
"""The members of a comparison beside its operator."""


def comparison(
    owner: Place, members: Mapping[str, Place], value_type: FieldType | None
) -> Comparison | None:
    """`value_type` is None when what is compared is unknown, which has been reported."""
    operator = _operator(members.get("operator"), value_type)
    case_sensitive = _case_sensitive(members.get("case_sensitive"), value_type)
    if operator is None or value_type is None or case_sensitive is None:
        return None
    if operator.takes == Takes.NOTHING:
        if "value" in members:
            members["value"].problem("no_value", f"“{operator.key}” takes no value.")
        return Comparison(operator.key, value_type)
    place = members.get("value")
    if place is None:
        owner.at("value").problem("required", f"“{operator.key}” needs a value.")
        return None
    value = _value(place, operator, value_type)
    return None if value is None else Comparison(operator.key, value_type, value, case_sensitive)


def _operator(place: Place | None, value_type: FieldType | None) -> Operator | None:
    word = place.text() if place is not None else None
    if place is None or word is None:
        return None
    operator = OPERATORS.get(word)
    choices = [known.key for known in operators_for(value_type)] if value_type else list(OPERATORS)
    if operator is None:
        near = did_you_mean(word, choices) or f" Use {listed(choices)}."
        place.problem("unknown_operator", f"There is no operator {quoted(word)}.{near}")
        return None
    if value_type is not None and value_type not in operator.types:
        said = f"“{word}” does not go with a {value_type}. Use {listed(choices)}."
        place.problem("operator_not_for_type", said)
        return None
    return operator


def _case_sensitive(place: Place | None, value_type: FieldType | None) -> bool | None:
    if place is None:
        return False
    if value_type not in (FieldType.TEXT, FieldType.LIST, None):
        place.problem("not_for_type", "Only texts are compared with or without regard to case.")
        return None
    return place.flag()


def _value(place: Place, operator: Operator, value_type: FieldType) -> Value:
    """What the operator is given; None when there is a problem."""
    match operator.takes:
        case Takes.SCALAR:
            return _single(place, operator, value_type)
        case Takes.LIST:
            if value_type == FieldType.NUMBER:
                return _several(place, number)
            return _several(place, Place.text)
        case Takes.RANGE:
            return value_range(place, value_type)
        case Takes.PATTERN:
            return _pattern(place)
        case Takes.DURATION:
            units = CALENDAR_UNITS if value_type == FieldType.DATE else tuple(Unit)
            return duration(place, units=units)
        case Takes.DAYS:
            return duration(place, least=0, units=(Unit.DAY,))
        case Takes.PERIOD:
            return period(place)
        case Takes.NOTHING:
            return None


def _single(place: Place, operator: Operator, value_type: FieldType) -> Scalar | None:
    if isinstance(place.value, dict):
        return own_value(place, value_type, operator.key)
    value = constant(place, value_type)
    if operator.key == "on" and isinstance(value, datetime):
        said = "“on” needs a date without a time, such as “2026-03-31”; or use before or after."
        place.problem("on_instant", said)
        return None
    return value


def constant(place: Place, value_type: FieldType) -> str | Decimal | date | datetime | None:
    """A value of the type, written out."""
    match value_type:
        case FieldType.NUMBER:
            return number(place)
        case FieldType.DATE:
            return day(place)
        case FieldType.DATETIME:
            return day_or_instant(place)
        case _:
            return place.text()


DAY_OF_TIME = (FieldType.DATE, FieldType.DATETIME)
"""A contact's own date is as good for a time as a date that is written out."""


def own_value(place: Place, value_type: FieldType, operator: str) -> FieldValue | None:
    """`{"field": "favourite_country"}`: the contact's own value."""
    found = known_field(place.members(("field",)).get("field"))
    if found is None:
        return None
    key, own_type = found
    if own_type != value_type and (own_type, value_type) != DAY_OF_TIME:
        said = f"{quoted(key)} is a {own_type} and cannot be compared with a {value_type}."
        place.at("field").problem("field_of_other_type", said)
        return None
    if operator == "on" and own_type == FieldType.DATETIME:
        said = f"“on” needs a date, and {quoted(key)} is a time; use before or after."
        place.at("field").problem("on_instant", said)
        return None
    return FieldValue(key, own_type)


def _several(place: Place, read: Callable[[Place], Item | None]) -> tuple[Item, ...] | None:
    if not isinstance(place.value, list):
        place.wanted("a list, such as [“Gold”, “Platinum”],")
        return None
    if not place.value:
        place.problem("empty", "The list is empty; give at least one value.")
        return None
    items = [read(item) for item in place.items()]
    found = tuple(dict.fromkeys(item for item in items if item is not None))
    return found if None not in items else None


def value_range(place: Place, value_type: FieldType) -> Range | None:
    """`{"from": ..., "to": ...}`, both ends included."""
    members = place.members(("from", "to"))
    start = constant(members["from"], value_type) if "from" in members else None
    end = constant(members["to"], value_type) if "to" in members else None
    if start is None or end is None:
        return None
    if _is_backwards(start, end, place):
        place.problem("from_after_to", "“from” lies after “to”, so nothing can be between them.")
        return None
    return Range(start, end)


def _is_backwards(start: Scalar, end: Scalar, place: Place) -> bool:
    if isinstance(start, Decimal) and isinstance(end, Decimal):
        return start > end
    assert isinstance(start, date)  # noqa: S101 (both are of one type; for mypy)
    assert isinstance(end, date)  # noqa: S101
    return is_after(start, end, place)


def is_after(start: date | datetime, end: date | datetime, place: Place) -> bool:
    """Whether a span of time begins after it has ended; a plain date is its whole day."""
    if not isinstance(start, datetime) and not isinstance(end, datetime):
        return start > end
    zone = place.catalog.zone
    first = start if isinstance(start, datetime) else calendar.first_instant(start, zone)
    if isinstance(end, datetime):
        return first > end
    return first >= calendar.end_of_day(end, zone)


def _pattern(place: Place) -> str | None:
    if isinstance(place.value, dict):
        place.wanted("a pattern such as “^4[89]”")
        return None
    pattern = place.text()
    if pattern is None:
        return None
    if problem := pattern_problem(pattern):
        place.problem("invalid_pattern", problem)
        return None
    return pattern
