"""Notes for each webhook who enters and leaves, in the transaction that stores it.

So what is told is what happened, and nothing of it is lost. It costs one look while no webhook
listens to these segments, and one more statement otherwise, however many contacts move.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segmentflow.arrays import numbers, texts
from segments.engine.store import Flip


@dataclass(frozen=True, slots=True)
class _Listening:
    webhook_id: int
    segment_ids: frozenset[int] | None
    """None: every one."""
    on_entering: bool
    on_leaving: bool

    def hears(self, flip: Flip) -> bool:
        if self.segment_ids is not None and flip.segment_id not in self.segment_ids:
            return False
        return self.on_entering if flip.entered else self.on_leaving


def note_flips(flips: Sequence[Flip], now: datetime) -> None:
    """The listener of segments.engine.store.on_flips."""
    listening = _listening({flip.segment_id for flip in flips})
    if listening and (heard := list(_heard(flips, listening))):
        _store(heard, now=now)


def _listening(segment_ids: Collection[int]) -> list[_Listening]:
    """Also those that are paused: they tell of it later. Held until the commit, so that none is
    deleted meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.id, w.every_segment, w.on_entering, w.on_leaving,
                ARRAY(
                    SELECT s.segment_id FROM outbound_webhooksegment s
                    WHERE s.webhook_id = w.id AND s.segment_id = ANY(%(segments)s)
                )
            FROM outbound_webhook w
            WHERE w.ended_at IS NULL AND (
                w.every_segment OR EXISTS (
                    SELECT FROM outbound_webhooksegment s
                    WHERE s.webhook_id = w.id AND s.segment_id = ANY(%(segments)s)
                )
            )
            ORDER BY w.id
            FOR KEY SHARE OF w
            """,
            {"segments": list(segment_ids)},
        )
        return [
            _Listening(pk, None if is_every else frozenset(chosen), on_entering, on_leaving)
            for pk, is_every, on_entering, on_leaving, chosen in cursor.fetchall()
        ]


def _heard(flips: Sequence[Flip], listening: Sequence[_Listening]) -> Iterator[tuple[int, Flip]]:
    """In the order of what happened: two moves of one contact keep theirs."""
    for flip in sorted(flips, key=lambda flip: flip.seq):
        for one in listening:
            if one.hears(flip):
                yield one.webhook_id, flip


def _store(heard: Sequence[tuple[int, Flip]], *, now: datetime) -> None:
    flips = [flip for _, flip in heard]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO outbound_webhookmove
                (webhook_id, contact_id, segment_id, seq, entered, at, cause)
            SELECT webhook_id, contact_id, segment_id, seq, entered, %s, cause::jsonb
            FROM unnest(
                %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::text[]
            ) WITH ORDINALITY
                AS heard (webhook_id, contact_id, segment_id, seq, entered, cause, place)
            ORDER BY place
            """,
            [
                now,
                numbers(webhook_id for webhook_id, _ in heard),
                numbers(flip.contact_id for flip in flips),
                numbers(flip.segment_id for flip in flips),
                numbers(flip.seq for flip in flips),
                [flip.entered for flip in flips],
                texts(json.dumps(flip.cause) for flip in flips),
            ],
        )


def note_swap(segment_id: int, before: int, now: datetime) -> None:
    """The listener of segments.engine.swap.on_swap: for webhooks that want those, too. Who was moved by a
    clock that was put back (segments/engine/turning.py) is told to all: no click has moved them.

    `before`: the newest transition of the segment before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO outbound_webhookmove
                (webhook_id, contact_id, segment_id, seq, entered, at, cause)
            SELECT w.id, t.contact_id, t.segment_id, t.seq, t.entered, %(now)s, t.cause
            FROM (
                SELECT * FROM outbound_webhook w
                WHERE w.ended_at IS NULL AND (
                    w.every_segment OR EXISTS (
                        SELECT FROM outbound_webhooksegment s
                        WHERE s.webhook_id = w.id AND s.segment_id = %(segment)s
                    )
                )
                ORDER BY id
                FOR KEY SHARE OF w
            ) w
            JOIN segments_transition t ON t.segment_id = %(segment)s AND t.seq > %(before)s
                AND (w.on_edits OR t.cause ->> 'kind' = 'time')
                AND CASE WHEN t.entered THEN w.on_entering ELSE w.on_leaving END
            ORDER BY t.seq, w.id
            """,
            {"segment": segment_id, "before": before, "now": now},
        )
