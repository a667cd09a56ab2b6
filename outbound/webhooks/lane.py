"""One task sends at a time, so that no webhook has two senders; the lock ends with its worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

SENDING: Final = (5321, 0)
"""Of the two-key advisory locks; campaigns/delivery/lane.py and others have those below."""


@contextmanager
def lane() -> Iterator[bool]:
    """Be the one who sends; False: somebody else is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", SENDING)
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            _leave()


def _leave() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", SENDING)
    except (DatabaseError, InterfaceError):
        connection.close()  # the lock goes with the session
