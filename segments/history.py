"""A segment's size over time, from the tallies of who entered and left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from segmentflow.clock import current_time, workspace_zone
from segmentflow.models import TallySubject
from segmentflow.spans import Spanned, by_span
from segmentflow.tallies import Development, developments
from segments.models import Segment

LONGEST_DAYS = 1_000
"""Days that one answer covers at most."""
LONGEST_HOURLY = 31
"""The same, hour by hour."""

ENTERED, LEFT = TallySubject.ENTERED, TallySubject.LEFT
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One local calendar day, or several that begin with it."""

    day: date
    entered: int
    left: int
    members: int
    """At the end of the day, or now if it has not ended."""


@dataclass(frozen=True, slots=True)
class Hour:
    """Sixty minutes, which begin when a clock in the workspace's zone shows a full hour."""

    start: datetime
    entered: int
    left: int
    members: int
    """At the end of the hour, or now if it has not ended."""


def history(*, segment: Segment, first: date, last: date) -> list[Day]:
    """A row for each day, also for those on which nobody moved."""
    found = developments((ENTERED, LEFT), first=first, ref=segment.pk)
    return _days(found, segment.pk, first, last)


def hours_between(first: datetime, last: datetime, *, zone: ZoneInfo) -> list[datetime]:
    """Where the hours begin, from the one that holds the first instant to that of the last."""
    local = first.astimezone(zone)
    start = (local - timedelta(minutes=local.minute, seconds=local.second)).astimezone(UTC)
    start = start.replace(microsecond=0)
    return [start + n * HOUR for n in range((last - start) // HOUR + 1)]


def hours_of_days(first: date, last: date, *, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """Those of whole local days, without what is still to come."""
    start, end = (
        datetime.combine(day, time.min, tzinfo=zone) for day in (first, last + timedelta(days=1))
    )
    return [at for at in hours_between(start, min(until, end), zone=zone) if start <= at < end]


def hourly(*, segment: Segment, starts: Sequence[datetime]) -> list[Hour]:
    """A row for each of these hours, also for those in which nobody moved."""
    found = by_span((ENTERED, LEFT), [segment.pk], edges=[*starts, starts[-1] + HOUR])
    nobody = Spanned(0, [0] * len(starts))
    entered, left = (found.get((subject, segment.pk), nobody) for subject in (ENTERED, LEFT))
    size, rows = entered.before - left.before, []
    for start, came, went in zip(starts, entered.amounts, left.amounts, strict=True):
        size += came - went
        rows.append(Hour(start, came, went, size))
    return rows


def weekly(days: Sequence[Day]) -> list[Day]:
    """The same by weeks, each called by its Monday or by the first day there is."""
    rows: list[Day] = []
    for one in days:
        if rows and one.day.weekday():
            before = rows.pop()
            entered, left = before.entered + one.entered, before.left + one.left
            rows.append(Day(before.day, entered, left, one.members))
        else:
            rows.append(one)
    return rows


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
