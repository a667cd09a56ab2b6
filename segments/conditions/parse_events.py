"""Reads conditions about events: how often, first and last, sequences (sections 3 to 5)."""

from __future__ import annotations

from decimal import Decimal

from segments.conditions.nodes import (
    EventCondition,
    FieldType,
    FieldValue,
    Measure,
    MeasureOf,
    Occurrence,
    Range,
    Sequence,
    Step,
)
from segments.conditions.operators import MAX_STEPS, MEASURE_OPERATORS, MEASURES_WITH_ATTRIBUTE
from segments.conditions.parse_comparisons import own_value, value_range
from segments.conditions.parse_values import duration, number
from segments.conditions.parse_where import attribute_name, where_or_none
from segments.conditions.parse_windows import window_or_ever
from segments.conditions.problems import quoted
from segments.conditions.reading import Place

MeasureValue = Decimal | FieldValue | Range


def known_event_type(place: Place | None) -> str | None:
    """The key of an event type that can be used."""
    key = place.text() if place is not None else None
    if place is None or key is None:
        return None
    info = place.catalog.event_types.get(key)
    if info is None:
        said = f"No event type {quoted(key)} is known. Register it first, or send one such event."
        place.problem("unknown_event_type", said + _near(key, place))
        return None
    if info.is_archived and not place.catalog.allow_archived:
        said = f"The event type {quoted(info.label or key)} is archived."
        place.problem("archived_event_type", said)
        return None
    return key


def _near(key: str, place: Place) -> str:
    same = [known for known in place.catalog.event_types if known.casefold() == key.casefold()]
    return f" Did you mean {quoted(same[0])}?" if same else ""


def event_condition(place: Place) -> EventCondition | None:
    optional = ("where", "window", "measure", "operator", "value")
    members = place.members(("kind", "event"), optional)
    event = known_event_type(members.get("event"))
    where = where_or_none(members.get("where"))
    window = window_or_ever(members.get("window"))
    measure = _measure(members.get("measure"))
    compared = _compared(place, members)
    if event is None or where is None or window is None or measure is None or compared is None:
        return None
    operator, value = compared
    return EventCondition(event, where.tree, window, measure, operator, value)


def _measure(place: Place | None) -> Measure | None:
    if place is None:
        return Measure()
    members = place.members(("of",), ("attribute",))
    word = (
        members["of"].choice(list(MeasureOf), "unknown_measure", "measure")
        if "of" in members
        else None
    )
    attribute = members.get("attribute")
    name = attribute_name(attribute) if attribute is not None else None
    if word is None:
        return None
    of = MeasureOf(word)
    if of not in MEASURES_WITH_ATTRIBUTE:
        if attribute is not None:
            attribute.problem("unknown_key", f"“{of}” is taken of the events, of no attribute.")
        return Measure(of)
    if attribute is None:
        place.at("attribute").problem("required", f"“{of}” needs to know of which attribute.")
    return None if name is None else Measure(of, name)


def _compared(place: Place, members: dict[str, Place]) -> tuple[str, MeasureValue] | None:
    """The operator and the value; neither given means at least 1."""
    if "operator" not in members and "value" not in members:
        return "at_least", Decimal(1)
    for key, said in (
        ("operator", "Say how the value is compared, such as “at_least”."),
        ("value", "Say what the measure is compared with."),
    ):
        if key not in members:
            place.at(key).problem("required", said)
    operator = _measure_operator(members.get("operator"))
    value = _measure_value(members.get("value"), operator)
    return None if operator is None or value is None else (operator, value)


def _measure_operator(place: Place | None) -> str | None:
    if place is None:
        return None
    return place.choice(MEASURE_OPERATORS, "unknown_operator", "operator for a measure")


def _measure_value(place: Place | None, operator: str | None) -> MeasureValue | None:
    if place is None or operator is None:
        return None
    if operator == "between":
        return value_range(place, FieldType.NUMBER)
    if isinstance(place.value, dict):
        return own_value(place, FieldType.NUMBER, operator)
    return number(place)


def occurrence(place: Place) -> Occurrence | None:
    members = place.members(("kind", "event", "which"), ("where", "window", "check"))
    event = known_event_type(members.get("event"))
    which = _which(members.get("which"))
    where = where_or_none(members.get("where"))
    window = window_or_ever(members.get("window"))
    check = where_or_none(members.get("check"))
    if event is None or which is None or where is None or window is None or check is None:
        return None
    return Occurrence(event, which, where.tree, window, check.tree)


def _which(place: Place | None) -> str | None:
    if place is None:
        return None
    return place.choice(("first", "last"), "unknown_occurrence", "occurrence to look at")


def sequence(place: Place) -> Sequence | None:
    members = place.members(("kind", "steps"), ("window",))
    window = window_or_ever(members.get("window"))
    steps = _steps(members.get("steps"))
    return None if window is None or steps is None else Sequence(window, steps)


def _steps(place: Place | None) -> tuple[Step, ...] | None:
    if place is None:
        return None
    if not isinstance(place.value, list):
        place.wanted("a list of steps")
        return None
    places = place.items()
    if not 2 <= len(places) <= MAX_STEPS:
        said = f"A sequence has 2 to {MAX_STEPS} steps; this one has {len(places)}."
        place.problem("wrong_number_of_steps", said)
        return None
    steps = [
        _step(item, is_first=index == 0, is_last=index == len(places) - 1)
        for index, item in enumerate(places)
    ]
    found = tuple(step for step in steps if step is not None)
    return found if len(found) == len(steps) else None


def _step(place: Place, *, is_first: bool, is_last: bool) -> Step | None:
    members = place.members(("event",), ("where", "within", "performed"))
    event = known_event_type(members.get("event"))
    where = where_or_none(members.get("where"))
    limit = members.get("within")
    within = duration(limit) if limit is not None else None
    performed = members["performed"].flag() if "performed" in members else True
    if is_first and limit is not None:
        limit.problem("first_step", "The first step follows nothing, so it has no “within”.")
    if performed is False:
        _check_absence(place, members, is_last=is_last)
    if event is None or where is None or performed is None:
        return None
    return Step(event, where.tree, within, performed)


def _check_absence(place: Place, members: dict[str, Place], *, is_last: bool) -> None:
    if not is_last:
        said = "Only the last step of a sequence can be one that was not performed."
        members["performed"].problem("not_last_step", said)
    elif "within" not in members:
        said = "A step that was not performed needs “within”: how long to wait for it."
        place.at("within").problem("required", said)
