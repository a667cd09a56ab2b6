"""Advisory locks: who may work on which contacts. All end with their transaction."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from contacts.changes import BUCKETS

# First key of the two-key advisory locks, one per purpose.
BUCKET = 5301
FIELDS = (5306, 0)


def hold_bucket_of(contact_id: int) -> None:
    """Wait until nobody evaluates this contact's bucket, and keep it until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BUCKET, contact_id % BUCKETS])


def hold_buckets_of(contact_ids: Iterable[int]) -> None:
    """The same for several; in order, so that two requests cannot wait for each other."""
    for bucket in sorted({contact_id % BUCKETS for contact_id in contact_ids}):
        hold_bucket_of(bucket)


def hold_rows_of(contact_ids: Iterable[int]) -> list[int]:
    """Wait for those who are storing something about the contacts, and keep others off.

    Answers those that exist.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM contacts_contact WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [list(contact_ids)],
        )
        return [contact_id for (contact_id,) in cursor.fetchall()]


def try_buckets(buckets: Iterable[int]) -> list[int]:
    """Take those buckets until the commit that no other worker has."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT bucket FROM unnest(%s::int[]) AS bucket
            WHERE pg_try_advisory_xact_lock(%s, bucket)
            """,
            [list(buckets), BUCKET],
        )
        return [bucket for (bucket,) in cursor.fetchall()]


def share_fields() -> None:
    """No field is deleted, and none changes its type, until the commit; others may share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", FIELDS)


def hold_fields() -> None:
    """Wait until nobody stores values of fields, and keep everybody off until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", FIELDS)
