"""How far behind everything is, in seconds, by the clock of the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from contacts.changes import BUCKETS
from segmentflow.broker import EARLY_DAYS
from segmentflow.wakeups import is_cluster_working
from segments.engine.deadlines import NOT_MET


@dataclass(frozen=True, slots=True)
class Behind:
    live_age: float
    """Of the oldest change that came by itself; 0 when none waits."""
    bulk_age: float
    """Of the oldest one that an import left."""
    late: float
    """Of the deadline that is most overdue."""
    tasks_waiting: int
    tasks_running: int
    task_age: float
    """Of the task that waits longest."""
    idle: float | None
    """Since a worker began something, or 0 while one is at work; None: never."""


def how_far() -> Behind:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH lane AS (
                SELECT b.is_bulk, min(oldest.created_at) AS since
                FROM generate_series(0, %(last)s) AS bucket
                CROSS JOIN (VALUES (false), (true)) b (is_bulk)
                CROSS JOIN LATERAL (
                    SELECT created_at FROM contacts_pendingmark m
                    WHERE m.bucket = bucket AND m.is_bulk = b.is_bulk
                    ORDER BY id LIMIT 1
                ) oldest
                GROUP BY b.is_bulk
            ), task AS (
                -- Those of one machine alone are signs of life, and may be of one that is gone.
                SELECT count(*) FILTER (WHERE lock <= now()) AS waiting,
                    count(*) FILTER (WHERE lock > now()) AS running,
                    min(CASE WHEN lock < now() - early / 2 THEN lock + early ELSE lock END)
                        FILTER (WHERE lock <= now()) AS since
                FROM django_q_ormq, make_interval(days => %(early)s) AS early
                WHERE key NOT LIKE '%%@%%'
            )
            SELECT
                (SELECT since FROM lane WHERE NOT is_bulk),
                (SELECT since FROM lane WHERE is_bulk),
                (SELECT due_at FROM segments_deadline WHERE {NOT_MET} ORDER BY due_at LIMIT 1),
                waiting, running, since,
                (SELECT max(begun_at) FROM segmentflow_wakeup),
                clock_timestamp()
            FROM task
            """,
            {"last": BUCKETS - 1, "early": EARLY_DAYS},
        )
        live, bulk, due, waiting, running, task, begun, now = cursor.fetchone()
    live_age, bulk_age, late, task_age = (
        max(0.0, (now - at).total_seconds()) if at else 0.0 for at in (live, bulk, due, task)
    )
    idle = max(0.0, (now - begun).total_seconds()) if begun else None
    if (idle is None or idle > 1) and is_cluster_working():
        idle = 0.0
    return Behind(live_age, bulk_age, late, waiting, running, task_age, idle)
