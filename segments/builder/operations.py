"""What people do on the canvas, each by the name its button sends: tree to tree, with words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segments.builder.altering import altered
from segments.builder.blocks import new_node
from segments.builder.changing import PREFIX, changed, typed_into
from segments.builder.describing import subject_of
from segments.builder.vocabulary import Vocabulary
from segments.conditions import edit
from segments.conditions.edit import EditError, Tree, is_group

Sent = Mapping[str, Sequence[str]]
WAYS = {"up": "up", "down": "down", "in": "into a subsegment", "out": "out of its subsegment"}


@dataclass(frozen=True, slots=True)
class Done:
    tree: Tree
    label: str
    """Such as "Added Tier"; what undo offers to take back."""
    focus: str = ""
    """Id of the node that is to have the focus; empty when it stays where it is."""
    merge_key: str = ""
    """Equal ones shortly after each other are one step."""


def perform(do: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    """Raises EditError, with a sentence, for what cannot be done."""
    verb, _, argument = do.partition(":")
    operation = OPERATIONS.get(verb)
    if operation is not None:
        return operation(argument, sent, tree, vocabulary)
    if verb in WAYS:
        return _shift(verb, sent, tree, vocabulary)
    return _alter(do, sent, tree, vocabulary)


def changed_part(old: Tree, new: Tree) -> str:
    """Id of the innermost node that holds everything in which two trees differ."""
    if not is_group(old) or not is_group(new):
        return str(new["id"])
    before, after = old["children"], new["children"]
    is_alike = _head(old) == _head(new) and [one["id"] for one in before] == [
        one["id"] for one in after
    ]
    pairs = zip(before, after, strict=True) if is_alike else ()
    different = [(one, other) for one, other in pairs if one != other]
    if len(different) != 1:
        return str(new["id"])
    return changed_part(*different[0])


def _head(group: Tree) -> Tree:
    return {key: value for key, value in group.items() if key != "children"}


def _one(sent: Sent, name: str) -> str:
    values = sent.get(name, ())
    if not values:
        raise EditError("Something is missing in what was sent. Load the page again.")
    return values[-1]


def _index(sent: Sent) -> int | None:
    text = sent.get("index", ("",))[-1:]
    number = text[0] if text else ""
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 6):
        raise EditError("There is no such place.")
    return int(number)


def _name(node: Tree, vocabulary: Vocabulary) -> str:
    if not is_group(node):
        return subject_of(node, vocabulary.labels)
    name = node.get("name")
    return f"the subsegment “{name}”" if name else "a subsegment"


def _add(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    block = argument or _one(sent, "block")
    node = new_node(block, vocabulary)
    known = {one["id"] for one in edit.walk(tree)}
    target = sent.get("target", [tree["id"]])[-1]
    new = edit.add(tree, target=target, node=node, index=_index(sent))
    added = next(one["id"] for one in edit.walk(new) if one["id"] not in known)
    return Done(new, f"Added {_name(node, vocabulary)}", added)


def _move(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    node_id, target = _one(sent, "node"), _one(sent, "target")
    index = _index(sent)
    place = len(edit.find_group(tree, target)["children"]) if index is None else index
    new = edit.move(tree, node_id=node_id, target=target, index=place)
    return Done(new, f"Moved {_name(edit.find(tree, node_id), vocabulary)}", node_id)


def _shift(way: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    node_id = _one(sent, "node")
    new = edit.shift(tree, node_id=node_id, way=way)
    name = _name(edit.find(tree, node_id), vocabulary)
    return Done(new, f"Moved {name} {WAYS[way]}", node_id)


def _change(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    node_id = _one(sent, "node")
    node = edit.find(tree, node_id)
    if is_group(node):
        return _group("", sent, tree, vocabulary)
    new = changed(_bare(node), sent, vocabulary)
    typed = typed_into(_bare(node), sent, vocabulary)
    merge_key = f"{node_id} {typed}" if typed else ""
    tree = edit.replace(tree, node_id=node_id, node=new)
    return Done(tree, f"Changed {_name(node, vocabulary)}", merge_key=merge_key)


def _alter(do: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    """A button within a row; what was typed in the row beside it counts, too."""
    node_id = _one(sent, "node")
    node = edit.find(tree, node_id)
    if is_group(node):
        raise EditError("This button is no longer there.")
    typed = {name: values for name, values in sent.items() if name.startswith(PREFIX)}
    new = altered(changed(_bare(node), typed, vocabulary), do, vocabulary)
    tree = edit.replace(tree, node_id=node_id, node=new)
    return Done(tree, f"Changed {_name(node, vocabulary)}")


def _bare(node: Tree) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "id"}


def _group(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    """The head of a group: how many have to fit, and its name."""
    node_id = _one(sent, "node")
    before = edit.find_group(tree, node_id)
    new, label, merge_key = tree, "Changed a subsegment", ""
    match = argument or sent.get("match", [str(before.get("match"))])[-1]
    if match != str(before.get("match")):
        new = edit.set_match(new, node_id=node_id, match=match)
        label = f"Set {_name(before, vocabulary)} to match {match}"
    name = sent.get("name", [str(before.get("name") or "")])[-1].strip()
    if name != str(before.get("name") or ""):
        new = edit.rename(new, node_id=node_id, name=name)
        label, merge_key = f"Named a subsegment “{name}”", f"name {node_id}"
    return Done(new, label, merge_key=merge_key)


def _remove(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    node_id = _one(sent, "node")
    node = edit.find(tree, node_id)
    parent, index = edit.parent_of(tree, node_id)
    left = [child["id"] for child in parent["children"] if child["id"] != node_id]
    focus = left[min(index, len(left) - 1)] if left else parent["id"]
    new = edit.remove(tree, node_id=node_id)
    return Done(new, f"Removed {_name(node, vocabulary)}", focus)


def _duplicate(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    node_id = _one(sent, "node")
    new = edit.duplicate(tree, node_id=node_id)
    parent, index = edit.parent_of(new, node_id)
    name = _name(edit.find(tree, node_id), vocabulary)
    return Done(new, f"Duplicated {name}", parent["children"][index + 1]["id"])


def _wrap(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    node_id = _one(sent, "node")
    new = edit.wrap(tree, node_id=node_id)
    name = _name(edit.find(tree, node_id), vocabulary)
    return Done(new, f"Put {name} in a subsegment", node_id)


def _ungroup(argument: str, sent: Sent, tree: Tree, vocabulary: Vocabulary) -> Done:
    node_id = _one(sent, "node")
    group = edit.find_group(tree, node_id)
    parent, _ = edit.parent_of(tree, node_id)
    new = edit.ungroup(tree, node_id=node_id)
    focus = group["children"][0]["id"] if group["children"] else parent["id"]
    return Done(new, f"Dissolved {_name(group, vocabulary)}", focus)


OPERATIONS: dict[str, Callable[[str, Sent, Tree, Vocabulary], Done]] = {
    "add": _add,
    "move": _move,
    "change": _change,
    "group": _group,
    "remove": _remove,
    "duplicate": _duplicate,
    "wrap": _wrap,
    "ungroup": _ungroup,
}
