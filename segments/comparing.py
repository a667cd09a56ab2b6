"""Up to five segments side by side: how their sizes developed over the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from segments.models import Segment
from segments.ranges import Drawn, Point, Range, drawn

MOST: Final = 5
"""More lines than that nobody tells apart."""


@dataclass(frozen=True, slots=True)
class Line:
    """A segment's development, and what there was to begin with."""

    segment: Segment
    drawn: Drawn
    start: int
    """Its size when it first had members within the time, before the first point if it had then."""
    since: Point | None
    """The point at which it first had members; None: it had before the first one."""

    @property
    def now(self) -> int:
        return self.drawn.points[-1].members

    @property
    def change(self) -> int:
        return self.now - self.start

    @property
    def percent(self) -> float | None:
        """None: nobody was ever in it."""
        return _percent(self.now, self.start)

    @property
    def entered(self) -> int:
        return sum(point.entered for point in self.drawn.points)

    @property
    def left(self) -> int:
        return sum(point.left for point in self.drawn.points)

    def values(self, *, is_change: bool) -> list[float | None]:
        """A value for each point: members, or by how many percent more or fewer than at the start."""
        if not is_change:
            return [point.members for point in self.drawn.points]
        first = self.drawn.points.index(self.since) if self.since else 0
        return [
            None if place < first else _percent(point.members, self.start)
            for place, point in enumerate(self.drawn.points)
        ]


def compared(
    segments: Sequence[Segment], range_: Range, *, now: datetime, zone: ZoneInfo
) -> list[Line]:
    found = drawn(range_, segments, now=now, zone=zone)
    return [_line(segment, one) for segment, one in zip(segments, found, strict=True)]


def _line(segment: Segment, found: Drawn) -> Line:
    first = found.points[0]
    before = first.members - first.entered + first.left
    if before > 0:
        return Line(segment, found, before, None)
    since = next((point for point in found.points if point.members > 0), None)
    return Line(segment, found, since.members if since else 0, since)


def _percent(members: int, start: int) -> float | None:
    return round(100 * (members - start) / start, 1) if start else None
