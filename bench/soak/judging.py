"""Is it flat: lines through what was sampled, and the bounds for them."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bench.soak.sampling import Sample
from bench.speed.findings import quantile

WARM_UP = 0.2
"""Of the time: caches fill, statements are prepared, workers get their size."""
MB_AN_HOUR, PART_AN_HOUR = 12.0, 0.05
"""Memory may grow by so much an hour, whichever is more: less than a garbage collector leaves lying about."""
MORE_FILES, MORE_THREADS = 8, 2
MORE_BYTES = 16 * 1024 * 1024
LATER = 1.5
"""The last third's freshness may be so many times that of the first."""
LATER_SECONDS = 0.1
P99_SECONDS = 1.0
MOST_LOAD = 1.5
"""For each core; where others work as well, freshness says more about them."""
NOT_ALONE = "none: others took the processors"


@dataclass(frozen=True)
class Line:
    """One row of what was found."""

    name: str
    begun: str
    ended: str
    change: str
    bound: str
    is_flat: bool | None
    """None where nothing is asked for."""


def lines(samples: Sequence[Sample], waits: Sequence[tuple[float, float]]) -> list[Line]:
    """`waits`: when a probe was sent and how long its membership took, in seconds."""
    warm = [one for one in samples if one.at >= WARM_UP * samples[-1].at]
    kinds = sorted({kind for one in warm for kind in one.memory})
    found = [_memory(warm, kind) for kind in kinds]
    found += [
        _most(warm, f"open files, {kind}", _files(kind), MORE_FILES)
        for kind in kinds
        if kind != "database"  # PostgreSQL keeps files open, up to 1,000 for each process
    ]
    found += [_most(warm, f"threads, {kind}", _threads(kind), MORE_THREADS) for kind in kinds]
    found.append(_most(warm, "sessions of the database", lambda s: s.sessions, MORE_FILES))
    found += [_size(warm, name) for name in warm[0].sizes]
    is_alone = statistics.median(one.load for one in warm) <= MOST_LOAD * (os.cpu_count() or 1)
    found += [
        line if is_alone else replace(line, bound=NOT_ALONE, is_flat=None)
        for line in _freshness(waits)
    ]
    return found


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By the method of least squares, a second."""
    if len(points) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """The medians of the first and the last tenth."""
    some = max(1, len(values) // 10)
    return statistics.median(values[:some]), statistics.median(values[-some:])


def _memory(warm: Sequence[Sample], kind: str) -> Line:
    points = [(one.at, one.memory.get(kind, 0.0)) for one in warm]
    an_hour = 3600 * slope(points)
    begun, ended = _ends([value for _, value in points])
    most = max(MB_AN_HOUR, PART_AN_HOUR * begun)
    return Line(
        f"memory, {kind}",
        f"{begun:.0f} MB",
        f"{ended:.0f} MB",
        f"{an_hour:+.1f} MB an hour",
        f"at most {most:.0f} MB an hour",
        an_hour <= most,
    )


def _files(kind: str) -> Callable[[Sample], int]:
    return lambda sample: sample.files.get(kind, 0)


def _threads(kind: str) -> Callable[[Sample], int]:
    return lambda sample: sample.threads.get(kind, 0)


def _most(warm: Sequence[Sample], name: str, of: Callable[[Sample], int], more: int) -> Line:
    """Of halves: what is opened now and then is seen in both."""
    values = [of(one) for one in warm]
    half = max(1, len(values) // 2)
    first, last = max(values[:half]), max(values[-half:])
    return Line(
        name,
        f"{first}",
        f"{last}",
        f"{last - first:+d}",
        f"at most {more} more",
        last - first <= more,
    )


def _size(warm: Sequence[Sample], name: str) -> Line:
    values = [one.sizes.get(name, 0) for one in warm]
    begun, ended = _ends(values)
    dead = max(one.dead.get(name, 0) for one in warm)
    return Line(
        f"table {name}",
        _mb(begun),
        _mb(ended),
        f"{(ended - begun) / 2**20:+.1f} MB, up to {dead:,} dead rows",
        f"at most {MORE_BYTES // 2**20} MB more",
        ended - begun <= MORE_BYTES,
    )


def _freshness(waits: Sequence[tuple[float, float]]) -> list[Line]:
    if not waits:
        return []
    end = max(at for at, _ in waits)
    thirds = [
        [took for at, took in waits if end * part / 3 <= at <= end * (part + 1) / 3]
        for part in range(3)
    ]
    found = []
    for name, part in (("median", 0.5), ("99th percentile", 0.99)):
        first, last = quantile(thirds[0], part), quantile(thirds[2], part)
        most = LATER * first + LATER_SECONDS
        found.append(
            Line(
                f"event to membership, {name}",
                f"{1000 * first:.0f} ms",
                f"{1000 * last:.0f} ms",
                f"{1000 * (last - first):+.0f} ms",
                f"at most {1000 * most:.0f} ms",
                last <= most,
            )
        )
    p99 = quantile([took for _, took in waits], 0.99)
    longest = max(took for _, took in waits)
    found.append(
        Line(
            "event to membership, all",
            "",
            f"{1000 * p99:.0f} ms",
            f"99th percentile; longest {longest:.2f} s, {len(waits):,} probes",
            f"under {1000 * P99_SECONDS:.0f} ms",
            p99 < P99_SECONDS,
        )
    )
    return found


def _mb(size: float) -> str:
    return f"{size / 2**20:.1f} MB"
