"""Deadlines: the instants at which time alone may move a contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from contacts.changes import BUCKETS

SWEEP = 5_000
"""Deadlines dealt with in one transaction; they cluster at local midnight."""


def next_due_at() -> datetime | None:
    """The earliest deadline there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT due_at FROM segments_deadline ORDER BY due_at LIMIT 1")
        row = cursor.fetchone()
        return row[0] if row else None


def buckets_with_due(*, now: datetime) -> list[int]:
    """The buckets of the deadlines that are due, as far as one look goes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT contact_id %% %s FROM (
                SELECT contact_id FROM segments_deadline
                WHERE due_at <= %s
                ORDER BY due_at
                LIMIT %s
            ) due
            """,
            [BUCKETS, now, SWEEP],
        )
        return [bucket for (bucket,) in cursor.fetchall()]


def due_pairs(*, buckets: Sequence[int], now: datetime) -> list[tuple[int, int, datetime]]:
    """(contact, segment, when) of the oldest due deadlines in buckets that the caller holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id, segment_id, due_at FROM segments_deadline
            WHERE due_at <= %s AND contact_id %% %s = ANY(%s)
            ORDER BY due_at
            LIMIT %s
            """,
            [now, BUCKETS, list(buckets), SWEEP],
        )
        return list(cursor.fetchall())


def drop_deadlines(pairs: list[tuple[int, int]]) -> None:
    """Forget the deadlines of segments that follow nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM segments_deadline d
            USING unnest(%s::bigint[], %s::bigint[]) AS gone (contact_id, segment_id)
            WHERE d.contact_id = gone.contact_id AND d.segment_id = gone.segment_id
            """,
            [[contact_id for contact_id, _ in pairs], [segment_id for _, segment_id in pairs]],
        )
