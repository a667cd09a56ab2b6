"""Event types as admins keep them: registered, described, archived, with their value attribute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from contacts.members import read_members, wrong_flag, wrong_label
from contacts.problems import Conflict
from contacts.usage import refuse_while_used
from contacts.values import wrong_text
from events.attributes import LONGEST_PATH
from events.filling import start_filling
from events.locks import hold_types, hold_uses
from events.models import EventType, IngestProblem
from events.rows import wrong_type_key
from events.unknown import UNKNOWN_TYPE
from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record


def _wrong_attribute(value: object) -> str | None:
    return wrong_text(value, LONGEST_PATH)


KIND: Final = "event type"
CHANGES: Final = {
    "label": wrong_label,
    "description": wrong_text,
    "value_attribute": _wrong_attribute,
    "archived": wrong_flag,
}


def checked_type(raw: object) -> dict[str, Any]:
    """The description of a new type, where there is nothing wrong with it; raises Refused."""
    return read_members(raw, {"key": wrong_type_key, **CHANGES}, required=("key",))


@transaction.atomic
def create_event_type(*, raw: object, now: datetime) -> EventType:
    """Register a type from its description as JSON."""
    sent = checked_type(raw)
    event_type, is_new = EventType.objects.get_or_create(key=sent["key"])
    if not is_new:
        raise Conflict("There is an event type with this key already.")
    IngestProblem.objects.filter(path=event_type.key, code=UNKNOWN_TYPE).delete()
    made = _change(event_type, sent, now)
    record(action="created", kind=KIND, key=made.pk, name=made, now=now)
    return made


@transaction.atomic
def update_event_type(*, event_type: EventType, raw: object, now: datetime) -> EventType:
    """Change what was sent; the key is for ever.

    Raises Conflict when it is to be archived and something uses it.
    """
    sent = read_members(raw, {"key": lambda key: _wrong_key(key, event_type), **CHANGES})
    if "value_attribute" in sent:
        hold_types()
    if sent.get("archived"):
        hold_uses()
    held = EventType.objects.select_for_update().get(pk=event_type.pk)
    if sent.get("archived") and held.archived_at is None:
        refuse_while_used("event", held.key, label=str(held), done="archived")
    before = _facts(held)
    changed = _change(held, sent, now)
    changes = differences(before, _facts(changed))
    if changes:
        record(action="changed", kind=KIND, key=held.pk, name=changed, changes=changes, now=now)
    return changed


def _facts(event_type: EventType) -> dict[str, Any]:
    return {
        "label": event_type.label,
        "description": event_type.description,
        "value_attribute": event_type.value_attribute,
        "archived": event_type.archived_at is not None,
    }


def _wrong_key(key: object, event_type: EventType) -> str | None:
    return None if key == event_type.key else "A key cannot change."


def _change(event_type: EventType, sent: Mapping[str, Any], now: datetime) -> EventType:
    event_type.label = sent.get("label", event_type.label)
    event_type.description = sent.get("description", event_type.description)
    if "archived" in sent:
        event_type.archived_at = (event_type.archived_at or now) if sent["archived"] else None
    attribute = sent.get("value_attribute", event_type.value_attribute)
    if attribute != event_type.value_attribute:
        event_type.value_attribute = attribute
        start_filling(event_type)
    event_type.save()
    return event_type
