"""Pending marks: what changed and has not been looked at yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

BATCH = 5_000
"""Marks dealt with in one transaction."""


@dataclass(frozen=True, slots=True)
class Mark:
    contact_id: int
    kind: int
    ref: str
    occurred_at: datetime | None


def newest_mark() -> int | None:
    """Id of the newest mark there is: a pass deals with the marks up to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM contacts_pendingmark")
        newest: int | None = cursor.fetchone()[0]
        return newest


def buckets_with_marks(*, newest: int) -> list[int]:
    """The buckets that have something to do, the one that waits longest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT bucket FROM contacts_pendingmark
            WHERE id <= %s
            GROUP BY bucket
            ORDER BY min(id)
            """,
            [newest],
        )
        return [bucket for (bucket,) in cursor.fetchall()]


def claim_marks(*, bucket: int, newest: int) -> list[Mark]:
    """Take the oldest marks of a bucket out of the table.

    They are gone when the transaction commits, and back if it does not. The caller holds
    the bucket, so nobody else claims here.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM contacts_pendingmark
            WHERE id = ANY(ARRAY(
                SELECT id FROM contacts_pendingmark
                WHERE bucket = %s AND id <= %s
                ORDER BY id
                LIMIT %s
            ))
            RETURNING contact_id, kind, ref, occurred_at
            """,
            [bucket, newest, BATCH],
        )
        return [Mark(*row) for row in cursor.fetchall()]


def put_back(marks: Iterable[Mark], *, bucket: int) -> None:
    """Leave marks for a later pass, in the transaction that claimed them."""
    rows = list(marks)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_pendingmark (bucket, contact_id, kind, ref, occurred_at)
            SELECT %s, * FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::timestamptz[])
            """,
            [
                bucket,
                [mark.contact_id for mark in rows],
                [mark.kind for mark in rows],
                [mark.ref for mark in rows],
                [mark.occurred_at for mark in rows],
            ],
        )


def oldest_pending_at() -> datetime | None:
    """When the mark that waits longest was left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT created_at FROM contacts_pendingmark ORDER BY id LIMIT 1")
        row = cursor.fetchone()
        return row[0] if row else None
