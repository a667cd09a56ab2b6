"""What a draft says as it stands: its complete part as a tree, and everything still wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from segments.builder.paths import value_at
from segments.conditions.catalog import Catalog
from segments.conditions.edit import Tree, is_group, walk, without_ids
from segments.conditions.nodes import Group, Node
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition, Problem, quoted

CHILD = re.compile(r"(?:^|\.)children\[(\d+)\]")
MOST_ROUNDS = 20
"""Each takes away what the one before found wrong; a definition is not nested deeper."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem at the node, and the control of its row, that it concerns."""

    node: str
    """Id of the condition or group; empty when it is the definition as a whole."""
    control: str
    """Path within the node; empty when it is the node as a whole."""
    code: str
    message: str

    @property
    def is_missing(self) -> bool:
        """Nothing is wrong there; it has not been filled in yet."""
        return self.code in (MISSING, "empty_group")


@dataclass(frozen=True, slots=True)
class Reading:
    group: Group | None
    """The part that is complete; None when nothing is."""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    """Of that part: what each id stands for."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Of that part: the id at each path."""
    troubles: tuple[Trouble, ...] = ()
    left_out: int = 0
    """Conditions that are not in the complete part."""

    @property
    def is_complete(self) -> bool:
        return self.group is not None and not self.troubles


def read_draft(tree: Tree, catalog: Catalog) -> Reading:
    group, troubles = _parsed(tree, catalog)
    left, rounds = tree, 0
    found = troubles
    while group is None and found and rounds < MOST_ROUNDS:
        pruned = _pruned(left, found)
        if pruned is None:
            break
        left, rounds = pruned, rounds + 1
        group, found = _parsed(left, catalog)
    matched = list(_matched(left, group)) if group else []
    nodes = {node_id: node for node_id, _, node in matched}
    places = {path: node_id for node_id, path, _ in matched}
    conditions = sum(not is_group(node) for node in walk(tree))
    told = sum(not isinstance(node, Group) for node in nodes.values())
    return Reading(group, nodes, places, troubles, conditions - told)


def _parsed(tree: Tree, catalog: Catalog) -> tuple[Group | None, tuple[Trouble, ...]]:
    try:
        return parse(without_ids(tree), catalog), ()
    except InvalidDefinition as invalid:
        return None, tuple(_located(tree, problem) for problem in invalid.problems)


def _located(tree: Tree, problem: Problem) -> Trouble:
    """From a path within the definition to a node and a path within it."""
    node, rest = tree, problem.path
    while is_group(node) and (step := CHILD.match(rest)):
        child = node["children"][int(step[1])]
        node, rest = child, rest[step.end() :]
    control = rest.removeprefix(".")
    if problem.code in WHOLE:
        return Trouble("", "", problem.code, problem.message)
    code, message = _said(node, control, problem)
    return Trouble(str(node.get("id", "")), control, code, message)


WHOLE = ("too_many_conditions",)
MISSING = "missing"


def _said(node: Tree, control: str, problem: Problem) -> tuple[str, str]:
    """For people who see controls, and no JSON."""
    value = value_at(node, control) if control and not is_group(node) else problem
    if value == []:
        return MISSING, "Choose at least one value."
    if value in (None, ""):
        return MISSING, "Fill this in."
    if problem.code == "wrong_type" and isinstance(value, str) and "a number" in problem.message:
        return problem.code, f"{quoted(value)} is no number."
    return problem.code, SAID.get(problem.code, problem.message)


SAID = {
    "empty_group": "This subsegment is empty: add a condition, or remove it.",
    "operator_not_for_type": "This comparison does not go with such a value. Choose another one.",
    "unknown_operator": "There is no such comparison. Choose another one.",
    "not_for_type": "This does not go with such a value.",
}
"""Where the message names what only JSON shows."""


def _pruned(tree: Tree, troubles: tuple[Trouble, ...]) -> Tree | None:
    """Without the conditions and groups that have problems; None when nothing is left."""
    controls: dict[str, set[str]] = {}
    for trouble in troubles:
        controls.setdefault(trouble.node, set()).add(trouble.control)
    # A group whose name alone is wrong counts all the same.
    unnamed = {node for node, named in controls.items() if named == {"name"}}
    return _without(tree, controls.keys() - unnamed, unnamed)


def _without(node: Tree, lost: Set[str], unnamed: Set[str]) -> Tree | None:
    if node["id"] in lost or "" in lost:
        return None
    if node["id"] in unnamed:
        node = {key: value for key, value in node.items() if key != "name"}
    if not is_group(node):
        return node
    children = [_without(child, lost, unnamed) for child in node["children"]]
    return {**node, "children": [child for child in children if child is not None]}


def _matched(draft: Any, node: Node, path: str = "") -> Iterator[tuple[str, str, Node]]:
    """Ids of a draft, with their places and what was read there."""
    yield str(draft["id"]), path, node
    if isinstance(node, Group):
        pairs = zip(draft["children"], node.children, strict=True)
        for index, (child, inner) in enumerate(pairs):
            prefix = f"{path}." if path else ""
            yield from _matched(child, inner, f"{prefix}children[{index}]")
