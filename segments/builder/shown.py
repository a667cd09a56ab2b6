"""A draft as the canvas shows it: groups and rows with their controls and what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from segments.builder.describing import subject_of
from segments.builder.parts import (
    Block,
    Control,
    GroupView,
    Line,
    More,
    Part,
    Place,
    RowView,
    controls_of,
)
from segments.builder.reading import Reading, Trouble
from segments.builder.rows import icon_of, row_parts
from segments.builder.values import text_of
from segments.builder.vocabulary import Vocabulary
from segments.conditions.catalog import Labels
from segments.conditions.edit import can_shift, is_group
from segments.conditions.sentence import sentence

Tree = dict[str, Any]
ByNode = Mapping[str, Sequence[Trouble]]

MATCH_WORDS = {"all": "All", "any": "Any", "none": "None"}


class Canvas:
    """Draws the nodes of one draft."""

    def __init__(self, tree: Tree, reading: Reading, vocabulary: Vocabulary) -> None:
        self._tree = tree
        self._reading = reading
        self._vocabulary = vocabulary
        self._troubles: defaultdict[str, list[Trouble]] = defaultdict(list)
        for trouble in reading.troubles:
            self._troubles[trouble.node].append(trouble)

    def root(self) -> GroupView:
        return self._group(self._tree, Place())

    def node(self, parent: Tree, index: int) -> GroupView | RowView:
        child = parent["children"][index]
        place = Place(
            **{
                f"can_{way}": can_shift(self._tree, parent, index, way)
                for way in ("up", "down", "in", "out")
            }
        )
        return self._group(child, place) if is_group(child) else self._row(child, place)

    def _group(self, node: Tree, place: Place) -> GroupView:
        troubles = self._troubles.get(node["id"], ())
        count = len(node["children"])
        match = text_of(node.get("match"))
        name = text_of(node.get("name"))
        many = f"{MATCH_WORDS.get(match, 'All')} of {count} condition{'' if count == 1 else 's'}"
        return GroupView(
            id=node["id"],
            match=match,
            name=name,
            children=tuple(self.node(node, index) for index in range(count)),
            summary=f"{name}: {many.lower()}" if name else many,
            problems=tuple(trouble.message for trouble in troubles),
            state=state_of(troubles),
            place=place,
            is_root=node is self._tree,
        )

    def _row(self, node: Tree, place: Place) -> RowView:
        parts = row_parts(node, self._vocabulary)
        troubles = self._troubles.get(node["id"], ())
        parts, others = with_problems(parts, troubles)
        return RowView(
            id=node["id"],
            icon=icon_of(node),
            parts=parts,
            sentence=words_of(node, self._reading, self._vocabulary.labels),
            problems=others,
            state=state_of(troubles),
            place=place,
        )


def state_of(troubles: Sequence[Trouble]) -> str:
    if not troubles:
        return ""
    return "missing" if all(trouble.is_missing for trouble in troubles) else "wrong"


def words_of(node: Tree, reading: Reading, labels: Labels) -> str:
    """A condition or group in words; while it is incomplete, what it is about."""
    known = reading.nodes.get(node["id"])
    if known is not None and not is_group(node):
        return sentence(known, labels)
    if is_group(node):
        name = text_of(node.get("name"))
        return f"subsegment “{name}”" if name else "subsegment"
    return f"{subject_of(node, labels)} (not complete)"


def with_problems(
    parts: tuple[Part, ...], troubles: Sequence[Trouble]
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The parts with each problem at the control that it is about, and those about none."""
    names = [control.name for control in controls_of(parts)]
    said: defaultdict[str, list[Trouble]] = defaultdict(list)
    others = []
    for trouble in troubles:
        name = _nearest(trouble.control, names)
        if name is None:
            others.append(trouble.message)
        else:
            said[name].append(trouble)
    return tuple(_told(part, said) for part in parts), tuple(others)


def _nearest(path: str, names: Sequence[str]) -> str | None:
    """The control with this path, or below it, or else the one that it lies in."""
    if not path:
        return None
    if path in names:
        return path
    inside = [name for name in names if name.startswith((f"{path}.", f"{path}["))]
    around = [name for name in names if path.startswith((f"{name}.", f"{name}["))]
    found = inside[:1] or sorted(around, key=len)[-1:]
    return found[0] if found else None


def _told(part: Part, said: Mapping[str, list[Trouble]]) -> Part:
    match part:
        case Control(name) if name in said:
            messages = dict.fromkeys(trouble.message for trouble in said[name])
            is_missing = all(trouble.is_missing for trouble in said[name])
            return replace(part, problem=" ".join(messages), is_missing=is_missing)
        case Block():
            return replace(
                part,
                head=tuple(_told(inner, said) for inner in part.head),
                lines=tuple(
                    Line(tuple(_told(inner, said) for inner in line.parts), line.joint)
                    for line in part.lines
                ),
            )
        case More():
            told = tuple(_told(inner, said) for inner in part.parts)
            is_wrong = any(control.problem for control in controls_of(told))
            return More(told, is_open=part.is_open or is_wrong)
        case _:
            return part
