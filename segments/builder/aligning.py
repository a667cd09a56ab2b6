"""Gives a definition from outside the ids of the nodes it has in common with a draft."""

from __future__ import annotations

from collections import defaultdict, deque

from segments.builder.comparing import fingerprint
from segments.conditions.edit import Tree, empty_tree, is_group, with_ids, without_ids


def tree_of(definition: object) -> Tree:
    """A draft sent by a program may be any object, the builder's root is always a group."""
    if not isinstance(definition, dict) or not definition:
        return with_ids(empty_tree())
    if definition.get("kind") == "group" and "children" not in definition:
        definition = {**definition, "children": []}
    if not is_group(definition):
        definition = {**empty_tree(), "children": [definition]}
    return with_ids(definition)


def aligned(tree: Tree, known: Tree) -> Tree:
    """The tree with the ids that its nodes have in the known one, as far as they are there."""
    return with_ids(_paired(without_ids(tree), known))


def _paired(node: Tree, known: Tree) -> Tree:
    """The known node's id for a node, and so on below both."""
    node = {**node, "id": known["id"]}
    if is_group(node) and is_group(known):
        node["children"] = _paired_children(node["children"], known["children"])
    return node


def _paired_children(nodes: list[Tree], known: list[Tree]) -> list[Tree]:
    """First those that are the very same, then those about the same thing, in order."""
    partners: dict[int, Tree] = {}
    for alike in (_content, _subject):
        left: dict[bytes, deque[Tree]] = defaultdict(deque)
        taken = {partner["id"] for partner in partners.values()}
        for other in known:
            if other["id"] not in taken:
                left[alike(other)].append(other)
        for index, node in enumerate(nodes):
            if index not in partners and (found := left.get(alike(node))):
                partners[index] = found.popleft()
    return [
        _paired(node, partners[index]) if index in partners else node
        for index, node in enumerate(nodes)
    ]


def _content(node: Tree) -> bytes:
    return fingerprint(without_ids(node))


def _subject(node: Tree) -> bytes:
    return fingerprint([node.get(key) for key in ("kind", "field", "event", "segment")])
