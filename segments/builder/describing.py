"""Conditions of a draft, perhaps incomplete, and what differs between two drafts, in words."""

from __future__ import annotations

from collections.abc import Sequence

from segments.builder.comparing import Change, Did
from segments.conditions.catalog import Catalog, Labels
from segments.conditions.edit import Tree, is_group, without_ids
from segments.conditions.parse import InvalidDefinition, parse
from segments.conditions.problems import quoted
from segments.conditions.sentence import sentence

MOST_LINES = 30
LONGEST = 200
"""Characters of a condition within a line."""


def describe_node(node: Tree, catalog: Catalog, labels: Labels) -> str:
    """Its sentence, or what it is about while it is incomplete: "Tier (not complete)"."""
    if is_group(node):
        return _group(node, catalog, labels)
    return _sentence(node, catalog, labels) or f"{subject_of(node, labels)} (not complete)"


def change_lines(changes: Sequence[Change], catalog: Catalog, labels: Labels) -> tuple[str, ...]:
    lines = [_line(change, catalog, labels) for change in changes[:MOST_LINES]]
    if more := len(changes) - len(lines):
        lines.append(f"And {more} more {'change' if more == 1 else 'changes'}")
    return tuple(lines)


def _sentence(node: Tree, catalog: Catalog, labels: Labels) -> str:
    """Empty while it makes no sense alone."""
    alone = {"kind": "group", "match": "all", "children": [without_ids(node)]}
    try:
        return sentence(parse(alone, catalog), labels)
    except InvalidDefinition:
        return ""


def _group(node: Tree, catalog: Catalog, labels: Labels) -> str:
    if _name(node):
        return f"Subsegment {quoted(_name(node))}"
    if not node["children"]:
        return "Subsegment (empty)"
    return f"Subsegment ({_sentence(node, catalog, labels) or 'not complete'})"


def _name(node: Tree) -> str:
    name = node.get("name")
    return name if isinstance(name, str) else ""


def subject_of(node: Tree, labels: Labels) -> str:
    match node:
        case {"kind": "field", "field": str(field)} if field:
            return labels.field(field)
        case {"kind": "event" | "occurrence", "event": str(event)} if event:
            return labels.event_type(event)
        case {"kind": "sequence", "steps": [{"event": str(event)}, *_]} if event:
            return f"Sequence from {labels.event_type(event)}"
        case {"kind": "segment", "segment": str(segment)} if segment:
            return f"Segment {labels.segment(segment)}"
        case {"kind": str(kind)}:
            return KINDS.get(kind, "Condition")
        case _:
            return "Condition"


KINDS = {
    "field": "Contact field",
    "event": "Event",
    "occurrence": "First or last event",
    "sequence": "Sequence",
    "segment": "Segment",
    "random": "Random sample",
    "everyone": "Everyone",
    "group": "Subsegment",
}


def _line(change: Change, catalog: Catalog, labels: Labels) -> str:
    match change.did:
        case Did.MATCHES:
            match = change.new.get("match")
            other = match if match in ("all", "any", "none") else "something else"
            return f"{_called(change.new, is_root=change.is_root)} now matches {other}"
        case Did.RENAMED:
            return _renamed(change)
        case Did.CHANGED:
            old, new = (
                _short(describe_node(node, catalog, labels)) for node in (change.old, change.new)
            )
            return f"Changed: {old}" if old == new else f"Changed: {old} → {new}"
        case did:
            words = describe_node(change.new, catalog, labels)
            return f"{did.value.capitalize()}: {_short(words)}"


def _renamed(change: Change) -> str:
    was = _called(change.old, is_root=change.is_root)
    name = _name(change.new)
    return f"{was} is now named {quoted(name)}" if name else f"{was} has no name any more"


def _called(group: Tree, *, is_root: bool) -> str:
    if is_root:
        return "The outermost group"
    return f"Subsegment {quoted(_name(group))}" if _name(group) else "A subsegment"


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
