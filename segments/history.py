"""A segment's size over time, from the tallies of who entered and left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from segmentflow.clock import current_time, workspace_zone
from segmentflow.models import TallySubject
from segmentflow.tallies import Development, developments
from segments.models import Segment

LONGEST_DAYS = 1_000
"""Days that one answer covers at most."""

ENTERED, LEFT = TallySubject.ENTERED, TallySubject.LEFT


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
    found = developments((ENTERED, LEFT), first=first, ref=segment.pk)
    return _days(found, segment.pk, first, last)


def size_changes(*, days: int = 7) -> dict[int, list[Day]]:
    """The last days of every segment that anybody ever entered, today included, by its id."""
    zone = workspace_zone()
    last = current_time().astimezone(zone).date()
    first = last - timedelta(days=days - 1)
    found = developments((ENTERED, LEFT), first=first, zone=zone)
    return {ref: _days(found, ref, first, last) for ref in sorted({ref for _, ref in found})}


def _days(
    found: dict[tuple[TallySubject, int], Development], ref: int, first: date, last: date
) -> list[Day]:
    entered = found.get((ENTERED, ref), Development())
    left = found.get((LEFT, ref), Development())
    # What was there before the first day: all there is, less what came since.
    size = entered.total - sum(entered.days.values()) - left.total + sum(left.days.values())
    rows = []
    for day in _each(first, last):
        came, went = entered.days.get(day, 0), left.days.get(day, 0)
        size += came - went
        rows.append(Day(day, came, went, size))
    return rows


def _each(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
