"""The only writer of memberships, deadlines and transitions of single contacts.

Everything here runs inside the transaction that also removes the pending marks, with the
contacts' bucket held. A rebuild's swap writes the same tables at once (rebuild.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from segmentflow.arrays import instants, numbers, texts
from segmentflow.models import TallySubject
from segmentflow.tallies import add_many
from segments.engine.deadlines import drop_deadlines
from segments.engine.evaluate import Difference
from segments.engine.noted import note_moves

Cause = dict[str, object]
ENTERED, LEFT = TallySubject.ENTERED, TallySubject.LEFT
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Flip:
    """A contact that entered or left a segment just now."""

    contact_id: int
    segment_id: int
    seq: int
    """Of the transition."""
    entered: bool
    cause: Cause


FlipListener = Callable[[Sequence[Flip], datetime], None]

_listeners: list[FlipListener] = []


def on_flips(listener: FlipListener) -> None:
    """Have `listener` told who entered and left by themselves, in the transaction that stores it.

    Those whom a new version of a definition moves are told of by on_swap (swap.py).
    """
    if listener not in _listeners:
        _listeners.append(listener)


def store(
    differences: Sequence[Difference],
    *,
    now: datetime,
    cause_of: Callable[[int, int], Cause],
) -> int:
    """Write the differences and answer how many contacts entered or left something.

    `cause_of(contact_id, segment_id)` says why, for the log.
    """
    flips = [row for row in differences if row.was_member != row.is_member]
    _store_deadlines(differences, now=now)
    if flips:
        _store_members(flips, now=now)
        told = _log(flips, now=now, cause_of=cause_of)
        _tally(flips, now=now)
        for listener in _listeners:
            listener(told, now)
        _count(flips)
    return len(flips)


def _store_members(flips: Sequence[Difference], *, now: datetime) -> None:
    entered = [row for row in flips if row.is_member]
    left = [row for row in flips if not row.is_member]
    with connection.cursor() as cursor:
        if entered:
            cursor.execute(
                """
                INSERT INTO segments_membership (contact_id, segment_id, entered_at)
                SELECT contact_id, segment_id, %s
                FROM unnest(%s::bigint[], %s::bigint[]) AS entered (contact_id, segment_id)
                """,
                [now, *_pairs(entered)],
            )
        if left:
            cursor.execute(
                """
                DELETE FROM segments_membership m
                USING unnest(%s::bigint[], %s::bigint[]) AS gone (contact_id, segment_id)
                WHERE m.contact_id = gone.contact_id AND m.segment_id = gone.segment_id
                """,
                _pairs(left),
            )


def _log(
    flips: Sequence[Difference], *, now: datetime, cause_of: Callable[[int, int], Cause]
) -> list[Flip]:
    causes = [cause_of(row.contact_id, row.segment_id) for row in flips]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segments_transition (contact_id, segment_id, entered, at, cause)
            SELECT contact_id, segment_id, entered, %s, cause::jsonb
            FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[], %s::text[])
                AS flip (contact_id, segment_id, entered, cause)
            RETURNING contact_id, segment_id, seq
            """,
            [now, *_pairs(flips), [row.is_member for row in flips], texts(_as_json(causes))],
        )
        seqs = {(contact_id, segment_id): seq for contact_id, segment_id, seq in cursor}
    return [
        Flip(
            row.contact_id,
            row.segment_id,
            seqs[row.contact_id, row.segment_id],
            row.is_member,
            cause,
        )
        for row, cause in zip(flips, causes, strict=True)
    ]


def _as_json(causes: Sequence[Cause]) -> list[str]:
    """Many contacts move for the same cause."""
    known: dict[tuple[object, ...], str] = {}
    written = []
    for cause in causes:
        key = tuple(cause.items())
        text = known.get(key)
        if text is None:
            text = known[key] = json.dumps(cause)
        written.append(text)
    return written


def _tally(flips: Sequence[Difference], *, now: datetime) -> None:
    add_many((ENTERED if row.is_member else LEFT, row.segment_id, now, 1) for row in flips)
    note_moves(
        [row.segment_id for row in flips if row.is_member],
        [row.segment_id for row in flips if not row.is_member],
    )


def _count(flips: Sequence[Difference]) -> None:
    """Last in the transaction, in one order: these rows are what workers may wait for."""
    changes: Counter[int] = Counter()
    for row in flips:
        changes[row.segment_id] += 1 if row.is_member else -1
    changed = {segment_id: change for segment_id, change in changes.items() if change}
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH held AS MATERIALIZED (
                SELECT id FROM segments_segment WHERE id = ANY(%s::bigint[])
                ORDER BY id
                FOR NO KEY UPDATE
            )
            UPDATE segments_segment s SET member_count = s.member_count + changed.number
            FROM held JOIN unnest(%s::bigint[], %s::int[]) AS changed (id, number) USING (id)
            WHERE s.id = held.id
            """,
            [numbers(changed), numbers(changed), numbers(changed.values())],
        )


def _store_deadlines(differences: Sequence[Difference], *, now: datetime) -> None:
    """Set those that are missing, too late or due; leave those that are merely too early."""
    missing, late, dropped = [], [], []
    for row in differences:
        if row.due_at is None:
            if row.until is not None:
                missing.append(row)
        elif row.until is not None and (row.due_at <= now or row.until < row.due_at):
            late.append(row)
        elif row.due_at <= now:
            dropped.append(row)
    with connection.cursor() as cursor:
        if missing:
            # Nobody else sets them meanwhile, so that nothing is to be looked for first.
            cursor.execute(
                """
                INSERT INTO segments_deadline (contact_id, segment_id, due_at)
                SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[])
                """,
                [*_pairs(missing), _times(missing, now)],
            )
        if late:
            cursor.execute(
                """
                UPDATE segments_deadline d SET due_at = late.due_at
                FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[])
                    AS late (contact_id, segment_id, due_at)
                WHERE d.contact_id = late.contact_id AND d.segment_id = late.segment_id
                """,
                [*_pairs(late), _times(late, now)],
            )
    if dropped:
        drop_deadlines([(row.contact_id, row.segment_id) for row in dropped])


def _times(rows: Sequence[Difference], now: datetime) -> str:
    """Never at or before now: a deadline must not be met twice at one instant."""
    return instants(max(row.until, now + TICK) for row in rows if row.until is not None)


def _pairs(rows: Sequence[Difference]) -> list[str]:
    return [numbers(row.contact_id for row in rows), numbers(row.segment_id for row in rows)]
