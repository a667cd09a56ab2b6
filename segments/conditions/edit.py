"""The builder's operations on a draft: each takes a tree and gives a new one.

A draft is a definition as JSON, perhaps incomplete, whose groups and conditions carry an
"id" besides. A node keeps its id wherever it is moved. What `parse` says of a tree is no
business of these functions; they only keep it a tree that can be stored and built on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from segments.conditions.operators import MAX_CONDITIONS, MAX_DEPTH, MAX_NAME

Tree = dict[str, Any]

LETTER = "n"
MATCHES = ("all", "any", "none")


class EditError(ValueError):
    """An operation that cannot be done, with a sentence that says why."""


def empty_tree() -> Tree:
    return {"kind": "group", "match": "all", "children": []}


# Reading


def is_group(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("children"), list)


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node, each before what it holds; what is no node is passed over."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            if is_group(node):
                waiting.extend(reversed(node["children"]))


def find(tree: Tree, node_id: str) -> Tree:
    for node in walk(tree):
        if node.get("id") == node_id:
            return node
    raise EditError("This condition is no longer there.")


def parent_of(tree: Tree, node_id: str) -> tuple[Tree, int]:
    """The group that holds a node, and the node's place in it; the root has none."""
    for group in walk(tree):
        for index, child in enumerate(_children(group)):
            if isinstance(child, dict) and child.get("id") == node_id:
                return group, index
    if tree.get("id") == node_id:
        raise EditError("The outermost group stays where it is.")
    raise EditError("This condition is no longer there.")


def find_group(tree: Tree, node_id: str) -> Tree:
    node = find(tree, node_id)
    if not is_group(node):
        raise EditError("Only a subsegment can hold conditions.")
    return node


def _children(node: Tree) -> list[Any]:
    return node["children"] if is_group(node) else []


# Ids


def with_ids(tree: Tree) -> Tree:
    """The same tree in which every node has an id, and no two the same.

    A child that is no object becomes one, so that it can be shown and removed.
    """
    known: set[str] = set()
    highest = max((_number(node.get("id")) for node in walk(tree)), default=0)

    def numbered(node: Any) -> Tree:
        nonlocal highest
        node = node if isinstance(node, dict) else {"kind": node}
        node_id = node.get("id")
        if not _number(node_id) or node_id in known:
            highest += 1
            node_id = f"{LETTER}{highest}"
        known.add(node_id)
        rest = {key: value for key, value in node.items() if key != "id"}
        if is_group(rest):
            rest["children"] = [numbered(child) for child in rest["children"]]
        return {"id": node_id, **rest}

    return numbered(tree)


def _number(node_id: object) -> int:
    """0 for what is no id of ours."""
    if not isinstance(node_id, str) or not node_id.startswith(LETTER):
        return 0
    digits = node_id[len(LETTER) :]
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else 0


def without_ids(tree: Tree) -> Tree:
    """As definitions are stored."""
    return _mapped(tree, lambda node: {key: value for key, value in node.items() if key != "id"})


