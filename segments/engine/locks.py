"""Advisory locks on segments, so that a swap and the stream of changes never mix.

Whoever writes single memberships of a dynamic segment shares its lock until the commit; a
swap has it alone. Sharing is only ever tried, so that live events do not wait for a swap.

Taken in this order, always: a bucket of contacts, the publishing lock, segments' locks,
rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

# First keys of the two-key advisory locks; contacts/locks.py and segmentflow/wakeups.py
# have 5301 and 5302.
SEGMENT = 5303
REBUILD_LANE = (5304, 0)
PUBLISHING = (5305, 0)


def try_share(segment_ids: Iterable[int]) -> set[int]:
    """The segments of these that nobody is swapping."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM unnest(%s::int[]) AS id
            WHERE pg_try_advisory_xact_lock_shared(%s, id)
            """,
            [sorted(segment_ids), SEGMENT],
        )
        return {segment_id for (segment_id,) in cursor.fetchall()}


def hold(segment_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SEGMENT, segment_id])


def hold_publishing() -> None:
    """One change of definitions at a time: cycles cannot slip in, dependants are all seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", PUBLISHING)


def share_publishing() -> None:
    """No swap and no publishing until the commit; others may share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", PUBLISHING)


def try_rebuild_lane() -> bool:
    """One worker at a time rebuilds; the lock ends with the transaction of a bite."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", REBUILD_LANE)
        return bool(cursor.fetchone()[0])
