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

Kind = PendingMark.Kind

_listeners: list[Callable[[], None]] = []


class Change(NamedTuple):
    """One contact and what changed about it; see PendingMark for `ref`."""

    contact_id: int
    kind: PendingMark.Kind
    ref: str = ""
    occurred_at: datetime | None = None


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

    Marks of the same contact, kind and ref are merged; the newest event time is kept.
    With `is_bulk` they let all others go first, also those that are left later.
    """
    merged: dict[tuple[int, int, str], datetime | None] = {}
    for contact_id, kind, ref, occurred_at in changes:
        key = (contact_id, int(kind), ref)
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
            INSERT INTO contacts_pendingmark (bucket, contact_id, kind, ref, occurred_at, is_bulk)
            SELECT contact_id %% %s, contact_id, kind, ref, occurred_at, %s
            FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::timestamptz[])
                AS mark (contact_id, kind, ref, occurred_at)
            """,
            [
                BUCKETS,
                is_bulk,
                numbers(contact_id for contact_id, _, _ in merged),
                numbers(kind for _, kind, _ in merged),
                texts(ref for _, _, ref in merged),
                instants(merged.values()),
            ],
        )
    transaction.on_commit(ring)
