"""Erases what the built-in outbox has kept for long enough, bite by bite, behind everything else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from campaigns.rules import current_rules
from contacts.retrying import in_transaction

TEST_DAYS: Final = 7
BITE: Final = 500
"""Messages erased in one transaction; each may have a long body."""


def is_tidying_due(*, now: datetime) -> bool:
    tests, others = _before(now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM campaigns_outboxmessage WHERE is_test AND at < %s)
                OR EXISTS (SELECT FROM campaigns_outboxmessage WHERE NOT is_test AND at < %s)
            """,
            [tests, others],
        )
        return bool(cursor.fetchone()[0])


@in_transaction
def advance_tidying(*, now: datetime) -> bool:
    """The oldest first; False: nothing is old enough."""
    tests, others = _before(now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM campaigns_outboxmessage WHERE id IN (
                SELECT id FROM (
                    (SELECT id FROM campaigns_outboxmessage
                        WHERE is_test AND at < %s ORDER BY at LIMIT %s)
                    UNION ALL
                    (SELECT id FROM campaigns_outboxmessage
                        WHERE NOT is_test AND at < %s ORDER BY at LIMIT %s)
                ) old
                LIMIT %s
            )
            """,
            [tests, BITE, others, BITE, BITE],
        )
        return bool(cursor.rowcount)


def _before(now: datetime) -> tuple[datetime, datetime]:
    """What is older goes: of tests, and of all others."""
    days = current_rules().outbox_days
    return now - timedelta(days=min(days, TEST_DAYS)), now - timedelta(days=days)
