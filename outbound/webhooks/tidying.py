"""Forgets what webhooks told of a month ago, bite by bite, behind everything else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from contacts.retrying import in_transaction

KEPT_FOR: Final = timedelta(days=30)
BITE: Final = 20
"""Deliveries erased in one transaction; each tells of up to a thousand moves."""
MOVES_BITE: Final = 5_000


def is_tidying_due(*, now: datetime) -> bool:
    before = now - KEPT_FOR
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM outbound_webhookdelivery WHERE made_at < %(before)s)
                OR EXISTS (
                    SELECT FROM outbound_webhook w CROSS JOIN LATERAL (
                        SELECT m.at FROM outbound_webhookmove m
                        WHERE m.webhook_id = w.id AND m.delivery_id IS NULL
                        ORDER BY m.id LIMIT 1
                    ) oldest
                    WHERE oldest.at < %(before)s
                )
            """,
            {"before": before},
        )
        return bool(cursor.fetchone()[0])


@in_transaction
def advance_tidying(*, now: datetime) -> bool:
    """The oldest first, also what a paused webhook never told; False: nothing is old enough."""
    before = now - KEPT_FOR
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH old AS MATERIALIZED (
                SELECT id FROM outbound_webhookdelivery WHERE made_at < %s
                ORDER BY made_at LIMIT %s
                FOR UPDATE SKIP LOCKED
            ),
            moves AS (
                DELETE FROM outbound_webhookmove WHERE delivery_id IN (SELECT id FROM old)
                RETURNING id
            )
            SELECT array(SELECT id FROM old), count(*) FROM moves
            """,
            [before, BITE],
        )
        old, _ = cursor.fetchone()
        cursor.execute("DELETE FROM outbound_webhookdelivery WHERE id = ANY(%s)", [old])
        cursor.execute(
            """
            DELETE FROM outbound_webhookmove WHERE id IN (
                SELECT m.id FROM outbound_webhook w CROSS JOIN LATERAL (
                    SELECT id, at FROM outbound_webhookmove
                    WHERE webhook_id = w.id AND delivery_id IS NULL
                    ORDER BY id LIMIT %s
                ) m
                WHERE m.at < %s
            )
            """,
            [MOVES_BITE, before],
        )
        return bool(old) or bool(cursor.rowcount)
