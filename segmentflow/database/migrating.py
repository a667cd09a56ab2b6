"""Migrations beside programs that go on: one at a time, and nobody waits long behind one that waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection
from django.db.migrations import Migration
from django.db.utils import OperationalError
from psycopg import errors

from segmentflow import session_locks

MIGRATING: Final = (5312, 0)
LOCK_SECONDS: Final = 1
"""How long a migration stands in a queue for a lock; whoever comes after it stands behind it."""
PAUSE_SECONDS: Final = 2
"""What others get done before it queues again."""
PATIENCE_SECONDS: Final = 1800
"""A backup of a large database reads every table for as long as it takes."""
OTHERS_SECONDS: Final = 6 * 3600
LONGEST: Final = """
    SELECT pid, coalesce(nullif(application_name, ''), usename, '?'), now() - xact_start
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    ORDER BY xact_start LIMIT 1
"""

Say = Callable[[str], object]


class Impatient(Exception):
    """It could not be done in the time there is; the message says who was in the way."""


@contextmanager
def one_at_a_time(say: Say) -> Iterator[None]:
    """Several machines may start the new version at once.

    Asked for again and again: who waits in the database has a snapshot, and building an index waits for
    those to end.
    """
    deadline = time.monotonic() + OTHERS_SECONDS
    waited = False
    while (session := session_locks.try_hold(MIGRATING)) is None:
        if not waited:
            say("Another process migrates this database; waiting for it.")
            waited = True
        if time.monotonic() > deadline:
            raise Impatient("Another process has been migrating this database for hours.")
        time.sleep(0.2)
    try:
        yield
    finally:
        if session is not None:
            session_locks.release(MIGRATING)


def patiently(
    migrate: Callable[[], Any], say: Say, *, is_stopping: Callable[[], bool] = lambda: False
) -> None:
    """Again until it got its locks; what it had done by then is done or undone."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    told = 0.0
    while not is_stopping():
        try:
            migrate()
            return
        except OperationalError as problem:
            if not isinstance(problem.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
                raise
            if time.monotonic() > deadline:
                raise Impatient(
                    f"Migrating waits for a lock for too long. {_in_the_way()}"
                ) from None
        if time.monotonic() - told > 10:
            said = f"Somebody uses what is to be changed; trying again until then. {_in_the_way()}"
            say(said.strip())
            told = time.monotonic()
        time.sleep(PAUSE_SECONDS)


def prepare(migration: Migration, *, backwards: bool, fake: bool) -> None:
    """Before a migration begins: how long it queues, and nothing left of one that was interrupted."""
    if migration.atomic:
        _execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        return
    # Building an index waits for transactions that are open, and holds nobody up meanwhile.
    _execute("SET lock_timeout = 0")
    for operation in () if fake else migration.operations:
        if isinstance(operation, AddIndexConcurrently) and not backwards:
            _execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{operation.index.name}"')
        elif isinstance(operation, RemoveIndexConcurrently) and backwards:
            _execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{operation.name}"')


def reset() -> None:
    _execute("RESET lock_timeout")


def _in_the_way() -> str:
    found = _execute(LONGEST)
    if not found:
        return ""
    [(pid, who, age)] = found
    return (
        f"The oldest transaction is that of {who} (process {pid}), for {age.total_seconds():.0f} s."
    )


def _execute(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
