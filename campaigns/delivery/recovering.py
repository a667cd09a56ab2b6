"""What a worker leaves behind that dies in the middle of sending: nobody twice, nobody forgotten.

Whoever takes a channel's lane knows that nobody else sends by it. So what is CLAIMED or HANDING was
left behind. The claimed have not left. Of those being handed over, what came of each was noted
before the next left, so only the first in order may have, or as many as were handed over at once:
they are UNCLEAR, and the others have not left. Only if PostgreSQL itself crashed meanwhile the notes
are lost, and all are UNCLEAR; a worker that lives through that says what it knows (`tell_again`).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Final

from django.db import DatabaseError, InterfaceError, connection, transaction

from campaigns.delivery.marking import Marks
from campaigns.delivery.noting import Notes, Result
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
def recover(channel: str, *, at_once: int) -> int:
    """Set right what was left behind; the caller has the lane, and is going to hand over so many
    at once. Answers how many messages."""
    before = _take_turn(channel, at_once)
    if before is not None:
        _store_notes(channel)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH left_behind AS (
                SELECT m.contact_id, m.campaign_id, m.occasion, c.status, m.state = 2 AND (
                        %(perhaps)s::int IS NULL OR row_number() OVER (
                            PARTITION BY m.campaign_id, m.claimed_at, m.state
                            ORDER BY m.contact_id, m.occasion
                        ) <= %(perhaps)s::int
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
                "perhaps": before,
                "channel": channel,
                "died": DIED,
                "stopped": Reason.STOPPED,
            },
        )
        return int(cursor.rowcount)


def _take_turn(channel: str, at_once: int) -> int | None:
    """How many the last one handed over at once; None: PostgreSQL has crashed since, or nobody did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at_once FROM campaigns_sinceacrash WHERE channel = %s", [channel])
        row = cursor.fetchone()
        cursor.execute(
            """
            INSERT INTO campaigns_sinceacrash (channel, at_once) VALUES (%s, %s)
            ON CONFLICT (channel) DO UPDATE SET at_once = excluded.at_once
            """,
            [channel, at_once],
        )
        return row[0] if row else None


def _store_notes(channel: str) -> None:
    """With messages that are still being handed over, as far as what came of them is known."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_message m
            SET state = n.state, error = n.error, provider_id = n.provider_id,
                attempts = m.attempts + n.attempts, due_at = coalesce(n.due_at, m.due_at),
                sent_at = n.sent_at
            FROM campaigns_noted n
            LEFT JOIN campaigns_formercontact f ON f.former_id = n.contact_id
            WHERE n.channel = %s AND m.contact_id = coalesce(f.contact_id, n.contact_id)
                AND m.campaign_id = n.campaign_id AND m.occasion = n.occasion
                AND m.claimed_at = n.claimed_at AND m.state = 2
            """,
            [channel],
        )


def tell_again(
    marks: Marks,
    notes: Notes,
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
                notes.store(results, from_states=(State.HANDING, State.UNCLEAR))
                marks.release(unsent)
            return
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("cannot say yet what was sent: %s", problem)
            clock.wait(0.5)
            waited += 0.5
    logger.error("gave up saying what was sent of campaign %s", marks.campaign.pk)
