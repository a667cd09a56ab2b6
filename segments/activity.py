"""Who entered and left a segment: narrowed, a page at a time, and with the cause in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from contacts.models import Contact
from segmentflow import tallies
from segmentflow.clock import workspace_zone
from segmentflow.models import TallySubject
from segments.causes import in_words as causes_in_words
from segments.models import Segment, Transition
from segments.searching import of_contacts_found

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(9000, 12, 31)
"""Beyond these nothing happened, and calendars of time zones end."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What somebody wants to see of the activity; everything by default."""

    entered: bool | None = None
    first: date | None = None
    last: date | None = None
    words: str = ""

    @property
    def has_days(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def is_empty(self) -> bool:
        return self == Narrowing()


@dataclass(frozen=True, slots=True)
class Entry:
    contact: Contact
    entered: bool
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Counted:
    entered: int
    left: int


def newest_transitions(
    *,
    segment: Segment,
    narrowing: Narrowing,
    before: int | None = None,
    after: int | None = None,
    limit: int,
) -> list[Transition]:
    """Those recorded before a number, the newest first; or after one, the oldest first."""
    found = Transition.objects.filter(segment=segment).select_related("contact", "segment")
    if narrowing.entered is not None:
        found = found.filter(entered=narrowing.entered)
    if narrowing.first:
        found = found.filter(at__gte=_start_of(narrowing.first))
    if narrowing.last:
        found = found.filter(at__lt=_start_of(narrowing.last + timedelta(days=1)))
    found = of_contacts_found(found, narrowing.words)
    if before is not None:
        found = found.filter(seq__lt=before)
    if after is not None:
        return list(found.filter(seq__gt=after).order_by("seq")[:limit])
    return list(found.order_by("-seq")[:limit])


def entries(transitions: Sequence[Transition]) -> list[Entry]:
    """Transitions with the contact and the cause in words."""
    causes = causes_in_words(transitions)
    return [
        Entry(row.contact, row.entered, row.at, cause)
        for row, cause in zip(transitions, causes, strict=True)
    ]


def counted(*, segment: Segment, narrowing: Narrowing) -> Counted | None:
    """How many entered and left, from stored numbers; None when a search would have to count."""
    if narrowing.words:
        return None
    if not narrowing.has_days:
        return Counted(
            tallies.total(TallySubject.ENTERED, segment.pk),
            tallies.total(TallySubject.LEFT, segment.pk),
        )
    first, last = narrowing.first or FIRST_DAY, narrowing.last or LAST_DAY
    entered, left = (
        sum(
            tallies.by_day(subject, first=first, last=last, ref=segment.pk)
            .get(segment.pk, {})
            .values()
        )
        for subject in (TallySubject.ENTERED, TallySubject.LEFT)
    )
    return Counted(entered, left)


def _start_of(day: date) -> datetime:
    """In UTC, from which every time zone is reached."""
    return datetime.combine(day, time.min, tzinfo=workspace_zone()).astimezone(UTC)
