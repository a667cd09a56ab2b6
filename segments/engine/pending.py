"""Pending marks: what changed and has not been looked at yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from contacts.changes import BUCKETS
from segmentflow.citus.commits import wait_for_commits

BATCH = 5_000
"""Marks dealt with in one transaction."""
BULK_BATCH = 2_000
"""Likewise of those that imports left: what changes meanwhile waits for no more than these."""


class Lane(NamedTuple):
    """The marks of one bucket that came by the thousand, or its others."""

    bucket: int
    is_bulk: bool
    oldest: int
    """Id of its oldest mark."""


class Mark(NamedTuple):
    contact_id: int
    kind: int
    ref: str
    occurred_at: datetime | None
    attributes: str | None = None
    created_at: datetime | None = None


def newest_mark() -> int | None:
    """Id of the newest mark there is: a pass deals with the marks up to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM contacts_pendingmark")
        newest: int | None = cursor.fetchone()[0]
        return newest


def lanes_with_marks(*, newest: int) -> list[Lane]:
    """Those that have something to do: bulk behind all others, then the one that waits longest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT lane.bucket, lane.is_bulk, oldest.id
            FROM (
                SELECT bucket, is_bulk
                FROM generate_series(0, %s) AS bucket CROSS JOIN (VALUES (false), (true)) b (is_bulk)
            ) lane
            CROSS JOIN LATERAL (
                SELECT id FROM contacts_pendingmark m
                WHERE m.bucket = lane.bucket AND m.is_bulk = lane.is_bulk AND id <= %s
                ORDER BY id
                LIMIT 1
            ) oldest
            ORDER BY lane.is_bulk, oldest.id
            """,
            [BUCKETS - 1, newest],
        )
        return [*map(Lane._make, cursor.fetchall())]


def claim_marks(*, buckets: Sequence[int], is_bulk: bool, newest: int) -> list[Mark]:
    """Take the oldest marks of some buckets out of the table, about as many of each.

    They are gone when the transaction commits, and back if it does not. The caller holds
    the buckets, so nobody else claims here.
    """
    most = BULK_BATCH if is_bulk else BATCH
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM contacts_pendingmark
            WHERE id = ANY(ARRAY(
                SELECT oldest.id
                FROM unnest(%s::int[]) AS held (bucket)
                CROSS JOIN LATERAL (
                    SELECT id FROM contacts_pendingmark m
                    WHERE m.bucket = held.bucket AND m.is_bulk = %s AND id <= %s
                    ORDER BY id
                    LIMIT %s
                ) oldest
            ))
            RETURNING contact_id, kind, ref, occurred_at, attributes, created_at
            """,
            [list(buckets), is_bulk, newest, -(-most // len(buckets))],
        )
        marks = [*map(Mark._make, cursor.fetchall())]
    wait_for_commits()  # so that what they tell of can be seen
    return marks


def put_back(marks: Iterable[Mark], *, is_bulk: bool) -> None:
    """Leave marks for a later pass, in the transaction that claimed them; they wait since they came."""
    rows = list(marks)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_pendingmark
                (bucket, is_bulk, contact_id, kind, ref, occurred_at, attributes, created_at)
            SELECT contact_id %% %s, %s, contact_id, kind, ref, occurred_at, attributes,
                coalesce(created_at, now())
            FROM unnest(
                %s::bigint[], %s::smallint[], %s::text[], %s::timestamptz[], %s::text[],
                %s::timestamptz[]
            ) AS sent (contact_id, kind, ref, occurred_at, attributes, created_at)
            """,
            [
                BUCKETS,
                is_bulk,
                [mark.contact_id for mark in rows],
                [mark.kind for mark in rows],
                [mark.ref for mark in rows],
                [mark.occurred_at for mark in rows],
                [mark.attributes for mark in rows],
                [mark.created_at for mark in rows],
            ],
        )


def oldest_pending_at() -> datetime | None:
    """When the mark that waits longest was left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT created_at FROM contacts_pendingmark ORDER BY id LIMIT 1")
        row = cursor.fetchone()
        return row[0] if row else None
