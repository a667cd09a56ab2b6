"""django-q's queue in PostgreSQL, which wakes its readers instead of being polled."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import DatabaseError, InterfaceError, connections
from django_q.brokers import Broker
from django_q.conf import Conf
from django_q.models import OrmQ
from psycopg import sql

from segmentflow.wakeups import mine

CHANNEL = "segmentflow_tasks"
LISTEN_SECONDS = 0.5
"""How long one wait for a task is; also how late a task comes whose notice was lost."""

EARLY_DAYS = 36_500
"""A task that nobody had yet is free since so long before it was queued, also after the clock was put back."""


class NotifyBroker(Broker):  # type: ignore[misc]
    """At least once: a task that was handed out and not acknowledged comes again after `retry`."""

    _listening: psycopg.Connection[Any] | None = None

    def enqueue(self, task: str) -> int:
        with connections[Conf.ORM].cursor() as cursor:
            # Without waiting for the disc, see wakeups.py.
            cursor.execute(
                """
                WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
                task AS (
                    INSERT INTO django_q_ormq (key, payload, lock)
                    SELECT %s, %s, now() - make_interval(days => %s) FROM quick
                    RETURNING id
                )
                SELECT id, pg_notify(%s, %s) FROM task
                """,
                [self._queue, task, EARLY_DAYS, CHANNEL, self._queue],
            )
            return int(cursor.fetchone()[0])

    def dequeue(self) -> list[tuple[int, str]] | None:
        try:
            listening = self._listen()
            if task := self._take():
                return [task]
            # In autocommit; notices that came since LISTEN are kept for us.
            next(listening.notifies(timeout=LISTEN_SECONDS, stop_after=1), None)
            task = self._take()
            return [task] if task else None
        except (DatabaseError, InterfaceError, psycopg.Error):
            # The server is being restarted. The pusher would give up on an exception.
            connections[Conf.ORM].close()
            time.sleep(LISTEN_SECONDS)
            return None

    def acknowledge(self, task_id: int) -> None:
        try:
            self.delete(task_id)
        except (DatabaseError, InterfaceError):
            # Once more on a new connection; should that fail too, the task comes again.
            connections[Conf.ORM].close()
            self.delete(task_id)

    def delete(self, task_id: int) -> None:
        OrmQ.objects.using(Conf.ORM).filter(pk=task_id).delete()

    def fail(self, task_id: int) -> None:
        self.delete(task_id)

    def queue_size(self) -> int:
        return self._count("lock <= now()")

    def lock_size(self) -> int:
        return self._count("lock > now()")

    def purge_queue(self) -> None:
        OrmQ.objects.using(Conf.ORM).filter(key=self._queue).delete()

    def delete_queue(self) -> None:
        self.purge_queue()

    def ping(self) -> bool:
        return True

    def info(self) -> str:
        return "PostgreSQL with LISTEN/NOTIFY"

    @property
    def _queue(self) -> str:
        return str(self.list_key or Conf.CLUSTER_NAME)

    def _listen(self) -> psycopg.Connection[Any]:
        """This process's connection, listening."""
        django_connection = connections[Conf.ORM]
        django_connection.ensure_connection()
        connection: psycopg.Connection[Any] = django_connection.connection
        if connection is not self._listening:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._listening = connection
        return connection

    def _take(self) -> tuple[int, str] | None:
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(
                """
                UPDATE django_q_ormq SET lock = now() + make_interval(secs => %s)
                WHERE id = (
                    SELECT id FROM django_q_ormq
                    WHERE key = ANY(%s) AND lock <= now()
                    ORDER BY id
                    LIMIT 1
                    FOR UPDATE SKIP LOCKED
                )
                RETURNING id, payload
                """,
                [Conf.RETRY, [self._queue, mine(self._queue)]],
            )
            row = cursor.fetchone()
            return (row[0], row[1]) if row else None

    def _count(self, condition: str) -> int:
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM django_q_ormq WHERE key = %s AND {condition}", [self._queue]
            )
            return int(cursor.fetchone()[0])


def free_from(lock: datetime, *, now: datetime) -> datetime:
    """When a task was queued; of one that was handed out already, when its reader's time is over."""
    early = timedelta(days=EARLY_DAYS)
    return lock + early if lock < now - early / 2 else lock
