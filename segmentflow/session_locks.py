"""Advisory locks that belong to a session: they end with the worker that has them, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection

Key = tuple[int, int]


@contextmanager
def alone(key: Key) -> Iterator[int | None]:
    """Be the only one who has the lock: the session that has it; None: somebody else has."""
    session = try_hold(key)
    try:
        yield session
    finally:
        if session is not None:
            release(key)


def try_hold(key: Key) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN pg_try_advisory_lock(%s, %s) THEN pg_backend_pid() END", key
        )
        session: int | None = cursor.fetchone()[0]
        return session


def release(key: Key) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
    except (DatabaseError, InterfaceError):
        connection.close()  # the lock goes with the session
