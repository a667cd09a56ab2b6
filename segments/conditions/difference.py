"""What changed from one definition to another: a line for each condition, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from segments.conditions.catalog import Labels
from segments.conditions.nodes import Group, Match, Node
from segments.conditions.pairing import paired
from segments.conditions.sentence import sentence
from segments.conditions.worded import Mark, Part, changed_words, hidden_values

MATCHES = {
    Match.ALL: "All of the conditions have to fit",
    Match.ANY: "Any of the conditions has to fit",
    Match.NONE: "None of the conditions may fit",
}


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Line:
    """A condition, or what a group asks of the conditions in it."""

    change: Change
    parts: tuple[Part, ...]
    within: tuple[str, ...]
    """What the groups around it ask, from the outermost one."""
    is_group: bool = False

    @property
    def depth(self) -> int:
        return len(self.within)

    @property
    def before(self) -> str:
        """As it was; empty for what was added."""
        return "" if self.change == Change.ADDED else _told(self.parts, but=Mark.ADDED)

    @property
    def after(self) -> str:
        return "" if self.change == Change.REMOVED else _told(self.parts, but=Mark.REMOVED)


@dataclass(frozen=True, slots=True)
class Difference:
    lines: tuple[Line, ...]
    """All of both definitions, as the new one is ordered."""
    is_same: bool
    """Nothing at all differs; without this, only the order does when no line has changed."""

    @property
    def changes(self) -> list[Line]:
        return [line for line in self.lines if line.change != Change.SAME]

    @property
    def folded(self) -> list[Line]:
        """What changed within its groups; conditions that did not are only counted."""
        return list(_folded(self.lines))


def difference(old: Group, new: Group, labels: Labels) -> Difference:
    """A condition about the same thing as before counts as changed, also in its values alone."""
    return Difference(tuple(_Comparing(labels).pair(old, new, ())), is_same=old == new)


@dataclass(frozen=True, slots=True)
class _Comparing:
    labels: Labels

    def pair(self, old: Node, new: Node, within: tuple[str, ...]) -> Iterator[Line]:
        if isinstance(old, Group) and isinstance(new, Group):
            yield self._head(old, new, within)
            yield from self._children(old, new, (*within, _asks(new)))
            return
        parts = changed_words(sentence(old, self.labels), sentence(new, self.labels))
        parts = (*parts, *hidden_values(old, new))
        is_same = all(part.mark == Mark.SAME for part in parts)
        yield Line(Change.SAME if is_same else Change.CHANGED, parts, within)

    def _head(self, old: Group, new: Group, within: tuple[str, ...]) -> Line:
        parts = changed_words(_asks(old), _asks(new))
        is_same = all(part.mark == Mark.SAME for part in parts)
        return Line(Change.SAME if is_same else Change.CHANGED, parts, within, is_group=True)

    def _children(self, old: Group, new: Group, within: tuple[str, ...]) -> Iterator[Line]:
        """Those that were removed stand after what they stood behind."""
        pairs = paired(old.children, new.children)
        places = {before: after for after, before in pairs.items()}
        removed: dict[int, list[Node]] = {}
        behind = -1
        for place, child in enumerate(old.children):
            if place in places:
                behind = places[place]
            else:
                removed.setdefault(behind, []).append(child)
        for place in range(-1, len(new.children)):
            if place in pairs:
                yield from self.pair(old.children[pairs[place]], new.children[place], within)
            elif place >= 0:
                yield from self._whole(new.children[place], Change.ADDED, within)
            for child in removed.get(place, ()):
                yield from self._whole(child, Change.REMOVED, within)

    def _whole(self, node: Node, change: Change, within: tuple[str, ...]) -> Iterator[Line]:
        is_group = isinstance(node, Group)
        text = _asks(node) if isinstance(node, Group) else sentence(node, self.labels)
        yield Line(change, (Part(text),), within, is_group=is_group)
        if isinstance(node, Group):
            for child in node.children:
                yield from self._whole(child, change, (*within, text))


def _asks(group: Group) -> str:
    """Any of one condition is all of it."""
    is_all = group.match == Match.ANY and len(group.children) == 1
    asked = MATCHES[Match.ALL if is_all else group.match]
    return f"{group.name}: {asked[0].lower()}{asked[1:]}" if group.name else asked


def _told(parts: Iterable[Part], *, but: Mark) -> str:
    return "".join(part.text for part in parts if part.mark != but).strip()


def _folded(lines: tuple[Line, ...]) -> Iterator[Line]:
    """A group is told when something in it changed; what did not, is counted where it stands."""
    around = {
        (*line.within[: depth + 1],)
        for line in lines
        if line.change != Change.SAME
        for depth in range(line.depth)
    }
    left: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        if line.change != Change.SAME or (line.is_group and (*line.within, line.after) in around):
            yield from _counted(left)
            yield line
        elif not line.is_group:
            left[next((w for w in _shorter(line.within) if w in around), line.within)] += 1
    yield from _counted(left)


def _shorter(within: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for length in range(len(within), 0, -1):
        yield within[:length]


def _counted(left: Counter[tuple[str, ...]]) -> Iterator[Line]:
    for within, count in left.items():
        conditions = "condition" if count == 1 else "conditions"
        yield Line(Change.SAME, (Part(f"{count:,} {conditions} as before"),), within)
    left.clear()
