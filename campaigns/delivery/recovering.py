"""What a worker leaves behind that dies in the middle of sending: nobody twice, nobody forgotten.

Whoever takes a channel's lane knows that nobody else sends by it. So what is CLAIMED or HANDING was
left behind. The claimed have not left. Of those being handed over, what came of each was committed
before the next left, so only the first in order may have: it is UNCLEAR, and the others have not.
Only if PostgreSQL itself crashed meanwhile the latest commits may be lost, and all are UNCLEAR; a
worker that lives through that says what it knows once it can (`tell_again`).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Final

from django.db import DatabaseError, InterfaceError, connection, transaction

from campaigns.delivery.marking import Marks, Result
from campaigns.delivery.pace import Clock
from campaigns.keys import MessageKey
from campaigns.models import Message
from campaigns.reasons import Reason

logger = logging.getLogger(__name__)

State = Message.State

DIED: Final = "The program ended while this message was being handed over."
PATIENCE_SECONDS: Final = 60.0
"""How long a worker tries to say what it knows."""


@transaction.atomic
def recover(channel: str) -> int:
    """Set right what was left behind; the caller has the lane. Answers how many messages."""
    with connection.cursor() as cursor:
        # From here until the next crash of PostgreSQL what is committed stays committed.
        cursor.execute(
            """
            INSERT INTO campaigns_sinceacrash (channel) VALUES (%s)
            ON CONFLICT DO NOTHING
            """,
            [channel],
        )
        has_crashed = cursor.rowcount == 1
        cursor.execute(
            """
            WITH left_behind AS (
                SELECT m.contact_id, m.campaign_id, m.occasion, c.status, m.state = 2 AND (
                        %(has_crashed)s OR row_number() OVER (
                            PARTITION BY m.campaign_id, m.claimed_at, m.state
                            ORDER BY m.contact_id, m.occasion
                        ) = 1
                    ) AS is_unclear
                FROM campaigns_message m JOIN campaigns_campaign c ON c.id = m.campaign_id
                WHERE m.state IN (1, 2) AND c.channel = %(channel)s
            )
            UPDATE campaigns_message m
            SET state = CASE WHEN l.is_unclear THEN 5 WHEN l.status = 'cancelled' THEN 7 ELSE 0 END,
                error = CASE WHEN l.is_unclear THEN %(died)s ELSE m.error END,
                reason = CASE
                    WHEN NOT l.is_unclear AND l.status = 'cancelled' THEN %(stopped)s ELSE ''
                END,
                attempts = m.attempts + l.is_unclear::int,
                sent_at = CASE WHEN l.is_unclear THEN m.claimed_at END
            FROM left_behind l
            WHERE m.contact_id = l.contact_id AND m.campaign_id = l.campaign_id
                AND m.occasion = l.occasion AND m.state IN (1, 2)
            """,
            {
                "has_crashed": has_crashed,
                "channel": channel,
                "died": DIED,
                "stopped": Reason.STOPPED,
            },
        )
        return int(cursor.rowcount)


def tell_again(
    marks: Marks,
    *,
    results: Mapping[MessageKey, Result],
    unsent: Collection[MessageKey],
    clock: Clock,
) -> None:
    """After the connection to PostgreSQL was lost: what a living worker knows about its bite."""
    waited = 0.0
    while waited < PATIENCE_SECONDS:
        connection.close()
        try:
            with transaction.atomic():
                for key, result in results.items():
                    marks.store(
                        key, result, is_last=True, from_states=(State.HANDING, State.UNCLEAR)
                    )
                marks.release(unsent)
            return
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("cannot say yet what was sent: %s", problem)
            clock.wait(0.5)
            waited += 0.5
    logger.error("gave up saying what was sent of campaign %s", marks.campaign.pk)
