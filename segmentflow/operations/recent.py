"""The last hour: how fresh segments were, and which of them cost most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from segmentflow import counting
from segmentflow.fresh_minutes import worst_since
from segmentflow.models import TallySubject
from segments.models import Segment

HOUR: Final = timedelta(hours=1)
SLOWEST: Final = 8
SHARE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Bar:
    """A minute of a chart, in its own units: a hundred high."""

    at: datetime
    x: int
    height: float
    worst_ms: int | None
    """None: no watcher saw it."""

    @property
    def y(self) -> float:
        return 100 - self.height


@dataclass(frozen=True, slots=True)
class Freshness:
    bars: Sequence[Bar]
    worst: Bar | None
    within: float | None
    """Seconds in which 95 of 100 changes reached their segments; None: there were none."""
    is_longer: bool
    """Whether it was even more than that."""
    changes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a segment's evaluations took."""

    segment: Segment
    times: int
    seconds: float

    @property
    def each_ms(self) -> float:
        return self.seconds * 1000 / self.times if self.times else 0.0


def freshness_of_last_hour(*, now: datetime) -> Freshness:
    bars = _bars(now)
    seen = [bar for bar in bars if bar.worst_ms is not None]
    counted = _amounts(TallySubject.LATENCY, since=_quarter(now) - HOUR)
    within, is_longer = _within(counted)
    return Freshness(
        bars=bars,
        worst=max(seen, key=lambda bar: bar.worst_ms or 0) if seen else None,
        within=within,
        is_longer=is_longer,
        changes=_changes(counted),
    )


def slowest_segments(*, now: datetime) -> list[Cost]:
    since = _quarter(now) - HOUR
    spent = _amounts(TallySubject.EVALUATING, since=since)
    times = _amounts(TallySubject.EVALUATIONS, since=since)
    most = sorted(spent, key=lambda ref: -spent[ref])[:SLOWEST]
    segments = Segment.objects.in_bulk(most)
    return [
        Cost(segments[ref], times.get(ref, 0), spent[ref] / 1_000_000)
        for ref in most
        if ref in segments
    ]


def _bars(now: datetime) -> list[Bar]:
    last = now.replace(second=0, microsecond=0)
    seen = {at: oldest for at, oldest, _ in worst_since(last - HOUR)}
    most = max([1000, *seen.values()])
    return [
        Bar(
            at=(at := last - timedelta(minutes=59 - number)),
            x=number * 10,
            height=round(max(2.0, 100 * seen[at] / most), 1) if at in seen else 0.0,
            worst_ms=seen.get(at),
        )
        for number in range(60)
    ]


def _within(counted: Mapping[int, int]) -> tuple[float | None, bool]:
    """By the steps of the histogram, of what came one by one."""
    changes, so_far = _changes(counted), 0
    for number, bound in enumerate(counting.WAITING.bounds):
        so_far += counted.get(number, 0)
        if changes and so_far >= SHARE * changes:
            return bound, False
    return (counting.WAITING.bounds[-1], True) if changes else (None, False)


def _changes(counted: Mapping[int, int]) -> int:
    return sum(counted.get(number, 0) for number in range(len(counting.WAITING.bounds) + 1))


def _amounts(subject: TallySubject, *, since: datetime) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ref, sum(amount)::bigint
            FROM (
                SELECT ref, amount FROM segmentflow_tally
                WHERE subject = %(subject)s AND at >= %(since)s
                UNION ALL
                SELECT ref, amount FROM segmentflow_freshtally
                WHERE subject = %(subject)s AND at >= %(since)s
            ) AS counted
            GROUP BY ref
            """,
            {"subject": int(subject), "since": since},
        )
        return dict(cursor.fetchall())


def _quarter(now: datetime) -> datetime:
    """Counts are kept by quarters of an hour: the hour is 60 to 75 minutes long."""
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
