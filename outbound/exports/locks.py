"""Who runs an export: one at a time, known by a lock that ends with its session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

RUNNING: Final = 5331
"""First key of the two-key advisory locks; campaigns/delivery/lane.py and others have those below."""
KEYS: Final = 2**31 - 1


@contextmanager
def alone_with(export_id: int) -> Iterator[bool]:
    """False: somebody else is running it."""
    key = export_id % KEYS
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [RUNNING, key])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            _leave(key)


def _leave(key: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [RUNNING, key])
    except (DatabaseError, InterfaceError):
        connection.close()  # the lock goes with the session
