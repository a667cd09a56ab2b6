"""Advisory lock on what the types of events say about the values of events."""

from __future__ import annotations

from django.db import connection

# First key of the two-key advisory locks; contacts/locks.py and segments/engine/locks.py
# have those below.
TYPES = (5307, 0)


def share_types() -> None:
    """No type gets another value attribute until the commit; others may share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", TYPES)


def hold_types() -> None:
    """Wait until nobody stores values of events, and keep everybody off until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", TYPES)
