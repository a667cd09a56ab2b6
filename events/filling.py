"""After a type got another value attribute: the values of the events that it already had.

They are copied bite by bite in the background; how far that has come is committed with each
bite. Until it is complete, conditions read the attribute itself. A newer choice begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from contacts.retrying import in_transaction
from events.attributes import number_at
from events.keys import digest, is_same
from events.locks import hold_values, share_types, try_lane
from events.models import Event, EventType, ValueFilling
from events.wakes import wake

BITE: Final = 10_000
"""Events that are looked at in one transaction; those of other types are passed over."""

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def start_filling(event_type: EventType) -> None:
    """Begin, in the transaction that changes the attribute and holds the lock on types."""
    ValueFilling.objects.filter(pk=event_type.pk).delete()
    event_type.value_is_filled = not Event.objects.filter(type=event_type).exists()
    if not event_type.value_is_filled:
        ValueFilling.objects.create(event_type=event_type)
        transaction.on_commit(wake)


@in_transaction
def advance_filling() -> bool:
    """One step of the oldest filling; False: none waits, or another worker is at it."""
    if not try_lane():
        return False
    share_types()
    filling = ValueFilling.objects.select_related("event_type").order_by("pk").first()
    if filling is None:
        return False
    if filling.has_begun:
        _step(filling)
    else:
        # Whoever evaluates with the attribute before must not find values of the new one.
        hold_values()
        filling.has_begun = True
        filling.save(update_fields=["has_begun"])
    return True


def _step(filling: ValueFilling) -> None:
    event_type = filling.event_type
    rows = _bite(filling)
    own = [row[:-1] for row in rows if row[-1]]
    _update(_wrong(event_type, own))
    if len(rows) < BITE:
        EventType.objects.filter(pk=event_type.pk).update(value_is_filled=True)
        filling.delete()
        return
    filling.contact_id, filling.message_id = rows[-1][:2]
    filling.done += len(own)
    filling.save(update_fields=["contact_id", "message_id", "done"])


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


def _wrong(event_type: EventType, rows: Iterable[Any]) -> list[tuple[int, str, Decimal | None]]:
    return [
        (contact_id, message_id, number)
        for contact_id, message_id, attributes, value in rows
        if (number := _number(event_type, attributes)) != value
    ]


def _bite(filling: ValueFilling) -> list[Any]:
    """The next events of all types, so that a rare type does not make a bite large."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT contact_id, message_id, CASE WHEN is_own THEN attributes::text END, value, is_own
            FROM (
                SELECT *, type_id = %s AS is_own FROM events_event
                WHERE (contact_id, {digest("message_id")}) > (%s, {digest("%s")})
                ORDER BY contact_id, {digest("message_id")}
                LIMIT %s
            ) bite
            """,
            [filling.event_type_id, filling.contact_id, filling.message_id, BITE],
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
            f"""
            UPDATE events_event e SET value = sent.value
            FROM unnest(%s::bigint[], %s::text[], %s::numeric[])
                AS sent (contact_id, message_id, value)
            WHERE {is_same("e", "sent.contact_id", "sent.message_id")}
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )
