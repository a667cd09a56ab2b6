"""Who may work on which contacts, by advisory locks and by their rows. All end with their transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

from django.db import connection

from contacts.changes import BUCKETS
from segmentflow.citus.here import is_spread

# First key of the two-key advisory locks, one per purpose.
BUCKET = 5301
FIELDS = (5306, 0)
EXIST: Final = 5315
CHANGE: Final = 5316
Row = TypeVar("Row", bound=Sequence[Any])
SLOTS: Final = 512
"""Contacts that have the same number modulo this share such a lock: a server has room for so many."""


class Hold(StrEnum):
    """What others cannot do with rows of contacts until the commit."""

    EXISTING = "FOR KEY SHARE"
    """Erase them."""
    UNCHANGED = "FOR NO KEY UPDATE"
    """Change or erase them."""
    ALONE = "FOR UPDATE"
    """Anything for which they hold them."""

    def rows(self, alias: str = "") -> str:
        """Ends a query of contacts. Rows that are spread over machines cannot be held so: hold_spread."""
        return "" if is_spread() else f"{self} OF {alias}" if alias else f"{self}"


def hold_spread(contact_ids: Iterable[int], hold: Hold) -> None:
    """Where contacts are spread over machines: the same by locks, for all who ask for them so.

    Before their rows are read, or with another look at them afterwards.
    """
    if not is_spread():
        return
    ids = list(contact_ids)
    if hold is Hold.ALONE:
        _hold_slots("pg_advisory_xact_lock", EXIST, ids)
        return
    _hold_slots("pg_advisory_xact_lock_shared", EXIST, ids)
    if hold is Hold.UNCHANGED:
        _hold_slots("pg_advisory_xact_lock", CHANGE, ids)


def read_held(read: Callable[[], list[Row]], hold: Hold) -> list[Row]:
    """What a query says that ends with `hold.rows()`; the first of each row is the contact."""
    rows = read()
    if not rows or not is_spread():
        return rows
    hold_spread((row[0] for row in rows), hold)
    return read()


def _hold_slots(function: str, key: int, contact_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {function}(%s, slot) FROM (
                SELECT DISTINCT (id %% %s)::int AS slot FROM unnest(%s::bigint[]) AS id
                ORDER BY slot OFFSET 0
            ) ordered
            """,
            [key, SLOTS, contact_ids],
        )


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
    return _held_rows(contact_ids, Hold.ALONE)


def keep_rows_of(contact_ids: Iterable[int]) -> list[int]:
    """Nobody erases the contacts until the commit; nobody else has to wait. Those that exist."""
    return _held_rows(contact_ids, Hold.EXISTING)


def _held_rows(contact_ids: Iterable[int], hold: Hold) -> list[int]:
    ids = sorted(set(contact_ids))
    hold_spread(ids, hold)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM contacts_contact WHERE id = ANY(%s) ORDER BY id {hold.rows()}", [ids]
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
