"""What the buttons within a row do to a condition: parts come, go, or take another form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from segments.builder import shaping
from segments.builder.changing import event_of
from segments.builder.comparisons import is_own
from segments.builder.parts import Block, Button, Control, Kind, More, Part
from segments.builder.paths import value_at, with_value, without
from segments.builder.rows import row_parts
from segments.builder.vocabulary import Vocabulary
from segments.conditions.edit import EditError
from segments.conditions.nodes import FieldType

Tree = dict[str, Any]

MIDNIGHT = "T00:00"


def altered(node: Tree, do: str, vocabulary: Vocabulary) -> Tree:
    """`do`: as one of the row's buttons has it; anything else raises EditError."""
    if do not in set(offered(row_parts(node, vocabulary))):
        raise EditError("This button is no longer there.")
    verb, _, path = do.partition(":")
    return VERBS[verb](node, path, vocabulary)


def offered(parts: tuple[Part, ...]) -> Iterator[str]:
    """What the buttons among these parts can do."""
    for part in parts:
        match part:
            case Button(do):
                yield do
            case Control(name, Kind.VALUES):
                yield from (f"drop:{name}[{index}]" for index in range(len(part.values)))
            case Block(_, head, lines, foot):
                yield from offered((*head, *foot))
                for line in lines:
                    yield from offered(line.parts)
            case More(inner):
                yield from offered(inner)


def _add_attribute(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    event = event_of(node, path)
    known = vocabulary.attributes.get(event, {})
    attribute = vocabulary.value_attributes.get(event) or next(iter(known), "")
    field_type = known.get(attribute, FieldType.TEXT)
    return _with_child(node, path, _attribute_condition(attribute, field_type))


def _attribute_condition(attribute: str, field_type: FieldType) -> Tree:
    begin = {"kind": "attribute", "attribute": attribute, "type": str(field_type)}
    if field_type == FieldType.TEXT:
        return {**begin, "operator": "equals", "value": ""}
    return begin | shaping.comparison_of(field_type)


def _add_subgroup(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    above = value_at(node, path)
    match = "any" if above.get("match") == "all" else "all"
    group = {"kind": "group", "match": match, "children": []}
    index = len(above["children"])
    return _add_attribute(_with_child(node, path, group), f"{path}.children[{index}]", vocabulary)


def _with_child(node: Tree, path: str, child: Tree) -> Tree:
    group = value_at(node, path) or {"kind": "group", "match": "all", "children": []}
    return with_value(node, path, {**group, "children": [*group["children"], child]})


def _cut(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    """Take a part away; a group of attributes goes with its last condition."""
    left = without(node, path)
    if not path.endswith("]") or (path.startswith("steps[") and path.count("[") == 1):
        return left
    group_path = path.rpartition(".children[")[0]
    group = value_at(left, group_path)
    is_empty = isinstance(group, dict) and group.get("children") == []
    return _cut(left, group_path, vocabulary) if is_empty else left


def _drop(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    """One of several values; a single one that stands for several is all of them."""
    name = path.rpartition("[")[0]
    if not isinstance(value_at(node, name), list):
        return with_value(node, name, [])
    return without(node, path)


def _add_step(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    steps = value_at(node, path) or []
    last = steps[-1] if steps and isinstance(steps[-1], dict) else {}
    # Only the last step may be one that was not performed, so the new one comes before it.
    place = len(steps) - 1 if last.get("performed") is False else len(steps)
    new = {"event": last.get("event", "")}
    return with_value(node, path, [*steps[:place], new, *steps[place:]])


def _limit(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    return with_value(node, path, {"amount": 1, "unit": "day"})


def _own(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    return with_value(node, path, {"field": ""})


def _constant(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    return with_value(node, path, "") if is_own(value_at(node, path)) else node


def _day(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    return with_value(node, path, str(value_at(node, path))[:10])


def _time(node: Tree, path: str, vocabulary: Vocabulary) -> Tree:
    day = value_at(node, path)
    return with_value(node, path, f"{day}{MIDNIGHT}") if day else node


VERBS: dict[str, Callable[[Tree, str, Vocabulary], Tree]] = {
    "attribute": _add_attribute,
    "subgroup": _add_subgroup,
    "cut": _cut,
    "drop": _drop,
    "step": _add_step,
    "within": _limit,
    "own": _own,
    "constant": _constant,
    "day": _day,
    "time": _time,
}
