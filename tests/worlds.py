"""The doors through which tests change data: those that the product's own API uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from contacts.models import Contact, Field
from contacts.rows import ContactRow, read_contact
from contacts.services import upsert_contacts
from events.models import EventType
from events.rows import EventRow, read_event
from events.services import record_events
from segmentflow.api.bodies import decode_json
from segmentflow.exact import ExactEncoder
from segments.models import Membership, Segment
from segments.services import create_segment, update_segment
from tests.oracle import BUILT_IN_TEXTS, Happening, Person

Json = dict[str, Any]
UTC = ZoneInfo("UTC")
NO_VALUES: Mapping[str, str] = MappingProxyType({})


def register(
    fields: Mapping[str, str],
    event_types: Iterable[str],
    *,
    value_of: Mapping[str, str] = NO_VALUES,
) -> None:
    """What definitions may name; `value_of` gives the value attribute of some event types."""
    for key, kind in fields.items():
        Field.objects.create(key=key, label=key, type=kind)
    for key in event_types:
        EventType.objects.create(key=key, value_attribute=value_of.get(key, ""))


def send_contact(person: Person) -> int:
    """Create a contact without events; answers its id."""
    raw = {**person.built_in, "attributes": person.attributes}
    [contact_id] = _upsert(raw, now=person.created_at)
    return contact_id


def send_fields(contact_id: int, *, values: Json, now: datetime) -> None:
    """Change built-in values and attributes; None takes a value away."""
    built_in = {key: value for key, value in values.items() if key in BUILT_IN_TEXTS}
    attributes = {key: value for key, value in values.items() if key not in built_in}
    _upsert({"id": contact_id, **built_in, "attributes": attributes}, now=now)


def _upsert(raw: Json, *, now: datetime) -> list[int]:
    row = read_contact(as_sent(raw))
    assert isinstance(row, ContactRow), row
    result = upsert_contacts(rows=[row], now=now)
    assert not result.errors, result.errors
    return [contact_id for contact_id in result.contact_ids if contact_id is not None]


def send_events(contact_id: int, events: Sequence[Happening], *, now: datetime) -> int:
    """Answers how many of them were new by their message ids."""
    if not events:
        return 0
    rows = [
        read_event(as_sent(_raw(contact_id, event)), zone=lambda: UTC, now=now) for event in events
    ]
    result = record_events(rows=[row for row in rows if isinstance(row, EventRow)], now=now)
    assert len(rows) == result.accepted + result.duplicates, (rows, result)
    return result.accepted


def _raw(contact_id: int, event: Happening) -> Json:
    return {
        "contact": {"id": contact_id},
        "type": event.type,
        "occurred_at": event.occurred_at.isoformat(),
        "message_id": event.message_id,
        "attributes": event.attributes,
    }


def as_sent(raw: Json) -> Any:
    """What the API makes of it."""
    return decode_json(json.dumps(raw, cls=ExactEncoder).encode())


def publish(key: str, definition: Json, *, now: datetime) -> None:
    """Make a segment, or give it a new definition."""
    segment = Segment.objects.filter(key=key).first()
    if segment is None:
        create_segment(key=key, name=key, definition=definition, author=None, now=now)
    else:
        update_segment(segment=segment, definition=definition, author=None, now=now)


def make_list(key: str, *, now: datetime) -> Segment:
    return create_segment(key=key, name=key, kind="static", author=None, now=now)


def stored_members() -> dict[str, set[int]]:
    """Of every segment, by contact id."""
    found: dict[str, set[int]] = {
        key: set() for key in Segment.objects.values_list("key", flat=True)
    }
    for key, contact_id in Membership.objects.values_list("segment__key", "contact_id"):
        found[key].add(contact_id)
    return found


def members_of(key: str) -> set[str]:
    """The stored members, by external id."""
    return set(
        Contact.objects.filter(memberships__segment__key=key).values_list("external_id", flat=True)
    )
