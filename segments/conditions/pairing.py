"""Which condition of an old group a condition of the new one was before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from segments.conditions.nodes import (
    EventCondition,
    FieldCondition,
    Group,
    Node,
    Occurrence,
    SegmentCondition,
)

MOST_COMPARED = 2_500
"""Pairs of groups; of more than these, the first is taken for the first."""

Subject = tuple[str, str]


def paired(old: Sequence[Node], new: Sequence[Node]) -> dict[int, int]:
    """Places in the old group by places in the new: equal ones, then those about the same."""
    pairs: dict[int, int] = {}
    _pair_alike(list(old), list(new), pairs)
    for is_group in (False, True):
        left_old = [
            (place, node)
            for place, node in enumerate(old)
            if place not in pairs.values() and isinstance(node, Group) == is_group
        ]
        left_new = [
            (place, node)
            for place, node in enumerate(new)
            if place not in pairs and isinstance(node, Group) == is_group
        ]
        if is_group:
            _pair_groups(left_old, left_new, pairs)
        else:
            _pair_subjects(left_old, left_new, pairs)
    return pairs


def _pair_alike(old: list[Node], new: list[Node], pairs: dict[int, int]) -> None:
    places: dict[Node, list[int]] = defaultdict(list)
    for place in reversed(range(len(old))):
        places[old[place]].append(place)
    for place, node in enumerate(new):
        if places.get(node):
            pairs[place] = places[node].pop()


def _pair_subjects(
    old: list[tuple[int, Node]], new: list[tuple[int, Node]], pairs: dict[int, int]
) -> None:
    """In their order where there are several about the same."""
    places: dict[Subject, list[int]] = defaultdict(list)
    for place, node in reversed(old):
        places[_subject(node)].append(place)
    for place, node in new:
        if found := places.get(_subject(node)):
            pairs[place] = found.pop()


def _pair_groups(
    old: list[tuple[int, Node]], new: list[tuple[int, Node]], pairs: dict[int, int]
) -> None:
    """Those first that have most in common; groups that share nothing are different ones."""
    if len(old) * len(new) > MOST_COMPARED:
        pairs.update((after, before) for (before, _), (after, _) in zip(old, new, strict=False))
        return
    abouts = {place: Counter(_abouts(node)) for place, node in old}
    scores = []
    for after, node in new:
        about = Counter(_abouts(node))
        for before, other in old:
            if score := (about & abouts[before]).total() + 2 * _same_name(node, other):
                scores.append((-score, after, before))
    taken: set[int] = set()
    for _, after, before in sorted(scores):
        if after not in pairs and before not in taken:
            pairs[after] = before
            taken.add(before)


def _same_name(one: Node, other: Node) -> bool:
    names = [node.name for node in (one, other) if isinstance(node, Group)]
    return bool(names[0]) and names[0] == names[1]


def _abouts(node: Node) -> Iterator[Subject]:
    if isinstance(node, Group):
        for child in node.children:
            yield from _abouts(child)
    else:
        yield _subject(node)


def _subject(node: Node) -> Subject:
    match node:
        case FieldCondition(field):
            return "field", field
        case EventCondition(event=event) | Occurrence(event=event):
            return "event", event
        case SegmentCondition(segment):
            return "segment", segment
        case _:
            return type(node).__name__, ""
