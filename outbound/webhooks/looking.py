"""Which webhooks have something to send, and when: asked several times a second, so it has to be cheap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Due(NamedTuple):
    webhook_id: int
    at: datetime
    """In the past: now."""


def look(now: datetime) -> Sequence[Due]:
    """The next time for each that has something, soon or later.

    For each webhook it reads one entry of each of two indexes, and where moves wait for others,
    as many as make a request full.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.id, greatest(
                w.again_at,
                -- Moves of the future are from before the clock was put back: they wait no longer.
                CASE WHEN head.id IS NULL AND NOT full_one.is_there AND first_move.at <= %s
                THEN first_move.at + make_interval(secs => w.wait_ms / 1000.0) END
            )
            FROM outbound_webhook w
            LEFT JOIN LATERAL (
                SELECT d.id FROM outbound_webhookdelivery d
                WHERE d.webhook_id = w.id AND d.state = 0 ORDER BY d.id LIMIT 1
            ) head ON true
            LEFT JOIN LATERAL (
                SELECT m.at FROM outbound_webhookmove m
                WHERE m.webhook_id = w.id AND m.delivery_id IS NULL
                ORDER BY m.id LIMIT 1
            ) first_move ON true
            CROSS JOIN LATERAL (
                SELECT head.id IS NULL AND EXISTS (
                    SELECT FROM outbound_webhookmove m
                    WHERE m.webhook_id = w.id AND m.delivery_id IS NULL
                    ORDER BY m.id OFFSET w.most_moves - 1 LIMIT 1
                ) AS is_there
            ) full_one
            WHERE w.paused_at IS NULL AND w.ended_at IS NULL
                AND (head.id IS NOT NULL OR first_move.at IS NOT NULL)
            """,
            [now],
        )
        return [Due(pk, at or LONG_AGO) for pk, at in cursor.fetchall()]


def next_at(now: datetime) -> datetime | None:
    return min((due.at for due in look(now)), default=None)
