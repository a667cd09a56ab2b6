"""After a type got another value attribute: the values of the events that it already had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection, transaction

from events.attributes import number_at
from events.locks import share_types
from events.models import EventType

BITE = 10_000
Key = tuple[int, str]

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Changed(Exception):
    """The type got yet another value attribute meanwhile."""


def fill_values(*, event_type: EventType, progress: Callable[[int], None]) -> None:
    """Copy the value attribute of stored events to their column, bite by bite.

    Afterwards conditions read the column. Raises Changed when it has to be done again.
    """
    after: Key | None = (0, "")
    while after is not None:
        with transaction.atomic():
            share_types()
            _check_same(event_type)
            after, seen = _fill_bite(event_type, after)
        progress(seen)
    with transaction.atomic():
        share_types()
        _check_same(event_type)
        EventType.objects.filter(pk=event_type.pk).update(value_is_filled=True)


def fill_contact(*, event_type: EventType, contact_id: int) -> None:
    """The same for the events of one contact; the caller shares the lock on types."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id, message_id, attributes::text, value FROM events_event
            WHERE contact_id = %s AND type_id = %s
            """,
            [contact_id, event_type.pk],
        )
        _update(_wrong(event_type, cursor.fetchall()))


def _check_same(event_type: EventType) -> None:
    stored = EventType.objects.get(pk=event_type.pk)
    if stored.value_attribute != event_type.value_attribute:
        raise Changed


def _fill_bite(event_type: EventType, after: Key) -> tuple[Key | None, int]:
    """The last event of the bite, None when there are no more, and how many it had."""
    rows = _bite(event_type, after)
    _update(_wrong(event_type, rows))
    return (rows[-1][:2] if len(rows) == BITE else None), len(rows)


def _wrong(event_type: EventType, rows: Iterable[Any]) -> list[tuple[int, str, Decimal | None]]:
    return [
        (contact_id, message_id, number)
        for contact_id, message_id, attributes, value in rows
        if (number := _number(event_type, attributes)) != value
    ]


def _bite(event_type: EventType, after: Key) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id, message_id, attributes::text, value FROM events_event
            WHERE type_id = %s AND (contact_id, message_id) > (%s, %s)
            ORDER BY contact_id, message_id
            LIMIT %s
            """,
            [event_type.pk, *after, BITE],
        )
        return list(cursor.fetchall())


def _number(event_type: EventType, attributes: str) -> Decimal | None:
    if not event_type.value_attribute:
        return None
    return number_at(_decode(attributes), event_type.value_attribute)


def _update(rows: Sequence[tuple[int, str, Decimal | None]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE events_event e SET value = sent.value
            FROM unnest(%s::bigint[], %s::text[], %s::numeric[])
                AS sent (contact_id, message_id, value)
            WHERE e.contact_id = sent.contact_id AND e.message_id = sent.message_id
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )
