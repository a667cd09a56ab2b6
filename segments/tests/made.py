"""Small things that tests need many of, made in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.changes import Change, Kind, record_changes
from contacts.models import Contact, Field
from segmentflow.models import User
from segmentflow.users import give_role
from segments import services
from segments.engine.settle import settle
from segments.models import Segment

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

EVERYONE = {"kind": "group", "match": "all", "children": [{"kind": "everyone"}]}
GOLD = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "tier", "operator": "equals", "value": "Gold"}],
}
UNKNOWN_FIELD = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "nothing", "operator": "equals", "value": "x"}],
}


def in_segment(key: str) -> dict[str, Any]:
    child = {"kind": "segment", "segment": key, "member": True}
    return {"kind": "group", "match": "all", "children": [child]}


def make_user(role: str = "", name: str = "ada") -> User:
    user = User.objects.create_user(name)
    give_role(user=user, role=role)
    return user


def make_field(key: str = "tier", type_: str = "text") -> Field:
    return Field.objects.create(key=key, label=key.capitalize(), type=type_)


@transaction.atomic
def make_contact(external_id: str = "", **values: Any) -> Contact:
    """With its pending mark, as every writer leaves one."""
    contact = Contact.objects.create(external_id=external_id, **values)
    record_changes([Change(contact.pk, Kind.CREATED)])
    return contact


def make_segment(key: str = "vips", definition: Any = EVERYONE, **values: Any) -> Segment:
    given = {"name": key.capitalize() or "Nameless", "author": None, "now": NOW} | values
    if given.get("kind") == "static":
        definition = None
    return services.create_segment(key=key, definition=definition, **given)


def settled(segment: Segment, *, now: datetime = NOW) -> Segment:
    """The segment after everything that waits has been done."""
    settle(now=now)
    segment.refresh_from_db()
    return segment


def queries_of(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        call()
        return len(seen)
