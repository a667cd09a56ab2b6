"""Events as they are sent: their shape, checked before anything is looked up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from contacts.problems import Problem, quoted
from contacts.rows import IDENTITIES, is_id, is_short_text, wrong_built_in
from contacts.values import in_zone, instant, is_storable, named, wrong_text

LONGEST_TYPE: Final = 100
LONGEST_MESSAGE_ID: Final = 255

KEYS: Final = frozenset(("contact", "type", "occurred_at", "message_id", "attributes"))
NAMES: Final = ("id", *IDENTITIES)

NOTHING: Final[Mapping[str, Any]] = {}

Zone = Callable[[], ZoneInfo]
"""Tells the zone of local times; a function, because hardly anybody sends those."""


class ContactRef(NamedTuple):
    """A contact by one of its names; one that nobody has is a new contact, unless by id."""

    by: str
    value: str | int


class EventRow(NamedTuple):
    contact: ContactRef
    type: str
    occurred_at: datetime
    message_id: str
    attributes: Mapping[str, Any] = NOTHING
    """As segmentflow.api.bodies.decode_json gives them, so fit to be stored."""


def read_event(raw: object, *, zone: Zone, now: datetime) -> EventRow | list[Problem]:
    """An event as JSON gives it, or everything that is wrong with its shape.

    A time without an offset is local to `zone`, which is asked for only then.
    """
    if not isinstance(raw, dict):
        return [Problem("", "wrong_type", f"An event is an object, not {named(raw)}.")]
    problems: list[Problem] = []
    if not raw.keys() <= KEYS:
        problems += map(_unknown_key, (key for key in raw if key not in KEYS))
    contact = _contact(raw.get("contact"), problems)
    type_ = raw.get("type")
    if wrong := wrong_type_key(type_):
        problems.append(Problem("type", "wrong_type", wrong))
    occurred_at = _occurred_at(raw.get("occurred_at"), zone, now, problems)
    message_id = _message_id(raw.get("message_id"), now, problems)
    attributes = raw.get("attributes")
    if attributes is not None and not isinstance(attributes, dict):
        said = f"“attributes” is an object, not {named(attributes)}."
        problems.append(Problem("attributes", "wrong_type", said))
    if problems or contact is None or type_ is None or occurred_at is None:
        return problems
    return EventRow(contact, type_, occurred_at, message_id, attributes or {})


def new_message_id(now: datetime) -> str:
    """A UUIDv7: unique, and in the order of time."""
    milliseconds = int(now.timestamp() * 1000)
    number = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 0x7 << 76  # version
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))  # variant


def _unknown_key(key: str) -> Problem:
    said = f"An event has no {quoted(key)}; what is known about it goes in “attributes”."
    return Problem(quoted(key)[1:-1], "unknown_key", said)


def _contact(value: object, problems: list[Problem]) -> ContactRef | None:
    if not isinstance(value, dict) or len(value) != 1 or (by := next(iter(value))) not in NAMES:
        said = "“contact” is an object with exactly one of id, external_id, email and phone."
        problems.append(Problem("contact", "wrong_type", said))
        return None
    named_by = value[by]
    if by == "id":
        if not is_id(named_by):
            said = "An id is a whole number, as it was given to you."
            problems.append(Problem("contact.id", "wrong_type", said))
    elif not is_short_text(named_by) and (wrong := wrong_built_in(by, named_by)):
        problems.append(Problem(f"contact.{by}", "wrong_type", wrong))
    elif not named_by:
        problems.append(Problem(f"contact.{by}", "wrong_type", "The empty text is nobody."))
    return ContactRef(by, named_by)


def wrong_type_key(value: object) -> str | None:
    """Why this cannot be the key of an event type."""
    if not isinstance(value, str) or not value:
        return f"The type of an event is a text of 1 to {LONGEST_TYPE} characters."
    return wrong_text(value, LONGEST_TYPE)


def _occurred_at(
    value: object, zone: Zone, now: datetime, problems: list[Problem]
) -> datetime | None:
    if value is None:
        return now
    if not isinstance(value, str):
        said = f"Here a time such as “2026-11-20T10:00:00Z” is wanted, not {named(value)}."
        problems.append(Problem("occurred_at", "wrong_type", said))
        return None
    found = instant(value)
    if found is None:
        said = f"{quoted(value)} is no time. Write it such as “2026-11-20T10:00:00Z”."
        problems.append(Problem("occurred_at", "invalid_time", said))
    elif found.tzinfo is None:
        return in_zone(found, zone())
    return found


def _message_id(value: object, now: datetime, problems: list[Problem]) -> str:
    if value is None:
        return new_message_id(now)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_MESSAGE_ID:
        said = f"A message id is a text of 1 to {LONGEST_MESSAGE_ID} characters."
        problems.append(Problem("message_id", "wrong_type", said))
        return ""
    if not is_storable(value):
        said = "A message id cannot hold the character NUL or half a surrogate pair."
        problems.append(Problem("message_id", "wrong_type", said))
    return value
