"""What differs between two trees, node by node. Plain data, without Django."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from segments.conditions.edit import Tree, is_group, without_ids

_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


def fingerprint(value: Any) -> bytes:
    """The same for the same JSON: the order of keys is none of it, 1 and true are not the same."""
    return _encoder.encode(value)


def same(one: Any, other: Any) -> bool:
    return fingerprint(one) == fingerprint(other)


class Did(Enum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    MATCHES = "matches"
    """A group with another match."""
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Change:
    did: Did
    old: Tree
    new: Tree
    """For what was added or removed both are the same."""
    is_root: bool = False


def changes_between(old: Tree, new: Tree) -> list[Change]:
    """In the order of the new tree; what a new or lost group holds goes without saying."""
    before, after = _placed(old), _placed(new)
    moved = _moved(before, after)
    found = []
    for key, place in after.items():
        if key not in before:
            if place.parent in before:
                found.append(Change(Did.ADDED, place.node, place.node))
            continue
        was = before[key].node
        if key in moved:
            found.append(Change(Did.MOVED, was, place.node))
        found += [Change(did, was, place.node, key == ROOT) for did in _done(was, place.node)]
    lost = [place for key, place in before.items() if key not in after and place.parent in after]
    return found + [Change(Did.REMOVED, place.node, place.node) for place in lost]


ROOT = ""
"""The outermost groups are one and the same, whatever their ids."""


@dataclass(frozen=True, slots=True)
class _Place:
    node: Tree
    parent: str


def _placed(tree: Tree) -> dict[str, _Place]:
    """Where each node stands, by id; each comes before what it holds."""
    found = {}
    waiting = [(ROOT, _Place(tree, ROOT))]
    while waiting:
        key, place = waiting.pop()
        found[key] = place
        waiting += [(child["id"], _Place(child, key)) for child in reversed(_children(place.node))]
    return found


def _children(node: Tree) -> list[Tree]:
    return node["children"] if is_group(node) else []


def _done(old: Tree, new: Tree) -> Iterator[Did]:
    """What was done to a node where it is."""
    if not is_group(old) or not is_group(new):
        if not same(without_ids(old), without_ids(new)):
            yield Did.CHANGED
        return
    if not same(old.get("match"), new.get("match")):
        yield Did.MATCHES
    if not same(old.get("name"), new.get("name")):
        yield Did.RENAMED
    if not same(_rest(old), _rest(new)):
        yield Did.CHANGED


def _rest(group: Tree) -> Tree:
    """What nobody expects in a group."""
    known = ("id", "kind", "match", "name", "children")
    return {key: value for key, value in group.items() if key not in known}


def _moved(before: dict[str, _Place], after: dict[str, _Place]) -> set[str]:
    """Those in another group, and as few as explain the order within each group."""
    common = [key for key in after if key in before]
    moved = {key for key in common if before[key].parent != after[key].parent}
    for group in common:
        if not is_group(before[group].node) or not is_group(after[group].node):
            continue
        order = {child["id"]: n for n, child in enumerate(before[group].node["children"])}
        stayed = [child["id"] for child in after[group].node["children"] if child["id"] in order]
        kept = _longest_rising([order[key] for key in stayed])
        moved |= {key for key in stayed if order[key] not in kept}
    return moved


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The members of a longest rising subsequence of different numbers."""
    ends: list[int] = []
    """The least number that a rising sequence of each length ends with so far."""
    before: dict[int, int | None] = {}
    for number in numbers:
        length = bisect_left(ends, number)
        before[number] = ends[length - 1] if length else None
        ends[length : length + 1] = [number]
    kept = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept
