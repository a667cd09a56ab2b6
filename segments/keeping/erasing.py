"""Erasing the moves that are kept no longer, bite by bite, behind everything that is live.

They go in pairs: who entered and left again before the border, of which nothing follows any
more. Of who was a member at the border, the entering stays. So the log still says how every
member came in, and tallies, which keep counting the pairs, stay balanced when a contact is
erased later with the moves that are left.

Each segment is gone through in the order of its log (transitions_by_segment), from where the
pass before ended to the first move that is kept, so a pass costs what it erases.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from contacts.locks import keep_rows_of
from contacts.retrying import in_transaction
from segmentflow.clock import workspace_zone
from segmentflow.months import kept_from
from segments.keeping.models import MoveRetention

BITE: Final = 2_000
"""Moves looked at in one transaction."""


class Move(NamedTuple):
    contact_id: int
    seq: int
    entered: bool
    at: datetime


def is_erasing_moves_due(*, now: datetime) -> bool:
    """Whether a pass is to be begun or goes on."""
    one = MoveRetention.objects.filter(is_paused=False, months__isnull=False).first()
    return one is not None and _is_due(one, now=now, zone=workspace_zone())


@in_transaction
def advance_erasing_moves(*, now: datetime) -> bool:
    """One step of the pass; False: none is due, or another worker is at it."""
    waiting = MoveRetention.objects.filter(is_paused=False, months__isnull=False)
    one = waiting.select_for_update(skip_locked=True).first()
    if one is None or one.months is None:
        return False
    zone = workspace_zone()
    if not _is_due(one, now=now, zone=zone):
        return False
    if one.erasing_before is None:
        one.erasing_before = kept_from(one.months, now=now, zone=zone)
        one.whole_from = max(one.erasing_before, one.whole_from or one.erasing_before)
        one.segment_id, one.position, one.next_floor = 0, one.floor, None
    _step(one, one.erasing_before)
    one.save()
    return True


def _is_due(one: MoveRetention, *, now: datetime, zone: ZoneInfo) -> bool:
    if one.months is None:
        return False
    if one.erasing_before is not None or one.erased_before is None:
        return True
    return kept_from(one.months, now=now, zone=zone) > one.erased_before


def _step(one: MoveRetention, before: datetime) -> None:
    looked_at = 0
    while looked_at < BITE:
        segment_id = _segment_from(one.segment_id)
        if segment_id is None:
            _end(one, before)
            return
        if segment_id != one.segment_id:
            one.segment_id, one.position = segment_id, one.floor
        moves = _moves_after(one, BITE - looked_at)
        old = list(takewhile(lambda move: move.at < before, moves))
        one.erased += _erase(segment_id, [move for move in old if not move.entered])
        if len(old) < len(moves):
            # Whoever moves later has a higher number, in whichever segment.
            kept = moves[len(old)].seq - 1
            one.next_floor = kept if one.next_floor is None else min(kept, one.next_floor)
        if len(old) == len(moves) == BITE - looked_at:
            one.position = old[-1].seq
        else:
            one.segment_id, one.position = segment_id + 1, one.floor
        looked_at += len(moves) + 1


def _end(one: MoveRetention, before: datetime) -> None:
    if one.next_floor is not None:
        one.floor = max(one.floor, one.next_floor)
    one.erased_before, one.erasing_before = before, None


def _segment_from(segment_id: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM segments_segment WHERE id >= %s", [segment_id])
        found: int | None = cursor.fetchone()[0]
        return found


def _moves_after(one: MoveRetention, limit: int) -> list[Move]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id, seq, entered, at FROM segments_transition
            WHERE segment_id = %s AND seq > %s
            ORDER BY seq
            LIMIT %s
            """,
            [one.segment_id, one.position, limit],
        )
        return [Move(*row) for row in cursor.fetchall()]


def _erase(segment_id: int, left: Sequence[Move]) -> int:
    """These who left, with how they had entered; how many moves there still were."""
    if not left:
        return 0
    contact_ids = [move.contact_id for move in left]
    # Nobody erases or merges them meanwhile, who would take a pair apart.
    keep_rows_of(contact_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.contact_id, l.seq, e.seq
            FROM segments_transition l
            CROSS JOIN LATERAL (
                SELECT t.seq FROM segments_transition t
                WHERE t.contact_id = l.contact_id AND t.segment_id = %(segment)s
                    AND t.seq < l.seq AND t.entered
                ORDER BY t.seq DESC
                LIMIT 1
            ) e
            WHERE l.contact_id = ANY(%(contacts)s::bigint[]) AND l.seq = ANY(%(seqs)s::bigint[])
            """,
            {
                "contacts": contact_ids,
                "seqs": [move.seq for move in left],
                "segment": segment_id,
            },
        )
        ended = cursor.fetchall()
        cursor.execute(
            """
            DELETE FROM segments_transition t
            USING unnest(%s::bigint[], %s::bigint[]) AS gone (contact_id, seq)
            WHERE t.contact_id = gone.contact_id AND t.seq = gone.seq
            """,
            [
                [contact_id for contact_id, _, _ in ended] * 2,
                [seq for _, seq, _ in ended] + [seq for _, _, seq in ended],
            ],
        )
        erased: int = cursor.rowcount
        return erased
