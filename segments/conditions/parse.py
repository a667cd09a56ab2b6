"""JSON to a condition tree, or everything that is wrong with it: the only gate."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from segments.conditions.catalog import Catalog
from segments.conditions.nodes import (
    Condition,
    Everyone,
    FieldCondition,
    Group,
    Random,
)
from segments.conditions.parse_comparisons import COMPARISON, comparison, known_field
from segments.conditions.parse_events import event_condition, occurrence, sequence
from segments.conditions.parse_references import segment_condition
from segments.conditions.parse_values import number
from segments.conditions.parse_where import (
    GroupParts,
    group_parts,
    is_condition,
    kind_of,
    report_kind,
)
from segments.conditions.problems import InvalidDefinition, Problem, listed, quoted
from segments.conditions.reading import Enough, Place, Reading, did_you_mean

__all__ = ["InvalidDefinition", "Problem", "parse"]


def parse(definition: object, catalog: Catalog) -> Group:
    """The tree of a definition; raises InvalidDefinition with all its problems."""
    reading = Reading(catalog)
    group = None
    with suppress(Enough):
        group = _root(Place(definition, "", reading))
    if reading.problems or group is None:
        raise InvalidDefinition(reading.problems)
    return group


def _root(place: Place) -> Group | None:
    if not isinstance(place.value, dict):
        place.wanted("a definition, an object with “match” and “children”,")
        return None
    if is_condition(place):
        said = "A definition begins with a group: {“kind”: “group”, “match”: “all”, …}."
        place.problem("not_a_group", said)
        return None
    return _group(place, 1)


def _group(place: Place, depth: int) -> Group | None:
    parts: GroupParts[Group | Condition] | None = group_parts(place, depth, _child)
    return None if parts is None else Group(parts.match, parts.children, parts.name)


def _child(place: Place, depth: int) -> Group | Condition | None:
    kind = kind_of(place)
    if kind == "group":
        return _group(place, depth + 1)
    place.reading.count_condition()
    if isinstance(kind, str) and kind in CONDITIONS:
        return CONDITIONS[kind](place)
    if isinstance(kind, str):
        _unknown_kind(place.at("kind"), kind)
    else:
        report_kind(place, f"one of group, {listed(CONDITIONS)}")
    return None


def _unknown_kind(place: Place, kind: str) -> None:
    if kind == "attribute":
        said = "Attributes belong to events: put this into the “where” of an event condition."
        place.problem("attribute_outside_where", said)
        return
    known = ("group", *CONDITIONS)
    near = did_you_mean(kind, known) or f" Use {listed(known)}."
    place.problem("unknown_kind", f"{quoted(kind)} is no kind of condition.{near}")


def _field(place: Place) -> FieldCondition | None:
    members = place.members(("kind", "field", "operator"), COMPARISON)
    field = known_field(members.get("field"))
    check = comparison(place, members, field[1] if field else None)
    return None if field is None or check is None else FieldCondition(field[0], check)


def _random(place: Place) -> Random | None:
    members = place.members(("kind", "percent", "salt"))
    percent = _percent(members.get("percent"))
    salt = members["salt"].text(may_be_empty=True) if "salt" in members else None
    return None if percent is None or salt is None else Random(percent, salt)


def _percent(place: Place | None) -> Decimal | None:
    percent = number(place) if place is not None else None
    if place is None or percent is None or 0 <= percent <= 100:
        return percent
    place.problem("percent_out_of_range", "A share lies between 0 and 100 percent.")
    return None


def _everyone(place: Place) -> Everyone:
    place.members(("kind",))
    return Everyone()


CONDITIONS: dict[str, Callable[[Place], Condition | None]] = {
    "field": _field,
    "event": event_condition,
    "occurrence": occurrence,
    "sequence": sequence,
    "segment": segment_condition,
    "random": _random,
    "everyone": _everyone,
}
