"""Who is in which of a few segments: every combination with its exact number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from segments.engine.sampling import everybody
from segments.models import Segment
from segments.overlap.bitmaps import Block, read_blocks

FEWEST, MOST = 2, 5
LIMIT_MS: Final = 8_000
Inside = tuple[bool, ...]
"""For each of the segments, whether one is in it."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Contacts that are in exactly these of the segments."""

    inside: Inside
    count: int
    share: float
    """Of all who are in any of the segments."""


@dataclass(frozen=True, slots=True)
class Overlap:
    segments: list[Segment]
    sizes: list[int]
    combinations: list[Combination]
    """All that are possible, the largest first."""
    outside: int
    """Contacts that are in none of them."""

    @property
    def in_any(self) -> int:
        return sum(one.count for one in self.combinations)

    @property
    def in_all(self) -> Combination:
        return next(one for one in self.combinations if all(one.inside))

    def of(self, *inside: bool) -> Combination:
        return next(one for one in self.combinations if one.inside == inside)


def overlap_of(segments: Sequence[Segment]) -> Overlap:
    """Exactly, from the stored members. Raises TooSlow."""
    ids = [segment.pk for segment in segments]
    counts = count_combinations(read_blocks(ids, limit_ms=LIMIT_MS), ids)
    in_any = sum(counts.values())
    found = [
        Combination(inside, counts[inside], counts[inside] / in_any if in_any else 0.0)
        for inside in all_combinations(len(ids))
    ]
    sizes = [
        sum(count for inside, count in counts.items() if inside[place]) for place in range(len(ids))
    ]
    found.sort(key=lambda one: (-one.count, -sum(one.inside)))
    return Overlap(list(segments), sizes, found, max(0, everybody().total - in_any))


def all_combinations(length: int) -> list[Inside]:
    """Each but that of nobody: those who are in one first."""
    found = [
        tuple(bool(number >> place & 1) for place in range(length))
        for number in range(1, 1 << length)
    ]
    return sorted(found, key=lambda inside: (sum(inside), [not one for one in inside]))


def count_combinations(blocks: Iterable[Block], ids: Sequence[int]) -> Counter[Inside]:
    counts: Counter[Inside] = Counter()
    for block in blocks:
        maps = [block.get(pk, 0) for pk in ids]
        for inside in all_combinations(len(ids)):
            counts[inside] += _only(maps, inside).bit_count()
    return counts


def _only(maps: Sequence[int], inside: Inside) -> int:
    """Those who are in these, and in none of the others."""
    found = -1
    for bits, is_in in zip(maps, inside, strict=True):
        found &= bits if is_in else ~bits
    return found


def conditions_of(segments: Sequence[Segment], inside: Inside) -> list[dict[str, Any]]:
    """What a contact of the combination meets, as a list of contacts is filtered by it."""
    return [
        {"kind": "segment", "segment": segment.key, "member": is_in}
        for segment, is_in in sorted(
            zip(segments, inside, strict=True), key=lambda pair: not pair[1]
        )
    ]


def words_of(names: Sequence[str], inside: Inside) -> str:
    """Such as "A and B only"; of all, without that word."""
    found = [name for name, is_in in zip(names, inside, strict=True) if is_in]
    joined = " and ".join(filter(None, [", ".join(found[:-1]), found[-1]]))
    return joined if all(inside) else f"{joined} only"
