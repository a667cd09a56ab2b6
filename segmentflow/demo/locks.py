"""Who may change the demonstration: one loads or removes it, meanwhile nobody adds to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

# First key of the two-key advisory locks; the apps and segmentflow/tallies.py have others.
DEMO: Final = (5309, 0)


@contextmanager
def alone() -> Iterator[None]:
    """Wait for the others; the lock ends with the database session at the latest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", DEMO)
    try:
        yield
    finally:
        # After an error inside of somebody else's transaction there is no asking.
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", DEMO)


def try_share() -> bool:
    """Keep it as it is until the commit, unless somebody is loading or removing it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s, %s)", DEMO)
        return bool(cursor.fetchone()[0])
