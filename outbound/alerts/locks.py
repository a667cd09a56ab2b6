"""One looks at all alerts, one sends their mails; the locks end with their session or transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

ALERTS: Final = 5332
LOOKING: Final = (ALERTS, 0)
SENDING: Final = (ALERTS, 1)


def try_looking() -> bool:
    """Until the commit; False: somebody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOOKING)
        return bool(cursor.fetchone()[0])


def hold_looking() -> None:
    """Nobody looks at alerts until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOOKING)


@contextmanager
def sending_alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", SENDING)
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", SENDING)
            except (DatabaseError, InterfaceError):
                connection.close()  # the lock goes with the session
