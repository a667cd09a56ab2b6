"""Who entered and left a segment: narrowed, a page at a time, and with the cause in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from contacts.models import Contact
from segmentflow import tallies
from segmentflow.clock import workspace_zone
from segmentflow.models import TallySubject
from segments.catalog import current_labels
from segments.conditions.catalog import Labels
from segments.conditions.nodes import Group
from segments.conditions.passing import what_passed
from segments.conditions.problems import InvalidDefinition
from segments.engine.facts import load_definitions
from segments.models import Segment, Transition
from segments.searching import of_contacts_found
from segments.words import why

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
class _Known:
    """What the members follow."""

    definition: Group
    since: datetime | None
    """None: they never followed another one."""


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
    found = Transition.objects.filter(segment=segment).select_related("contact")
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


def entries(segment: Segment, transitions: Iterable[Transition]) -> list[Entry]:
    """Transitions of one segment with the contact and the cause in words."""
    rows = list(transitions)
    labels = current_labels()
    known = _live_definition(segment) if any(_is_time(row) for row in rows) else None
    return [Entry(row.contact, row.entered, row.at, _why(row, known, labels)) for row in rows]


def _why(row: Transition, known: _Known | None, labels: Labels) -> str:
    if known and _is_time(row) and (known.since is None or row.at >= known.since):
        said = what_passed(known.definition, entered=row.entered, labels=labels)
        return said or why(row.cause, labels)
    return why(row.cause, labels)


def _is_time(row: Transition) -> bool:
    return bool(row.cause.get("kind") == "time")


def _live_definition(segment: Segment) -> _Known | None:
    """None when it cannot be read any more, too."""
    version_id = segment.live_version_id
    if version_id is None:
        return None
    try:
        loaded = load_definitions([version_id])[version_id]
    except InvalidDefinition:
        return None
    return _Known(loaded.group, None if loaded.number == 1 else segment.built_at)


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
