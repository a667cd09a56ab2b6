"""Small things that tests of pages need, made in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, Identity
from events.models import Event, EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.models import User
from segmentflow.users import give_role

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make_user(role: str = "", name: str = "ada") -> User:
    user = User.objects.create_user(name)
    give_role(user=user, role=role)
    return user


def make_type(key: str = "Purchase", **values: Any) -> EventType:
    return EventType.objects.get_or_create(key=key, defaults=values)[0]


def make_contact(external_id: str = "anna") -> Contact:
    contact, is_new = Contact.objects.get_or_create(external_id=external_id)
    if is_new:
        Identity.objects.create(kind="external_id", value=external_id, contact=contact)
    return contact


def make_event(
    message_id: str = "m1",
    *,
    contact: str = "anna",
    type_: str = "Purchase",
    received: float = 0,
    occurred: float = 0,
    **values: Any,
) -> Event:
    """Received and occurred so many seconds before NOW."""
    return Event.objects.create(
        contact=make_contact(contact),
        message_id=message_id,
        type=make_type(type_),
        received_at=NOW - timedelta(seconds=received),
        occurred_at=NOW - timedelta(seconds=occurred),
        **values,
    )


def record(
    message_id: str = "m1",
    *,
    contact: str = "anna",
    type_: str = "Purchase",
    at: datetime = NOW,
    now: datetime = NOW,
    **attributes: Any,
) -> None:
    """By the service, as a program sends it."""
    ref = ContactRef("external_id", contact)
    record_events(rows=[EventRow(ref, type_, at, message_id, attributes)], now=now)


def queries_of(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        call()
        return len(seen)
