"""The demonstration goes again, and nothing else with it.

Step by step, and the mark of its presence last: what was interrupted can be done once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from contacts.erasure import erase_contacts
from contacts.fields import delete_field
from contacts.locks import hold_fields
from contacts.models import Contact, Field, Identity
from contacts.problems import Conflict
from contacts.usage import uses_of
from events.locks import hold_types, hold_uses
from events.models import Event, EventType
from segmentflow.demo import complete_journey
from segmentflow.demo.locks import alone
from segmentflow.demo.people import PREFIX
from segmentflow.models import TallySubject
from segmentflow.tallies import forget
from segmentflow.workspace import current_workspace, update_workspace
from segments.models import Segment
from segments.services import delete_segment

BATCH: Final = 250
"""Contacts erased in one transaction."""


class Removed(NamedTuple):
    contacts: int
    kept: list[str]
    """The names of segments, fields and event types that something of others needs."""


def remove_demo() -> Removed:
    """Erase its people, and what was made for them unless something of others needs it."""
    with alone():
        return _remove()


def _remove() -> Removed:
    loaded_at = current_workspace().demo_loaded_at
    # The stream ends, and an empty workspace does not fill again at the next start.
    update_workspace(demo_streams=False, demo_asked_at=None)
    if loaded_at is None:
        return Removed(0, [])
    kept = [segment.name for segment in _remove_segments(loaded_at)]
    # Those who came while it ran as well.
    contacts = _erase(f"^{PREFIX}[0-9]{{4,}}$")
    kept += _remove_types(EventType.objects.filter(created_at=loaded_at))
    kept += _remove_fields(Field.objects.filter(created_at=loaded_at))
    update_workspace(demo_loaded_at=None)
    return Removed(contacts, kept)


def remove_complete_journey() -> Removed:
    """Erase its households, and what is still as it was made for them and nobody needs."""
    contacts = _erase(complete_journey.NAMES)
    types = [
        event_type
        for event_type in EventType.objects.filter(key__in=complete_journey.TYPES)
        if complete_journey.TYPES[event_type.key][:2] == (event_type.label, event_type.description)
    ]
    fields = [
        field
        for field in Field.objects.filter(key__in=complete_journey.FIELDS)
        if complete_journey.FIELDS[field.key] == (field.label, field.description)
    ]
    return Removed(contacts, [*_remove_types(types), *_remove_fields(fields)])


def _remove_segments(made_at: datetime) -> list[Segment]:
    """Those that refer to others first; those that others refer to stay."""
    left = list(Segment.objects.filter(created_at=made_at).order_by("-pk"))
    while True:
        kept = [segment for segment in left if not _is_deleted(segment)]
        if len(kept) == len(left):
            return kept
        left = kept


def _is_deleted(segment: Segment) -> bool:
    try:
        delete_segment(segment=segment)
    except Conflict:
        return False
    return True


def _erase(names: str) -> int:
    """Everybody whose external id fits the pattern; how many there were."""
    erased = 0
    known = Identity.objects.filter(kind="external_id", value__regex=names)
    while ids := list(known.order_by("value").values_list("contact_id", flat=True)[:BATCH]):
        erased += erase_contacts(contact_ids=ids)
    return erased


def _remove_types(made: Iterable[EventType]) -> list[str]:
    return [str(event_type) for event_type in made if not _is_type_deleted(event_type)]


@transaction.atomic
def _is_type_deleted(event_type: EventType) -> bool:
    hold_types()
    hold_uses()
    if Event.objects.filter(type=event_type).exists() or uses_of("event", event_type.key):
        return False
    forget(TallySubject.EVENTS, event_type.pk)
    event_type.delete()
    return True


def _remove_fields(made: Iterable[Field]) -> list[str]:
    return [str(field) for field in made if not _is_field_deleted(field)]


@transaction.atomic
def _is_field_deleted(field: Field) -> bool:
    hold_fields()
    if _with_value(field).exists():
        return False
    try:
        delete_field(field=field)
    except Conflict:
        return False
    return True


def _with_value(field: Field) -> QuerySet[Contact]:
    return Contact.objects.filter(attributes__has_key=field.key)
