"""At most one waiting task of a name: who finds one waiting need not ask again."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django_q.tasks import async_task

from segmentflow.logs.request_ids import current_id

logger = logging.getLogger(__name__)

EXPIRES_SECONDS = 2
"""A task asked for so long ago may be lost with the worker that had it: ask again. Likewise one that was
asked for in the future: the clock has been put back."""

# A wake-up lost in a crash costs latency, waiting for the disc at each costs more: these
# statements commit without it (set_config lasts until the end of their transaction).

WORKING = 5302
"""First number of the advisory locks, one for each machine, that are shared by its workers that run a
task; they end with their sessions."""


def mine(name: str) -> str:
    """The name of a task that workers of this machine alone take; they are told by what follows `@`."""
    return f"{name}@{settings.MACHINE}" if settings.MACHINE else name


def ask_for(name: str, task: str, *, queue: str | None = None) -> bool:
    """Enqueue `task` unless one of that name waits already. Never raises: askers ask again."""
    if not settings.WAKE_CLUSTER:
        return False
    try:
        if not _note_asked(name):
            return False
        # Acknowledged even when it fails, for the next one does what it left.
        async_task(task, ack_failure=True, task_name=name, cluster=queue, **_asked_by())
    except (DatabaseError, InterfaceError) as problem:
        logger.warning("could not ask for %s: %s", name, problem)
        return False
    return True


def _asked_by() -> dict[str, str]:
    """The request that asks, so that it is known to the log of the worker, and to a failure."""
    name = current_id()
    return {"group": name} if name else {}


@contextmanager
def at_work(name: str) -> Iterator[None]:
    """Run a task: from here on a new one may be asked for, and the cluster counts as alive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [WORKING, machine_number()])
    try:
        _note_begun(name)
        yield
    finally:
        _leave_work()


def is_cluster_working(*, here: bool = False) -> bool:
    """Whether any worker runs a task; `here`: of this machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2
                    AND (%s::bigint IS NULL OR objid::bigint = %s::bigint)
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            )
            """,
            [WORKING, *[machine_number() if here else None] * 2],
        )
        return bool(cursor.fetchone()[0])


def is_another_waiting(name: str) -> bool:
    """Whether something else was asked for and no worker is free for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM segmentflow_wakeup
                WHERE name <> %s AND (name NOT LIKE '%%@%%' OR name LIKE '%%@' || %s::text)
                    AND asked_at < clock_timestamp() - interval '0.1 seconds'
                    AND asked_at > clock_timestamp() - make_interval(secs => %s)
            )
            """,
            [name, settings.MACHINE, EXPIRES_SECONDS],
        )
        return bool(cursor.fetchone()[0])


def seconds_since_begun(name: str | None = None) -> float | None:
    """How long ago the cluster began its latest task, or its latest one of that name, by the clock of
    the database alone: another machine's may differ, and what is noted in the future is from before a
    clock was put back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM clock_timestamp() - max(begun_at))::float
            FROM segmentflow_wakeup
            WHERE begun_at <= clock_timestamp() AND (%s::text IS NULL OR name = %s)
            """,
            [name, name],
        )
        seconds: float | None = cursor.fetchone()[0]
        return seconds


def machine_number() -> int:
    """Of this machine, for advisory locks; any two are different, but for a chance in billions."""
    return zlib.crc32(settings.MACHINE.encode()) >> 1


def _note_asked(name: str) -> bool:
    """True for the one who has to enqueue. Costs one look when a task waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH quick AS MATERIALIZED (
                SELECT set_config('synchronous_commit', 'off', true)
                WHERE NOT EXISTS (
                    SELECT FROM segmentflow_wakeup
                    WHERE name = %(name)s
                        AND asked_at > clock_timestamp() - make_interval(secs => %(expires)s)
                        AND asked_at < clock_timestamp() + make_interval(secs => %(expires)s)
                )
            )
            INSERT INTO segmentflow_wakeup AS known (name, asked_at)
            SELECT %(name)s, clock_timestamp() FROM quick
            ON CONFLICT (name) DO UPDATE SET asked_at = excluded.asked_at
            WHERE known.asked_at IS NULL
                OR known.asked_at <= excluded.asked_at - make_interval(secs => %(expires)s)
                OR known.asked_at >= excluded.asked_at + make_interval(secs => %(expires)s)
            """,
            {"name": name, "expires": EXPIRES_SECONDS},
        )
        return bool(cursor.rowcount == 1)


def _note_begun(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
            INSERT INTO segmentflow_wakeup (name, begun_at)
            SELECT %s, clock_timestamp() FROM quick
            ON CONFLICT (name) DO UPDATE SET asked_at = NULL, begun_at = excluded.begun_at
            """,
            [name],
        )


def _leave_work() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s, %s)", [WORKING, machine_number()])
    except (DatabaseError, InterfaceError):
        connection.close()  # the lock goes with the session
