"""The newest events over all types: read type by type, so that millions of others cost nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from contacts.models import Contact
from events.arrival import ARRIVED
from events.keys import digest
from events.models import EventType
from segmentflow.citus.here import is_spread

_decode = msgspec.json.Decoder(float_hook=Decimal).decode

ORDER = "received_at {0}, occurred_at {0}, contact_id {0}, message_id {0}"
"""A whole batch is received at once; what follows tells its events apart."""

NAMES = ("id", "external_id", "email", "phone", "first_name", "last_name")
"""Of a contact: what its name is made of."""


class Cursor(NamedTuple):
    """A place in the feed: that of one event."""

    received_at: datetime
    occurred_at: datetime
    contact_id: int
    message_id: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    contact: Contact
    """With what names it and nothing more."""
    type: EventType
    message_id: str
    occurred_at: datetime
    received_at: datetime
    attributes: dict[str, Any]
    value: Decimal | None

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.received_at, self.occurred_at, self.contact.pk, self.message_id)


def newest_events(
    *,
    types: Collection[int] | None = None,
    contact_id: int | None = None,
    before: Cursor | None = None,
    after: Cursor | None = None,
    limit: int,
) -> list[FeedEntry]:
    """Newest first, those before a place; with `after`, those that follow it, nearest first."""
    known = EventType.objects.defer("attributes").in_bulk(None if types is None else list(types))
    place = after or before
    order = ORDER.format("ASC" if after else "DESC")
    read = _keys_of_types if contact_id is None else _keys_of_contact
    parameters: dict[str, Any] = {"types": list(known), "contact": contact_id, "limit": limit}
    if place:
        parameters |= place._asdict()
    keys = read(_beyond(place, sign=">" if after else "<"), order)
    return _entries(keys, order, parameters, known)


def events_in_last(minutes: int) -> int:
    """How many have arrived lately, by the clock of the database."""
    if is_spread():
        return _in_last_far(minutes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(sum(arrived.amount), 0)::bigint
            FROM events_eventtype t
            CROSS JOIN LATERAL (
                SELECT count(*) AS amount
                FROM events_event e
                WHERE e.type_id = t.id AND e.{ARRIVED}
                    AND e.received_at > now() - make_interval(mins => %s)
            ) arrived
            """,
            [minutes],
        )
        [amount] = cursor.fetchone() or [0]
        return int(amount)


def _in_last_far(minutes: int) -> int:
    """Each machine counts its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM events_event e
            WHERE e.{ARRIVED} AND e.received_at > now() - make_interval(mins => %s)
            """,
            [minutes],
        )
        return int(cursor.fetchone()[0])


def last_received() -> dict[int, datetime]:
    """When the newest event of each type arrived, by the type's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT type_id, max(received_at) FROM events_event e WHERE e.{ARRIVED} GROUP BY type_id"
            if is_spread()
            else f"""
            SELECT t.id, newest.received_at
            FROM events_eventtype t
            CROSS JOIN LATERAL (
                SELECT e.received_at
                FROM events_event e
                WHERE e.type_id = t.id AND e.{ARRIVED}
                ORDER BY e.received_at DESC
                LIMIT 1
            ) newest
            """
        )
        return dict(cursor.fetchall())


def _beyond(place: Cursor | None, *, sign: str) -> str:
    """The bound on the first column alone is what the index can look up."""
    if place is None:
        return ""
    return f"""
        AND e.received_at {sign}= %(received_at)s
        AND (e.received_at, e.occurred_at, e.contact_id, e.message_id) {sign}
            (%(received_at)s, %(occurred_at)s, %(contact_id)s, %(message_id)s)
    """


def _keys_of_types(where: str, order: str) -> str:
    """As many of each type as are wanted in all, each by the index event_by_arrival."""
    if is_spread():  # as many from each machine
        return f"""
            SELECT e.received_at, e.occurred_at, e.contact_id, e.message_id
            FROM events_event e
            WHERE e.type_id = ANY(%(types)s) AND e.{ARRIVED} {where}
        """
    return f"""
        SELECT found.*
        FROM unnest(%(types)s::bigint[]) AS wanted (type_id)
        CROSS JOIN LATERAL (
            SELECT e.received_at, e.occurred_at, e.contact_id, e.message_id
            FROM events_event e
            WHERE e.type_id = wanted.type_id AND e.{ARRIVED} {where}
            ORDER BY {order}
            LIMIT %(limit)s
        ) found
    """


def _keys_of_contact(where: str, order: str) -> str:
    """All events of the contact, which are few, by the index event_by_contact."""
    return f"""
        SELECT e.received_at, e.occurred_at, e.contact_id, e.message_id
        FROM events_event e
        WHERE e.contact_id = %(contact)s AND e.type_id = ANY(%(types)s) {where}
    """


def _entries(
    keys: str, order: str, parameters: dict[str, Any], types: dict[int, EventType]
) -> list[FeedEntry]:
    """The rest of the events, and the names of their contacts, for these few only."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH wanted AS MATERIALIZED ({keys} ORDER BY {order} LIMIT %(limit)s)
            SELECT
                c.id, c.external_id, c.email, c.phone, c.first_name, c.last_name,
                e.type_id, message_id, occurred_at, received_at, e.attributes::text, e.value
            FROM wanted
            JOIN events_event e USING (contact_id, message_id, occurred_at, received_at)
            JOIN contacts_contact c ON c.id = contact_id
            WHERE {digest("e.message_id")} = {digest("wanted.message_id")}
            ORDER BY {order}
            """,
            parameters,
        )
        return [_entry(row, types) for row in cursor.fetchall()]


def _entry(row: tuple[Any, ...], types: dict[int, EventType]) -> FeedEntry:
    named, rest = row[: len(NAMES)], row[len(NAMES) :]
    type_id, message_id, occurred_at, received_at, attributes, value = rest
    return FeedEntry(
        contact=Contact(**dict(zip(NAMES, named, strict=True))),
        type=types[type_id],
        message_id=message_id,
        occurred_at=occurred_at,
        received_at=received_at,
        attributes=_decode(attributes),
        value=value,
    )
