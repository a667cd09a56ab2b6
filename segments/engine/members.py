"""Members listed by hand, and forgetting: contacts that are erased, segments that are deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from contacts.changes import Change, Kind, record_changes
from contacts.locks import hold_buckets_of
from segmentflow.models import TallySubject
from segmentflow.tallies import add_many, forget
from segments.engine import locks
from segments.engine.evaluate import Difference
from segments.engine.store import store
from segments.models import Segment


def add_members(*, segment: Segment, contact_ids: Sequence[int], now: datetime) -> int:
    """List contacts in a static segment and answer how many were not listed before."""
    return _list(segment, contact_ids, enter=True, now=now)


def remove_members(*, segment: Segment, contact_ids: Sequence[int], now: datetime) -> int:
    """Take contacts off a static segment's list and answer how many were on it."""
    return _list(segment, contact_ids, enter=False, now=now)


@transaction.atomic
def _list(segment: Segment, contact_ids: Sequence[int], *, enter: bool, now: datetime) -> int:
    if segment.kind != Segment.Kind.STATIC:
        raise ValueError(f"{segment.key} is not a static segment")
    hold_buckets_of(contact_ids)
    flips = [
        Difference(contact_id, segment.pk, not enter, enter, None, None)
        for contact_id, is_listed in _listed(segment, contact_ids)
        if is_listed != enter
    ]
    record_changes(Change(row.contact_id, Kind.SEGMENT, segment.key) for row in flips)
    return store(flips, now=now, cause_of=lambda _contact, _segment: {"kind": "manual"})


def _listed(segment: Segment, contact_ids: Sequence[int]) -> list[tuple[int, bool]]:
    """Those of the contacts that exist, and whether they are on the list."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, m.contact_id IS NOT NULL
            FROM contacts_contact c LEFT JOIN segments_membership m
                ON m.contact_id = c.id AND m.segment_id = %s
            WHERE c.id = ANY(%s)
            ORDER BY c.id
            """,
            [segment.pk, list(contact_ids)],
        )
        return [(contact_id, is_listed) for contact_id, is_listed in cursor.fetchall()]


def erase_contacts(contact_ids: Sequence[int]) -> None:
    """Forget contacts here; runs in the transaction that erases them, with their buckets held."""
    locks.share_publishing()  # so that no swap brings them back
    ids = list(contact_ids)
    with connection.cursor() as cursor:
        for table in ("deadline", "candidate", "touched"):
            cursor.execute(f"DELETE FROM segments_{table} WHERE contact_id = ANY(%s)", [ids])
    erase_transitions(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM segments_membership WHERE contact_id = ANY(%s) RETURNING segment_id
            """,
            [ids],
        )
        gone = Counter(segment_id for (segment_id,) in cursor.fetchall())
        for segment_id, amount in sorted(gone.items()):  # in one order, as store.py does
            cursor.execute(
                "UPDATE segments_segment SET member_count = member_count - %s WHERE id = %s",
                [amount, segment_id],
            )


def erase_transitions(
    contact_ids: Sequence[int], *, segment_ids: Sequence[int] | None = None
) -> None:
    """Forget that these entered and left, all segments or some."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM segments_transition
            WHERE contact_id = ANY(%(contacts)s)
                AND (%(segments)s::bigint[] IS NULL OR segment_id = ANY(%(segments)s))
            RETURNING entered, segment_id, at
            """,
            {
                "contacts": list(contact_ids),
                "segments": None if segment_ids is None else list(segment_ids),
            },
        )
        add_many(
            (TallySubject.ENTERED if entered else TallySubject.LEFT, segment_id, at, -1)
            for entered, segment_id, at in cursor.fetchall()
        )


@transaction.atomic
def forget_segment(segment: Segment) -> None:
    """Delete what the engine keeps about a segment, before the segment itself goes.

    The caller holds the publishing lock and no lock on the segment's row yet.
    """
    locks.hold(segment.pk)
    with connection.cursor() as cursor:
        for table in ("candidate", "touched"):
            cursor.execute(
                f"""
                DELETE FROM segments_{table}
                WHERE rebuild_id IN (SELECT id FROM segments_rebuild WHERE segment_id = %s)
                """,
                [segment.pk],
            )
        for table in ("rebuild", "membership", "deadline", "transition"):
            cursor.execute(f"DELETE FROM segments_{table} WHERE segment_id = %s", [segment.pk])
    forget(TallySubject.ENTERED, segment.pk)
    forget(TallySubject.LEFT, segment.pk)
