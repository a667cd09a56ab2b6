"""Contacts in memory while a batch is applied to them: read at once, written at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection

from contacts.locks import Hold, hold_slots
from contacts.rows import BUILT_IN
from segmentflow.api.bodies import encode_json
from segmentflow.arrays import numbers, texts

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_COLUMNS = ", ".join(BUILT_IN)


@dataclass(slots=True)
class StoredContact:
    id: int
    built_in: dict[str, str]
    attributes: dict[str, Any]
    is_new: bool = False
    changed: set[str] = field(default_factory=set)
    """Keys of the fields whose value is not what it was."""


def hold_contacts(contact_ids: Iterable[int]) -> dict[int, StoredContact]:
    """Those that exist; nobody else changes or erases them until the commit."""
    ids = sorted(set(contact_ids))
    if not ids:
        return {}
    hold_slots(ids, Hold.UNCHANGED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id, attributes::text, {_COLUMNS} FROM contacts_contact
            WHERE id = ANY(%s)
            ORDER BY id
            {Hold.UNCHANGED.rows()}
            """,
            [ids],
        )
        return {
            contact_id: StoredContact(
                contact_id, dict(zip(BUILT_IN, values, strict=True)), _decode(attributes)
            )
            for contact_id, attributes, *values in cursor.fetchall()
        }


def new_ids(at_once: int) -> Iterator[int]:
    """Ids for new contacts, fetched when the first is needed."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT nextval(ids.name)
                FROM (
                    SELECT pg_get_serial_sequence('contacts_contact', 'id')::regclass AS name
                    OFFSET 0
                ) ids, generate_series(1, %s)
                """,
                [max(at_once, 1)],
            )
            yield from [contact_id for (contact_id,) in cursor.fetchall()]


def insert_contacts(contacts: Sequence[StoredContact], *, now: datetime) -> None:
    if not contacts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO contacts_contact (id, attributes, {_COLUMNS}, created_at, updated_at)
            SELECT sent.*, %s, %s
            FROM unnest(%s::bigint[], %s::jsonb[], {_text_arrays()}) AS sent
            """,
            [now, now, *_as_columns(contacts)],
        )


def update_contacts(contacts: Sequence[StoredContact], *, now: datetime) -> None:
    if not contacts:
        return
    assignments = ", ".join(f"{name} = sent.{name}" for name in BUILT_IN)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE contacts_contact c
            SET attributes = sent.attributes, {assignments}, updated_at = %s
            FROM unnest(%s::bigint[], %s::jsonb[], {_text_arrays()})
                AS sent (id, attributes, {_COLUMNS})
            WHERE c.id = sent.id
            """,
            [now, *_as_columns(contacts)],
        )


def _text_arrays() -> str:
    return ", ".join(["%s::text[]"] * len(BUILT_IN))


def _as_columns(contacts: Sequence[StoredContact]) -> list[str]:
    return [
        numbers(contact.id for contact in contacts),
        texts(encode_json(contact.attributes) for contact in contacts),
        *(texts(contact.built_in[name] for contact in contacts) for name in BUILT_IN),
    ]
