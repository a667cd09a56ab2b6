"""Asking for a segment to be computed from nothing, beside its members, and giving that up.

lane.py does the work, swap.py ends it. A newer version cancels an older rebuild.
"""

from __future__ import annotations

from django.db import connection, transaction

from segments.engine.store import Cause
from segments.models import Rebuild, Segment, SegmentVersion
from segments.wakes import wake_rebuild


def start_rebuild(
    *, segment: Segment, version: SegmentVersion, cause: Cause, was_current: bool = False
) -> Rebuild:
    """Have the members computed anew; runs when the surrounding transaction has ended.

    `was_current`: see Rebuild.
    """
    cancel_rebuilds(segment)
    rebuild = Rebuild.objects.create(
        segment=segment,
        version=version,
        cause=cause,
        was_current=was_current,
        total=_estimated_contacts(),
    )
    transaction.on_commit(wake_rebuild)
    return rebuild


def cancel_rebuilds(segment: Segment) -> None:
    """Give up what is being built for a segment; its stored members stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH cancelled AS (
                UPDATE segments_rebuild SET state = 'cancelled', ended_at = now()
                WHERE segment_id = %s AND state = 'building'
                RETURNING id
            ),
            candidates AS (
                DELETE FROM segments_candidate WHERE rebuild_id IN (SELECT id FROM cancelled)
            )
            DELETE FROM segments_touched WHERE rebuild_id IN (SELECT id FROM cancelled)
            """,
            [segment.pk],
        )


def _estimated_contacts() -> int:
    """For the progress bar: exact while the table is small."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT CASE WHEN reltuples < 100000 THEN (SELECT count(*) FROM contacts_contact)
                ELSE reltuples::bigint END
            FROM pg_class WHERE oid = 'contacts_contact'::regclass
            """
        )
        count: int = cursor.fetchone()[0]
        return count
