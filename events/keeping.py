"""For how long events are kept: set by type, and what that means at an instant."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from contacts.problems import Problem, Refused
from events.models import EventType, Retention
from events.wakes import wake
from segmentflow.models import TallySubject
from segmentflow.tallies import oldest_of, total_before

MOST_MONTHS: Final = 240


def kept_from(months: int, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Events that occurred before this are kept no longer: the midnight so many months ago.

    "The last n months" of a condition never begin before it (segments/conditions/reach.py).
    """
    today = now.astimezone(zone).date()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return datetime.combine(date(year, month + 1, min(today.day, last)), time.min, tzinfo=zone)


@transaction.atomic
def keep_for(*, event_type: EventType, months: int | None) -> None:
    """Have events that get older erased; None keeps them for ever. What is erased stays so."""
    if months is None:
        Retention.objects.filter(pk=event_type.pk).delete()
        return
    if not 1 <= months <= MOST_MONTHS:
        said = f"Choose from 1 to {MOST_MONTHS} months."
        raise Refused([Problem("months", "out_of_range", said)])
    afresh = {"is_paused": False, "erased_before": None, "erasing_before": None}
    Retention.objects.update_or_create(pk=event_type.pk, defaults={"months": months, **afresh})
    transaction.on_commit(wake)


@transaction.atomic
def pause_erasing(*, event_type: EventType, is_paused: bool) -> None:
    """Stop it after the bite it is at, or let it go on from there."""
    Retention.objects.filter(pk=event_type.pk).update(is_paused=is_paused)
    transaction.on_commit(wake)


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a shorter time would erase."""

    before: datetime
    events: int


def foretell(*, event_type: EventType, months: int, now: datetime, zone: ZoneInfo) -> Foretold:
    """From what is counted, so it takes no time however many there are."""
    before = kept_from(months, now=now, zone=zone)
    return Foretold(before, total_before(TallySubject.EVENTS, event_type.pk, before))


def oldest_events(type_ids: list[int]) -> dict[int, datetime]:
    """About when the oldest stored event of each type occurred."""
    return oldest_of(TallySubject.EVENTS, type_ids)
