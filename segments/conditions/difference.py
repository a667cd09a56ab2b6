"""What changed from one definition to the next, line by line in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from segments.conditions.catalog import Labels
from segments.conditions.nodes import Group, Match
from segments.conditions.sentence import sentence

MATCHES = {
    Match.ALL: "All of the conditions have to fit",
    Match.ANY: "Any of the conditions has to fit",
    Match.NONE: "None of the conditions may fit",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Conditions at the top of a definition that were added and removed, as sentences."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    is_same: bool
    """Nothing at all differs; without this, names or the order do when both are empty."""


def difference(old: Group, new: Group, labels: Labels) -> Difference:
    """A condition that was changed counts as one removed and one added."""
    before, after = _lines(old, labels), _lines(new, labels)
    return Difference(
        added=_missing(after, before), removed=_missing(before, after), is_same=old == new
    )


def _lines(group: Group, labels: Labels) -> list[str]:
    """Any of one condition is all of it."""
    is_all = group.match == Match.ANY and len(group.children) == 1
    head = MATCHES[Match.ALL if is_all else group.match]
    return [head, *(sentence(child, labels) for child in group.children)]


def _missing(lines: list[str], others: list[str]) -> tuple[str, ...]:
    """Those that the others have not, or not as often, in order."""
    left = Counter(others)
    found = []
    for line in lines:
        if left[line]:
            left[line] -= 1
        else:
            found.append(line)
    return tuple(found)
