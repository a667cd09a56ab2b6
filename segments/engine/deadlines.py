"""Deadlines: the instants at which time alone may move a contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from contacts.changes import BUCKETS

SWEEP = 5_000
"""Deadlines dealt with in one transaction; they cluster at local midnight."""


NOT_MET: Final = """
    due_at >= COALESCE(
        (SELECT nothing_due_before FROM segments_engineclock), '-infinity'::timestamptz
    )"""
"""SQL: it may be a deadline that has not been met.

Those that have leave dead rows at the beginning of the index, hundreds of thousands until the next vacuum
of a large installation, and without this every look for what is next would go past all of them.
"""
LONGEST_PASS: Final = timedelta(seconds=30)
"""A pass may set deadlines behind its own instant when it ends. Whatever took longer is found with the next note_met."""


def next_due_at() -> datetime | None:
    """The earliest deadline there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT due_at FROM segments_deadline WHERE {NOT_MET} ORDER BY due_at LIMIT 1"
        )
        row = cursor.fetchone()
        return row[0] if row else None


def buckets_with_due(*, now: datetime) -> list[int]:
    """The buckets of the deadlines that are due, as far as one look goes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT contact_id %% %s FROM (
                SELECT contact_id FROM segments_deadline
                WHERE {NOT_MET} AND due_at <= %s
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
            f"""
            SELECT contact_id, segment_id, due_at FROM segments_deadline
            WHERE {NOT_MET} AND due_at <= %s AND contact_id %% %s = ANY(%s)
            ORDER BY due_at
            LIMIT %s
            """,
            [now, BUCKETS, list(buckets), SWEEP],
        )
        return list(cursor.fetchall())


def note_met(*, now: datetime) -> None:
    """Look at all there are once more, and remember before which instant there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE segments_engineclock SET nothing_due_before = LEAST(
                (SELECT due_at FROM segments_deadline ORDER BY due_at LIMIT 1), %s::timestamptz
            )
            """,
            [now - LONGEST_PASS],
        )


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
