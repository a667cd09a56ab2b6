"""Who may work on which contacts, by advisory locks, slots and rows. All end with their transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

from django.db import connection

from contacts.changes import BUCKETS
from segmentflow.arrays import numbers
from segmentflow.citus.commits import wait_for_commits
from segmentflow.citus.here import is_spread

# First key of the two-key advisory locks, one per purpose.
BUCKET = 5301
FIELDS = (5306, 0)
EVERYBODY: Final = (5316, 0)
Row = TypeVar("Row", bound=Sequence[Any])
SLOTS: Final = 65_536
"""Rows of contacts_slot. A contact has the one whose id is its own modulo this."""


class Hold(StrEnum):
    """What others cannot do with contacts until the commit."""

    EXISTING = "FOR KEY SHARE"
    """Erase them."""
    UNCHANGED = "FOR NO KEY UPDATE"
    """Change or erase them."""
    ALONE = "FOR UPDATE"
    """Anything for which they hold them."""

    def rows(self, alias: str = "") -> str:
        """Ends a query of contacts that are to be held, after hold_slots."""
        if self is Hold.EXISTING or is_spread():
            return ""
        return f"{self} OF {alias}" if alias else f"{self}"


def hold_slots(contact_ids: Iterable[int], hold: Hold) -> None:
    """Before the contacts' rows are read, or with another look at them afterwards.

    Each event needs its contact to exist, and a lock on a row is written into its page and into the log. Slots
    lie on few pages, always the same ones; contacts on very many, each of which would be logged whole
    after every checkpoint. Where contacts are spread over machines, slots stand for their rows altogether.

    Raises RuntimeError when slots are missing, for nothing would be held then.
    """
    if hold is Hold.UNCHANGED and not is_spread():
        return  # their rows are written anyway
    slots = sorted({contact_id % SLOTS for contact_id in contact_ids})
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT FROM contacts_slot WHERE id = ANY(%s::int[]) ORDER BY id {hold}",
            [numbers(slots)],
        )
        if cursor.rowcount != len(slots):
            raise RuntimeError(f"contacts_slot has not all of its {SLOTS:,} rows any more.")
    wait_for_commits()


def share_everybody() -> None:
    """For who erases or merges, before anything else is held: wait until nobody keeps everybody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", EVERYBODY)


def keep_everybody() -> None:
    """Nobody is erased or merged until the commit; who wants to, waits with nothing in hand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", EVERYBODY)


def read_held(read: Callable[[], list[Row]], hold: Hold) -> list[Row]:
    """What a query says that ends with `hold.rows()`; the first of each row is the contact."""
    rows = read()
    if not rows or not is_spread():
        return rows
    hold_slots((row[0] for row in rows), hold)
    return read()


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
    hold_slots(ids, hold)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id FROM contacts_contact WHERE id = ANY(%s::bigint[]) ORDER BY id {hold.rows()}
            """,
            [numbers(ids)],
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
