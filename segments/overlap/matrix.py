"""How many members any two segments share: counted at once for all of them, and kept a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from math import ceil
from typing import Any, Final

from segments.models import Segment
from segments.overlap.bitmaps import BLOCK, Block, read_blocks
from segments.overlap.models import SharedMembers
from segments.wakes import wake_overlap

FRESH: Final = timedelta(minutes=5)
"""What was counted so long ago is shown without being counted again."""
KEPT: Final = timedelta(hours=1)
"""So long it is shown, with its time, while it is counted anew behind it."""
QUICK: Final = 5_000_000
"""Memberships that are read while somebody waits; of more, blocks of contacts spread evenly
stand for the others."""
MOST: Final = 50_000_000
"""The same when nobody waits."""
QUICK_MS: Final = 8_000
LIMIT_MS: Final = 120_000
SMALL_BLOCK: Final = 1 << 14
COMPARED: Final = (Segment.Status.LIVE, Segment.Status.PAUSED)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shared:
    """How many members two segments have in common, seen from the first."""

    size: int
    other: int
    both: int

    @property
    def share(self) -> float:
        """Of the first one's members, those who are in the other."""
        return self.both / self.size if self.size else 0.0

    @property
    def share_of_other(self) -> float:
        return self.both / self.other if self.other else 0.0

    @property
    def likeness(self) -> float:
        """Of those who are in either, those who are in both (Jaccard's index)."""
        either = self.size + self.other - self.both
        return self.both / either if either else 0.0


@dataclass(frozen=True, slots=True)
class Matrix:
    at: datetime
    every: int
    """1: all contacts were looked at; else one block of so many, and the numbers are about."""
    sizes: dict[int, int]
    """By segment; in the order of their ids."""
    pairs: dict[Pair, int]
    """By two segments, the smaller id first; those without common members may be missing."""

    @property
    def is_exact(self) -> bool:
        return self.every == 1

    def between(self, one: int, other: int) -> Shared:
        pair = (one, other) if one < other else (other, one)
        both = self.sizes.get(one, 0) if one == other else self.pairs.get(pair, 0)
        return Shared(self.sizes.get(one, 0), self.sizes.get(other, 0), both)


def current_matrix(*, now: datetime) -> Matrix:
    """Of all live and paused segments, at most an hour old. Raises TooSlow."""
    kept = kept_matrix()
    covers = kept is not None and compared_segments().keys() <= kept.sizes.keys()
    if kept is None or not covers or not now - KEPT < kept.at <= now:
        kept = refresh_matrix(now=now, most=QUICK, limit_ms=QUICK_MS)
        if not kept.is_exact:
            wake_overlap()
    elif kept.at <= now - FRESH:
        wake_overlap()
    return kept


def refresh_matrix(
    *,
    now: datetime,
    most: int = MOST,
    limit_ms: int = LIMIT_MS,
    between: Callable[[], object] = lambda: None,
) -> Matrix:
    """Count, and keep it, calling `between` after each block of contacts. Raises TooSlow."""
    sizes = compared_segments()
    matrix = count_matrix(sizes, now=now, most=most, limit_ms=limit_ms, between=between)
    SharedMembers.objects.update_or_create(
        pk=1, defaults={"counted_at": matrix.at, "numbers": _as_numbers(matrix)}
    )
    return matrix


def is_recount_due(*, now: datetime) -> bool:
    """Also when nobody looks, so that the list of segments can say which ones are the same."""
    return not SharedMembers.objects.filter(counted_at__gt=now - KEPT, counted_at__lte=now).exists()


def kept_matrix() -> Matrix | None:
    """What was counted last, however long ago."""
    kept = SharedMembers.objects.filter(pk=1).first()
    return _of_numbers(kept.counted_at, kept.numbers) if kept else None


def compared_segments() -> dict[int, int]:
    """Their sizes, as they are stored."""
    found = Segment.objects.filter(status__in=COMPARED, built_at__isnull=False)
    return dict(found.order_by("pk").values_list("pk", "member_count"))


def count_matrix(
    sizes: dict[int, int],
    *,
    now: datetime,
    most: int = MOST,
    limit_ms: int = LIMIT_MS,
    between: Callable[[], object] = lambda: None,
) -> Matrix:
    every = max(1, ceil(sum(sizes.values()) / most))
    size = BLOCK if every == 1 else SMALL_BLOCK
    blocks = read_blocks(sizes, limit_ms=limit_ms, size=size, every=every)
    seen, pairs = count_pairs(_with_turns(blocks, between))
    return Matrix(
        now,
        every,
        {pk: seen[pk] * every for pk in sorted(sizes)},
        {pair: both * every for pair, both in pairs.items()},
    )


def _with_turns(blocks: Iterable[Block], between: Callable[[], object]) -> Iterator[Block]:
    for block in blocks:
        yield block
        between()


def count_pairs(blocks: Iterable[Block]) -> tuple[Counter[int], Counter[Pair]]:
    """Members of each segment, and of each two with the smaller id first."""
    sizes: Counter[int] = Counter()
    pairs: Counter[Pair] = Counter()
    for block in blocks:
        rows = sorted(block.items())
        for segment_id, bits in rows:
            sizes[segment_id] += bits.bit_count()
        for (one, bits), (other, more) in combinations(rows, 2):
            if both := (bits & more).bit_count():
                pairs[one, other] += both
    return sizes, pairs


def same_members(matrix: Matrix, ids: Collection[int]) -> list[list[int]]:
    """Of these, the segments that have the very same members; those without any are left out."""
    groups: list[list[int]] = []
    for pk in sorted(pk for pk in ids if matrix.sizes.get(pk)):
        for group in groups:
            shared = matrix.between(group[0], pk)
            if shared.size == shared.other == shared.both:
                group.append(pk)
                break
        else:
            groups.append([pk])
    return [group for group in groups if len(group) > 1]


def _as_numbers(matrix: Matrix) -> dict[str, Any]:
    ids = list(matrix.sizes)
    rows = [[matrix.between(one, two).both for two in ids[:n]] for n, one in enumerate(ids)]
    return {"ids": ids, "sizes": list(matrix.sizes.values()), "rows": rows, "every": matrix.every}


def _of_numbers(at: datetime, numbers: dict[str, Any]) -> Matrix:
    ids: Sequence[int] = numbers["ids"]
    pairs = {
        (other, one): both
        for one, row in zip(ids, numbers["rows"], strict=True)
        for other, both in zip(ids, row, strict=False)
        if both
    }
    sizes = dict(zip(ids, numbers["sizes"], strict=True))
    return Matrix(at, numbers["every"], sizes, pairs)
