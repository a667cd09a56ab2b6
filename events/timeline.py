"""What one contact did, the newest first by when it happened, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from django.db import connection
from django.db.models.expressions import RawSQL

from contacts.models import Contact
from events.feed import FeedEntry
from events.keys import is_same
from events.models import EventType
from segmentflow.citus.here import is_spread

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Place(NamedTuple):
    """Of one event among those of its contact."""

    occurred_at: datetime
    message_id: str


def types_of_contact(contact: Contact) -> list[EventType]:
    """The kinds of events it has, by name; each looked up once, however many events there are."""
    having = RawSQL(
        """
        SELECT t.id
        FROM events_eventtype t
        CROSS JOIN LATERAL (
            SELECT FROM events_event e
            WHERE e.contact_id = %s AND e.type_id = t.id
            ORDER BY e.occurred_at DESC  -- by the index
            LIMIT 1
        ) one
        """,
        [contact.pk],
    )
    found = EventType.objects.defer("attributes").filter(pk__in=having)
    return sorted(found, key=lambda type_: str(type_).casefold())


def timeline(
    *,
    contact: Contact,
    types: Iterable[EventType],
    before: Place | None = None,
    after: Place | None = None,
    limit: int,
) -> list[FeedEntry]:
    """Events of these types before a place, the newest first; or after one, the oldest first.

    As many of each type as are wanted in all are read by the index event_by_contact.
    """
    known = {type_.pk: type_ for type_ in types}
    place, sign, order = (after, ">", "ASC") if after else (before, "<", "DESC")
    beyond = f"AND (e.occurred_at, e.message_id) {sign} (%(at)s, %(id)s)" if place else ""
    bound = f"AND e.occurred_at {sign}= %(at)s {beyond}" if place else ""
    ordered = f"ORDER BY occurred_at {order}, message_id {order}"
    found = f"""unnest(%(types)s::bigint[]) AS known (type_id)
                CROSS JOIN LATERAL (
                    SELECT e.occurred_at, e.message_id
                    FROM events_event e
                    WHERE e.contact_id = %(contact)s AND e.type_id = known.type_id {bound}
                    {ordered}
                    LIMIT %(limit)s
                )"""
    if is_spread():
        found = f"""(
                    SELECT e.occurred_at, e.message_id FROM events_event e
                    WHERE e.contact_id = %(contact)s AND e.type_id = ANY(%(types)s) {bound}
                )"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH wanted AS MATERIALIZED (
                SELECT found.* FROM {found} found
                {ordered}
                LIMIT %(limit)s
            )
            SELECT e.type_id, e.message_id, e.occurred_at, e.received_at,
                e.attributes::text, e.value
            FROM wanted
            JOIN events_event e ON {is_same("e", "%(contact)s", "wanted.message_id")}
            ORDER BY e.occurred_at {order}, e.message_id {order}
            """,
            {
                "contact": contact.pk,
                "types": list(known),
                "limit": limit,
                "at": place and place.occurred_at,
                "id": place and place.message_id,
            },
        )
        return [
            FeedEntry(
                contact,
                known[type_id],
                message_id,
                occurred_at,
                received_at,
                _decode(attributes),
                value,
            )
            for type_id, message_id, occurred_at, received_at, attributes, value in cursor.fetchall()
        ]
