"""Advisory locks on what the types of events say about the values of events.

Taken in this order: the lane, the types, the values; buckets and segments before the values.
That on what is in use comes after the publishing lock of segments and before rows.
"""

from __future__ import annotations

from django.db import connection

# First key of the two-key advisory locks; contacts/locks.py and segments/engine/locks.py
# have those below, 5308 is that of segmentflow/tallies.py, and 5309 that of the demonstration.
TYPES = (5307, 0)
VALUES = (5311, 0)
LANE = (5310, 0)
IN_USE = (5314, 0)


def share_types() -> None:
    """No type gets another value attribute until the commit; others may share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", TYPES)


def hold_types() -> None:
    """Wait until nobody stores values of events, and keep everybody off until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", TYPES)


def share_uses() -> None:
    """No type is archived until the commit, so that it can be used; others may share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", IN_USE)


def hold_uses() -> None:
    """Wait until nobody begins to use a type, and keep everybody from it until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", IN_USE)


def share_values() -> None:
    """Stored values stay those of the attribute that is read after this, until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", VALUES)


def hold_values() -> None:
    """Wait for those who may still read values of an attribute that has been replaced."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", VALUES)


def try_lane() -> bool:
    """One worker at a time goes through stored events; the lock ends with its bite."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LANE)
        return bool(cursor.fetchone()[0])
