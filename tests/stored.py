"""Puts plain people into the tables, for tests of the evaluator alone (no marks, no engine)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import JSONField, Value

from contacts.models import Contact, Field
from events.models import Event, EventType
from segmentflow.exact import ExactEncoder
from segments.models import Membership, Segment, SegmentVersion
from tests.oracle import Happening, Person, number
from tests.random_people import EVENT_TYPES, FIELDS

EVER = datetime(2000, 1, 1, tzinfo=UTC)
WITH_VALUE = "Purchase"
"""The event type whose amounts have a column of their own."""


def store_catalog() -> None:
    """The fields and event types that random definitions name."""
    Field.objects.bulk_create(Field(key=key, label=key, type=kind) for key, kind in FIELDS.items())
    EventType.objects.bulk_create(
        EventType(key=key, value_attribute="amount" if key == WITH_VALUE else "")
        for key in EVENT_TYPES
    )


def store_people(people: Iterable[Person]) -> None:
    """With the ids they have."""
    people = list(people)
    types = {row.key: row for row in EventType.objects.all()}
    Contact.objects.bulk_create(
        Contact(
            id=person.id,
            created_at=person.created_at,
            attributes=_exact(person.attributes),
            **person.built_in,
        )
        for person in people
    )
    Event.objects.bulk_create(
        Event(
            contact_id=person.id,
            message_id=event.message_id,
            type=types[event.type],
            occurred_at=event.occurred_at,
            attributes=_exact(event.attributes),
            value=_value(event),
        )
        for person in people
        for event in person.events
    )


def store_segments(segments: Mapping[str, dict[str, Any] | set[int]]) -> None:
    """Live ones; a set is the contacts of a static list."""
    for key, content in segments.items():
        is_list = isinstance(content, set)
        kind = Segment.Kind.STATIC if is_list else Segment.Kind.DYNAMIC
        segment = Segment.objects.create(key=key, name=key, kind=kind, status=Segment.Status.LIVE)
        if is_list:
            Membership.objects.bulk_create(
                Membership(contact_id=number, segment=segment, entered_at=EVER)
                for number in content
            )
        else:
            SegmentVersion.objects.create(segment=segment, number=1, definition=content)


def _exact(attributes: dict[str, Any]) -> Value:
    return Value(attributes, JSONField(encoder=ExactEncoder))


def _value(event: Happening) -> Decimal | None:
    value = event.attributes.get("amount")
    if event.type != WITH_VALUE or number(value) is None:
        return None
    return Decimal(str(value))
