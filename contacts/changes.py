"""How a change of data reaches the segments without importing them.

Writers leave pending marks in their own transaction and ring the bell when it commits.
Whoever keeps segments right (segments/apps.py) registers itself as a listener.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from contacts.models import PendingMark
from segmentflow.arrays import instants, numbers, texts

BUCKETS = 8
"""Contacts are dealt with in this many independent shares, by id modulo BUCKETS."""

LONGEST_TOLD = 2_000
"""Characters of attributes that a mark carries; of an event with more, everybody is told."""

Kind = PendingMark.Kind

_listeners: list[Callable[[], None]] = []


class Change(NamedTuple):
    """One contact and what changed about it; see PendingMark for `ref`."""

    contact_id: int
    kind: PendingMark.Kind
    ref: str = ""
    occurred_at: datetime | None = None
    attributes: str | None = None
    """Of a new event, as JSON: whoever counts no such events need not look."""


def on_change(listener: Callable[[], None]) -> None:
    """Call `listener` after each commit that left pending marks."""
    if listener not in _listeners:
        _listeners.append(listener)


def ring() -> None:
    """Tell the listeners that there may be pending marks."""
    for listener in _listeners:
        listener()


def record_changes(changes: Iterable[Change], *, is_bulk: bool = False) -> None:
    """Leave a pending mark for each change; must run inside the transaction that made it.

    Those of the same contact, kind and ref are merged where they do not say what an event
    carried; the newest event time is kept. With `is_bulk` they let all others go first, also
    those that are left later.
    """
    merged: dict[tuple[int, int, str, str, datetime | None], datetime | None] = {}
    for contact_id, kind, ref, occurred_at, attributes in changes:
        if attributes and len(attributes) <= LONGEST_TOLD:
            merged[contact_id, int(kind), ref, attributes, occurred_at] = occurred_at
            continue
        key = contact_id, int(kind), ref, "", None
        known = merged.get(key)
        if known is None or (occurred_at is not None and occurred_at > known):
            merged[key] = occurred_at
    if not merged:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("record_changes belongs in the transaction of the change itself")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_pendingmark
                (bucket, contact_id, kind, ref, occurred_at, attributes, is_bulk)
            SELECT contact_id %% %s, contact_id, kind, ref, occurred_at, NULLIF(attributes, ''), %s
            FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::timestamptz[], %s::text[])
                AS mark (contact_id, kind, ref, occurred_at, attributes)
            """,
            [
                BUCKETS,
                is_bulk,
                numbers(contact_id for contact_id, _, _, _, _ in merged),
                numbers(kind for _, kind, _, _, _ in merged),
                texts(ref for _, _, ref, _, _ in merged),
                instants(merged.values()),
                texts(told for _, _, _, told, _ in merged),
            ],
        )
    transaction.on_commit(ring)
