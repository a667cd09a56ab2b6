"""Events as they are sent: their shape, checked before anything is looked up."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from contacts.problems import Problem, quoted
from contacts.rows import IDENTITIES, is_id, wrong_built_in
from contacts.values import in_zone, instant, is_storable, named, wrong_text

LONGEST_TYPE: Final = 100
LONGEST_MESSAGE_ID: Final = 255

KEYS: Final = ("contact", "type", "occurred_at", "message_id", "attributes")
NAMES: Final = ("id", *IDENTITIES)

Zone = Callable[[], ZoneInfo]
"""Tells the zone of local times; a function, because hardly anybody sends those."""


@dataclass(frozen=True, slots=True)
class ContactRef:
    """A contact by one of its names; one that nobody has is a new contact, unless by id."""

    by: str
    value: str | int


@dataclass(frozen=True, slots=True)
class EventRow:
    contact: ContactRef
    type: str
    occurred_at: datetime
    message_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """As segmentflow.api.bodies.decode_json gives them, so fit to be stored."""


def read_event(raw: object, *, zone: Zone, now: datetime) -> EventRow | list[Problem]:
    """An event as JSON gives it, or everything that is wrong with its shape.

    A time without an offset is local to `zone`, which is asked for only then.
    """
    if not isinstance(raw, dict):
        return [Problem("", "wrong_type", f"An event is an object, not {named(raw)}.")]
    problems = list(_problems(raw))
    if problems:
        return problems
    [(by, value)] = raw["contact"].items()
    sent_at = raw.get("occurred_at")
    return EventRow(
        contact=ContactRef(by, value),
        type=raw["type"],
        occurred_at=now if sent_at is None else _instant(sent_at, zone),
        message_id=raw.get("message_id") or new_message_id(now),
        attributes=raw.get("attributes") or {},
    )


def new_message_id(now: datetime) -> str:
    """A UUIDv7: unique, and in the order of time."""
    milliseconds = int(now.timestamp() * 1000)
    number = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 0x7 << 76  # version
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))  # variant


def _instant(text: str, zone: Zone) -> datetime:
    found = instant(text)
    assert found is not None  # noqa: S101 (it was checked)
    if found.tzinfo is not None:
        return found
    return in_zone(found, zone())


def _problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    for key in raw:
        if key not in KEYS:
            said = f"An event has no {quoted(key)}; what is known about it goes in “attributes”."
            yield Problem(quoted(key)[1:-1], "unknown_key", said)
    yield from _wrong_contact(raw.get("contact"))
    if wrong := wrong_type_key(raw.get("type")):
        yield Problem("type", "wrong_type", wrong)
    yield from _wrong_time(raw.get("occurred_at"))
    yield from _wrong_message_id(raw.get("message_id"))
    if (attributes := raw.get("attributes")) is not None and not isinstance(attributes, dict):
        said = f"“attributes” is an object, not {named(attributes)}."
        yield Problem("attributes", "wrong_type", said)


def _wrong_contact(value: object) -> Iterator[Problem]:
    if not isinstance(value, dict) or len(value) != 1 or (by := next(iter(value))) not in NAMES:
        said = "“contact” is an object with exactly one of id, external_id, email and phone."
        yield Problem("contact", "wrong_type", said)
    elif by == "id":
        if not is_id(value[by]):
            said = "An id is a whole number, as it was given to you."
            yield Problem("contact.id", "wrong_type", said)
    elif wrong := wrong_built_in(by, value[by]):
        yield Problem(f"contact.{by}", "wrong_type", wrong)
    elif not value[by]:
        yield Problem(f"contact.{by}", "wrong_type", "The empty text is nobody.")


def wrong_type_key(value: object) -> str | None:
    """Why this cannot be the key of an event type."""
    if not isinstance(value, str) or not value:
        return f"The type of an event is a text of 1 to {LONGEST_TYPE} characters."
    return wrong_text(value, LONGEST_TYPE)


def _wrong_time(value: object) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, str):
        said = f"Here a time such as “2026-11-20T10:00:00Z” is wanted, not {named(value)}."
        yield Problem("occurred_at", "wrong_type", said)
    elif instant(value) is None:
        said = f"{quoted(value)} is no time. Write it such as “2026-11-20T10:00:00Z”."
        yield Problem("occurred_at", "invalid_time", said)


def _wrong_message_id(value: object) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_MESSAGE_ID:
        said = f"A message id is a text of 1 to {LONGEST_MESSAGE_ID} characters."
        yield Problem("message_id", "wrong_type", said)
    elif not is_storable(value):
        said = "A message id cannot hold the character NUL or half a surrogate pair."
        yield Problem("message_id", "wrong_type", said)
