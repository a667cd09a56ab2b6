"""Advisory locks: who may work on which contacts. All end with their transaction."""

from __future__ import annotations

from django.db import connection

from contacts.changes import BUCKETS

# First key of the two-key advisory locks, one per purpose.
BUCKET = 5301


def hold_bucket_of(contact_id: int) -> None:
    """Wait until nobody evaluates this contact's bucket, and keep it until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BUCKET, contact_id % BUCKETS])


def try_bucket(bucket: int) -> bool:
    """Take the bucket until the commit, unless another worker has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [BUCKET, bucket])
        return bool(cursor.fetchone()[0])
