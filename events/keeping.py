"""For how long events are kept: set by type, and what that means at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from contacts.problems import Problem, Refused
from events.models import EventType, Retention
from events.wakes import wake
from segmentflow.audit.recording import record
from segmentflow.models import TallySubject
from segmentflow.months import MOST_MONTHS, kept_from
from segmentflow.tallies import oldest_of, total_before


@transaction.atomic
def keep_for(*, event_type: EventType, months: int | None) -> None:
    """Have events that get older erased; None keeps them for ever. What is erased stays so."""
    if months is not None and not 1 <= months <= MOST_MONTHS:
        said = f"Choose from 1 to {MOST_MONTHS} months."
        raise Refused([Problem("months", "out_of_range", said)])
    before = Retention.objects.filter(pk=event_type.pk).values_list("months", flat=True).first()
    changes = {"months kept": [before or "for ever", months or "for ever"]}
    _note(event_type, "changed", changes=changes)
    if months is None:
        Retention.objects.filter(pk=event_type.pk).delete()
        return
    afresh = {"is_paused": False, "erased_before": None, "erasing_before": None}
    Retention.objects.update_or_create(pk=event_type.pk, defaults={"months": months, **afresh})
    transaction.on_commit(wake)


@transaction.atomic
def pause_erasing(*, event_type: EventType, is_paused: bool) -> None:
    """Stop it after the bite it is at, or let it go on from there."""
    Retention.objects.filter(pk=event_type.pk).update(is_paused=is_paused)
    _note(event_type, "paused" if is_paused else "resumed")
    transaction.on_commit(wake)


def _note(event_type: EventType, action: str, **more: Any) -> None:
    record(action=action, kind="retention", key=event_type.pk, name=event_type, **more)


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
