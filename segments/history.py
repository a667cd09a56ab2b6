"""A segment's size over time, computed from who entered and left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection

from segmentflow.clock import workspace_zone
from segments.models import Segment

LONGEST_DAYS = 1_000
"""Days that one answer covers at most."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local calendar day."""

    day: date
    entered: int
    left: int
    members: int
    """At the end of the day, or now if it has not ended."""


def history(*, segment: Segment, first: date, last: date) -> list[Day]:
    """A row for each day, also for those on which nobody moved."""
    moves = _moves(segment, first=first, last=last)
    size = _size_at(segment, _start_of(first))
    rows = []
    for day in _days(first, last):
        entered, left = moves.get(day, (0, 0))
        size += entered - left
        rows.append(Day(day, entered, left, size))
    return rows


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _start_of(day: date) -> datetime:
    """In UTC: the server's answer, as of all calendar arithmetic, comes from the same zone."""
    return datetime.combine(day, time.min, tzinfo=workspace_zone()).astimezone(UTC)


def _size_at(segment: Segment, instant: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE entered) - count(*) FILTER (WHERE NOT entered)
            FROM segments_transition
            WHERE segment_id = %s AND at < %s
            """,
            [segment.pk, instant],
        )
        size: int = cursor.fetchone()[0]
        return size


def _moves(segment: Segment, *, first: date, last: date) -> dict[date, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (at AT TIME ZONE %s)::date AS day,
                count(*) FILTER (WHERE entered), count(*) FILTER (WHERE NOT entered)
            FROM segments_transition
            WHERE segment_id = %s AND at >= %s AND at < %s
            GROUP BY day
            """,
            [
                workspace_zone().key,
                segment.pk,
                _start_of(first),
                _start_of(last + timedelta(days=1)),
            ],
        )
        return {day: (entered, left) for day, entered, left in cursor.fetchall()}
