"""The doors through which tests change data: what a writer does, marks included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from contacts.changes import Change, Kind, record_changes
from contacts.locks import hold_bucket_of
from contacts.models import Contact, Field, PendingMark
from events.models import Event, EventType
from segments.engine.members import erase_contacts
from segments.models import Membership, Segment
from segments.services import create_segment, update_segment
from tests.oracle import BUILT_IN_TEXTS, Happening, Person, number

Json = dict[str, Any]


def register(fields: dict[str, str], event_types: Iterable[str]) -> None:
    """What definitions may name."""
    for key, kind in fields.items():
        Field.objects.create(key=key, label=key, type=kind)
    for key in event_types:
        EventType.objects.create(key=key)


@transaction.atomic
def send_contact(person: Person) -> int:
    """Create a contact without events; answers its id."""
    contact = Contact.objects.create(
        created_at=person.created_at, attributes=person.attributes, **person.built_in
    )
    record_changes([Change(contact.pk, Kind.CREATED)])
    return contact.pk


@transaction.atomic
def send_fields(contact_id: int, *, values: Json) -> None:
    """Change built-in values and attributes; None takes an attribute away."""
    hold_bucket_of(contact_id)
    contact = Contact.objects.get(pk=contact_id)
    for key, value in values.items():
        if key in BUILT_IN_TEXTS:
            setattr(contact, key, value)
        elif value is None:
            contact.attributes.pop(key, None)
        else:
            contact.attributes[key] = value
    contact.save()
    record_changes(Change(contact_id, Kind.FIELD, key) for key in values)


@transaction.atomic
def send_events(contact_id: int, events: Sequence[Happening]) -> list[Happening]:
    """Store those that are new by their message id, and answer them."""
    new: list[Happening] = []
    for event in events:
        event_type, _ = EventType.objects.get_or_create(key=event.type)
        _, is_new = Event.objects.get_or_create(
            contact_id=contact_id,
            message_id=event.message_id,
            defaults={
                "type": event_type,
                "occurred_at": event.occurred_at,
                "attributes": event.attributes,
                "value": _value(event, event_type),
            },
        )
        new += [event] if is_new else []
    record_changes(Change(contact_id, Kind.EVENT, event.type, event.occurred_at) for event in new)
    return new


def _value(event: Happening, event_type: EventType) -> Decimal | None:
    value = event.attributes.get(event_type.value_attribute)
    return None if number(value) is None else Decimal(str(value))


@transaction.atomic
def erase(contact_id: int) -> None:
    hold_bucket_of(contact_id)
    erase_contacts([contact_id])
    PendingMark.objects.filter(contact_id=contact_id).delete()
    Event.objects.filter(contact_id=contact_id).delete()
    Contact.objects.filter(pk=contact_id).delete()


def publish(key: str, definition: Json, *, now: datetime) -> None:
    """Make a segment, or give it a new definition."""
    segment = Segment.objects.filter(key=key).first()
    if segment is None:
        create_segment(key=key, name=key, definition=definition, author=None, now=now)
    else:
        update_segment(segment=segment, definition=definition, author=None, now=now)


def make_list(key: str, *, now: datetime) -> Segment:
    return create_segment(key=key, name=key, kind="static", author=None, now=now)


def members_of(key: str) -> set[int]:
    """The stored members, by contact id."""
    return set(Membership.objects.filter(segment__key=key).values_list("contact_id", flat=True))


def names_of(key: str) -> set[str]:
    """The stored members, by external id."""
    return set(
        Contact.objects.filter(memberships__segment__key=key).values_list("external_id", flat=True)
    )
