"""Reads groups, and those over the attributes of one event: `where` and `check`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from segments.conditions.nodes import AttributeCondition, FieldType, Match, Where
from segments.conditions.operators import MAX_DEPTH, MAX_NAME
from segments.conditions.parse_comparisons import COMPARISON, comparison
from segments.conditions.reading import Place

Child = TypeVar("Child")

MAX_ATTRIBUTE = 200
"""Characters of an attribute's path."""


@dataclass(frozen=True, slots=True)
class GroupParts(Generic[Child]):
    match: Match
    children: tuple[Child, ...]
    name: str


def group_parts(
    place: Place, depth: int, read_child: Callable[[Place, int], Child | None]
) -> GroupParts[Child] | None:
    """What every group is made of; `depth` is 1 for the outermost group."""
    if depth > MAX_DEPTH:
        said = f"Groups can be nested {MAX_DEPTH} deep; this one lies deeper."
        place.problem("too_deep", said)
        return None
    members = place.members(("kind", "match", "children"), ("name",))
    if "kind" in members:
        members["kind"].choice(("group",), "not_a_group", "group")
    match = _match(members.get("match"))
    name = members["name"].text(most=MAX_NAME, may_be_empty=True) if "name" in members else ""
    children = _children(members.get("children"), depth, read_child)
    if match is None or name is None or children is None:
        return None
    return GroupParts(match, children, name)


def _match(place: Place | None) -> Match | None:
    word = place.choice(list(Match), "unknown_match", "way to match") if place else None
    return None if word is None else Match(word)


def _children(
    place: Place | None, depth: int, read_child: Callable[[Place, int], Child | None]
) -> tuple[Child, ...] | None:
    if place is None:
        return None
    if not isinstance(place.value, list):
        place.wanted("a list of conditions")
        return None
    if not place.value:
        place.problem("empty_group", "This group is empty; add a condition, or remove the group.")
        return None
    children = [read_child(item, depth) for item in place.items()]
    found = tuple(child for child in children if child is not None)
    return found if len(found) == len(children) else None


@dataclass(frozen=True, slots=True)
class Given:
    """A `where` that was read, or that was not given at all."""

    tree: Where | None


def where_or_none(place: Place | None) -> Given | None:
    """None when there is a problem."""
    if place is None:
        return Given(None)
    if is_condition(place):
        said = "This must be a group of attribute conditions: {“kind”: “group”, …}."
        place.problem("not_a_group", said)
        return None
    tree = _where(place, 1)
    return None if tree is None else Given(tree)


def is_condition(place: Place) -> bool:
    """Whether there is a single condition where a group belongs."""
    kind = kind_of(place)
    return isinstance(kind, str) and kind != "group"


def _where(place: Place, depth: int) -> Where | None:
    parts: GroupParts[Where | AttributeCondition] | None = group_parts(place, depth, _where_child)
    return None if parts is None else Where(parts.match, parts.children, parts.name)


def _where_child(place: Place, depth: int) -> Where | AttributeCondition | None:
    kind = kind_of(place)
    if kind == "group":
        return _where(place, depth + 1)
    place.reading.count_condition()
    if kind == "attribute":
        return _attribute(place)
    if isinstance(kind, str):
        said = (
            "Here only the attributes of the event can be looked at, and groups of such conditions."
        )
        place.at("kind").problem("not_in_where", said)
    else:
        report_kind(place, "“attribute” or “group”")
    return None


def kind_of(place: Place) -> object:
    return place.value.get("kind") if isinstance(place.value, dict) else None


def report_kind(place: Place, choices: str) -> None:
    """Report that a condition does not say what it is."""
    if not isinstance(place.value, dict):
        place.wanted("a condition, an object,")
    elif "kind" not in place.value:
        place.at("kind").problem("required", f"Say what this is: {choices}.")
    else:
        place.at("kind", place.value["kind"]).wanted(choices)


def _attribute(place: Place) -> AttributeCondition | None:
    members = place.members(("kind", "attribute", "type", "operator"), COMPARISON)
    attribute = members.get("attribute")
    name = attribute_name(attribute) if attribute is not None else None
    value_type = _type(members.get("type"))
    check = comparison(place, members, value_type)
    return None if name is None or check is None else AttributeCondition(name, check)


def attribute_name(place: Place) -> str | None:
    """The name of an attribute, or the dotted path to it."""
    return place.text(most=MAX_ATTRIBUTE)


def _type(place: Place | None) -> FieldType | None:
    word = place.choice(list(FieldType), "unknown_type", "type") if place else None
    return None if word is None else FieldType(word)
