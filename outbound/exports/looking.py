"""When there is something to do for exports: asked several times a second, so it has to be cheap."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from outbound.exports.locks import KEYS, RUNNING
from segmentflow.clock import workspace_zone

# Runs of which nobody has the lock any more: whoever ran them was killed.
_LEFT = """
    state = 'running' AND NOT EXISTS (
        SELECT FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.classid = %(lock)s AND l.objid = r.export_id %% %(keys)s
            AND l.objsubid = 2 AND l.granted
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


def next_at(now: datetime) -> datetime | None:
    """In the past or now: at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT min(at) FROM (
                SELECT e.next_at AS at FROM outbound_export e
                WHERE e.next_at IS NOT NULL AND NOT EXISTS (
                    SELECT FROM outbound_exportrun r
                    WHERE r.export_id = e.id AND r.state = 'running'
                )
                UNION ALL
                SELECT r.try_at FROM outbound_exportrun r WHERE r.state = 'waiting'
                UNION ALL
                SELECT %(now)s FROM outbound_exportrun r WHERE {_LEFT}
                UNION ALL
                SELECT %(now)s FROM outbound_export e
                WHERE e.next_at IS NOT NULL AND e.zone <> %(zone)s
            ) due
            """,
            {"now": now, "zone": workspace_zone().key, "lock": RUNNING, "keys": KEYS},
        )
        at: datetime | None = cursor.fetchone()[0]
        return at


def ready(now: datetime) -> list[tuple[int, int]]:
    """Runs that may begin, with their exports: the longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT r.id, r.export_id FROM outbound_exportrun r
            WHERE (r.state = 'waiting' AND r.try_at <= %(now)s) OR ({_LEFT})
            ORDER BY r.try_at, r.id
            """,
            {"now": now, "lock": RUNNING, "keys": KEYS},
        )
        return [(run_id, export_id) for run_id, export_id in cursor.fetchall()]
