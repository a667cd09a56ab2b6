"""Event types as pages list them: how much of each there is, since when, and what uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Q

from contacts.usage import Use, uses_by_key
from events.feed import last_received
from events.models import EventType
from events.sampled import Sample
from segmentflow.models import TallySubject
from segmentflow.tallies import by_day, total, totals

DAYS = 30
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ListedType:
    type: EventType
    total: int
    last: datetime | None
    days: list[int] = field(default_factory=list)
    """How many occurred on each of the last days, today last."""
    uses: list[Use] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What the drawing of its days says."""
        return f"{sum(self.days):,} in {len(self.days)} days"


@dataclass(frozen=True, slots=True)
class DiscoveredAttribute:
    path: str
    types: list[str]
    """The most frequent first."""
    values: list[tuple[str, int]]
    """The most frequent ones lately, with their percentages (0: it says nothing); else the first seen."""


SORTS: dict[str, Callable[[ListedType], Any]] = {
    "name": lambda row: str(row.type).casefold(),
    "total": lambda row: row.total,
    "last": lambda row: row.last or NEVER,
}


def matching_types(*, search: str, archived: bool) -> list[ListedType]:
    """By name; each with its total and when it was last received."""
    words = Q(key__icontains=search) | Q(label__icontains=search) | Q(description__icontains=search)
    types = EventType.objects.defer("attributes").filter(archived_at__isnull=not archived)
    stored, last = totals(TallySubject.EVENTS), last_received()
    rows = [
        ListedType(type_, stored.get(type_.pk, 0), last.get(type_.pk))
        for type_ in (types.filter(words) if search else types)
    ]
    return sorted(rows, key=SORTS["name"])


def in_order(rows: Sequence[ListedType], sort: str) -> list[ListedType]:
    return sorted(rows, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))


def with_details(rows: Sequence[ListedType], *, today: date) -> list[ListedType]:
    """Also with their days and uses: for the rows of one page."""
    first = today - timedelta(days=DAYS - 1)
    counted = by_day(TallySubject.EVENTS, first=first, last=today) if rows else {}
    uses = uses_by_key("event", [row.type.key for row in rows]) if rows else {}
    days = [first + timedelta(days=offset) for offset in range(DAYS)]
    return [
        ListedType(
            row.type,
            row.total,
            row.last,
            [counted.get(row.type.pk, {}).get(day, 0) for day in days],
            uses.get(row.type.key, []),
        )
        for row in rows
    ]


def stored_events(event_type: EventType) -> int:
    return total(TallySubject.EVENTS, event_type.pk)


def volume(event_type: EventType, *, first: date, last: date) -> list[tuple[date, int]]:
    """How many events of the type occurred on each day."""
    counted = by_day(TallySubject.EVENTS, first=first, last=last, ref=event_type.pk)
    counts = counted.get(event_type.pk, {})
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [(day, counts.get(day, 0)) for day in days]


def discovered(event_type: EventType, sample: Sample) -> list[DiscoveredAttribute]:
    """By path."""
    return [
        DiscoveredAttribute(
            path,
            sorted(seen["types"], key=lambda name: -seen["types"][name]),
            sample.frequent(path) or [(text, 0) for text in seen["samples"]],
        )
        for path, seen in sorted(event_type.attributes.items())
    ]