def _mapped(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """Each node changed, the innermost first."""
    if is_group(tree):
        children = [
            _mapped(child, change) if isinstance(child, dict) else child
            for child in tree["children"]
        ]
        tree = {**tree, "children": children}
    return change(tree)


# Operations


def add(tree: Tree, *, target: str, node: Tree, index: int | None = None) -> Tree:
    """Put a new node into a group, at the end unless a place is given."""
    group = find_group(tree, target)
    place = len(group["children"]) if index is None else max(0, min(index, len(group["children"])))
    return _checked(with_ids(_inserted(tree, target, place, node)))


def replace(tree: Tree, *, node_id: str, node: Tree) -> Tree:
    """Put another node in a node's place; it takes over the id."""
    find(tree, node_id)
    new = {**node, "id": node_id}
    return _mapped(tree, lambda old: new if old.get("id") == node_id else old)


def remove(tree: Tree, *, node_id: str) -> Tree:
    parent, index = parent_of(tree, node_id)
    children = [*parent["children"][:index], *parent["children"][index + 1 :]]
    return replace(tree, node_id=parent["id"], node={**parent, "children": children})


def move(tree: Tree, *, node_id: str, target: str, index: int) -> Tree:
    """Into a group, at a place counted among its children without the moved node."""
    node = find(tree, node_id)
    parent_of(tree, node_id)
    if any(inner.get("id") == target for inner in walk(node)):
        raise EditError("A subsegment cannot be moved into itself.")
    find_group(tree, target)
    left = remove(tree, node_id=node_id)
    place = max(0, min(index, len(find_group(left, target)["children"])))
    return _checked(_inserted(left, target, place, node))


def shift(tree: Tree, *, node_id: str, way: str) -> Tree:
    """One step up or down among its siblings, out behind its group, or into the next one."""
    parent, index = parent_of(tree, node_id)
    if way == "out":
        above, place = parent_of(tree, parent["id"])
        return move(tree, node_id=node_id, target=above["id"], index=place + 1)
    if way == "in":
        neighbour = _group_beside(parent, index)
        if neighbour is None:
            raise EditError("There is no subsegment right above or below to move it into.")
        is_below = parent["children"].index(neighbour) > index
        place = 0 if is_below else len(neighbour["children"])
        return move(tree, node_id=node_id, target=neighbour["id"], index=place)
    step = {"up": -1, "down": 1}.get(way)
    if step is None:
        raise EditError("Move it up, down, in or out.")
    if not 0 <= index + step < len(parent["children"]):
        raise EditError("It is at the end already." if step > 0 else "It is at the top already.")
    return move(tree, node_id=node_id, target=parent["id"], index=index + step)


def can_shift(tree: Tree, parent: Tree, index: int, way: str) -> bool:
    """Whether `shift` would do something; `parent` holds the node at `index`."""
    match way:
        case "up":
            return index > 0
        case "down":
            return index + 1 < len(parent["children"])
        case "in":
            return _group_beside(parent, index) is not None
        case _:
            return parent.get("id") != tree.get("id")


def _group_beside(parent: Tree, index: int) -> Tree | None:
    """The subsegment right above, or else right below."""
    children = parent["children"]
    for place in (index - 1, index + 1):
        if 0 <= place < len(children) and is_group(children[place]):
            found: Tree = children[place]
            return found
    return None


def duplicate(tree: Tree, *, node_id: str) -> Tree:
    """A copy right behind the node, with ids of its own."""
    parent, index = parent_of(tree, node_id)
    copy = without_ids(find(tree, node_id))
    return _checked(with_ids(_inserted(tree, parent["id"], index + 1, copy)))


def wrap(tree: Tree, *, node_id: str) -> Tree:
    """Put a subsegment around a node, which matches as the group around it does not."""
    parent, _ = parent_of(tree, node_id)
    match = "any" if parent.get("match") == "all" else "all"
    group = {"kind": "group", "match": match, "children": [find(tree, node_id)]}
    # The node keeps its id, and the new group gets one.
    around = _mapped(tree, lambda old: group if old.get("id") == node_id else old)
    return _checked(with_ids(around))


def ungroup(tree: Tree, *, node_id: str) -> Tree:
    """Put what a subsegment holds in its place."""
    group = find_group(tree, node_id)
    parent, index = parent_of(tree, node_id)
    children = [
        *parent["children"][:index],
        *group["children"],
        *parent["children"][index + 1 :],
    ]
    return replace(tree, node_id=parent["id"], node={**parent, "children": children})


def set_match(tree: Tree, *, node_id: str, match: str) -> Tree:
    if match not in MATCHES:
        raise EditError("A group matches all, any or none of its conditions.")
    return replace(tree, node_id=node_id, node={**find_group(tree, node_id), "match": match})


def rename(tree: Tree, *, node_id: str, name: str) -> Tree:
    """An empty name takes the name away."""
    if len(name) > MAX_NAME:
        raise EditError(f"A name has at most {MAX_NAME} characters; this one has {len(name)}.")
    group = find_group(tree, node_id)
    rest = {key: value for key, value in group.items() if key not in ("name", "children")}
    named = {"name": name} if name else {}
    return replace(tree, node_id=node_id, node={**rest, **named, "children": group["children"]})


def _inserted(tree: Tree, target: str, index: int, node: Tree) -> Tree:
    group = find_group(tree, target)
    children = [*group["children"][:index], node, *group["children"][index:]]
    return replace(tree, node_id=target, node={**group, "children": children})


def _checked(tree: Tree) -> Tree:
    if depth_of(tree) > MAX_DEPTH:
        raise EditError(f"Subsegments can be nested {MAX_DEPTH} deep, the outermost one included.")
    if sum(not is_group(node) for node in walk(tree)) > MAX_CONDITIONS:
        raise EditError(f"A segment has at most {MAX_CONDITIONS} conditions.")
    return tree


def depth_of(tree: Tree) -> int:
    """How many groups lie in each other, this one included."""
    deepest, level = 0, [tree] if is_group(tree) else []
    while level:
        deepest += 1
        level = [child for group in level for child in group["children"] if is_group(child)]
    return deepest
