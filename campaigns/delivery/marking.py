"""The few statements that say how far the messages of a bite have come.

HANDING means: from here on it may be handed over, and messages of a bite are, in the order of
their keys. That is committed to the disc before the first of them leaves. What came of one is noted
before the next leaves (noting.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from campaigns.delivery.claiming import Bite
from campaigns.delivery.counted import note_results
from campaigns.keys import MessageKey
from campaigns.models import Campaign, Message
from campaigns.reasons import Reason
from segmentflow.arrays import numbers, texts

State = Message.State


@dataclass(frozen=True, slots=True)
class Marks:
    """Writes about one bite of a campaign, by the session that has the lane."""

    campaign: Campaign
    bite: Bite
    session: int

    def announce(
        self, keys: Collection[MessageKey], *, free_at: datetime | None
    ) -> set[MessageKey] | None:
        """From here on these may be handed over; answers those that still are there, and None when
        the campaign does not go on, or the lane was lost."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH going AS MATERIALIZED (
                    SELECT FROM campaigns_campaign
                    WHERE id = %(campaign)s AND status IN ('sending', 'live')
                        AND pg_backend_pid() = %(session)s
                ), marked AS (
                    UPDATE campaigns_message m SET state = 2
                    FROM unnest(%(contacts)s::bigint[], %(occasions)s::bigint[])
                        AS k (contact_id, occasion)
                    WHERE m.contact_id = k.contact_id AND m.campaign_id = %(campaign)s
                        AND m.occasion = k.occasion AND m.state = 1 AND m.claimed_at = %(at)s
                        AND EXISTS (SELECT FROM going)
                    RETURNING m.contact_id, m.occasion
                ), paced AS (
                    UPDATE campaigns_sendinglane SET next_at = %(free_at)s
                    WHERE channel = %(channel)s AND %(free_at)s::timestamptz IS NOT NULL
                        AND EXISTS (SELECT FROM going)
                )
                SELECT contact_id, occasion FROM marked
                UNION ALL
                SELECT NULL, NULL FROM going
                """,
                {
                    "campaign": self.campaign.pk,
                    "session": self.session,
                    "contacts": numbers(key.contact_id for key in keys),
                    "occasions": numbers(key.occasion for key in keys),
                    "at": self.bite.at,
                    "free_at": free_at,
                    "channel": self.campaign.channel,
                },
            )
            rows = cursor.fetchall()
        if (None, None) not in rows:
            return None
        return {
            MessageKey(contact_id, self.campaign.pk, occasion)
            for contact_id, occasion in rows
            if contact_id is not None
        }

    def fail(self, failed: Sequence[tuple[MessageKey, str]]) -> None:
        """They could not even be composed."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE campaigns_message m
                SET state = %s, error = k.error, attempts = m.attempts + 1
                FROM unnest(%s::bigint[], %s::bigint[], %s::text[])
                    AS k (contact_id, occasion, error)
                WHERE m.contact_id = k.contact_id AND m.campaign_id = %s
                    AND m.occasion = k.occasion AND m.state = 1 AND m.claimed_at = %s
                """,
                [
                    State.FAILED,
                    numbers(key.contact_id for key, _ in failed),
                    numbers(key.occasion for key, _ in failed),
                    texts(error.replace("\0", "") for _, error in failed),
                    self.campaign.pk,
                    self.bite.at,
                ],
            )
        note_results(self.campaign.channel, [State.FAILED] * len(failed))

    def release_rest(self) -> None:
        """What came of all that were handed over is stored, so what is left has not been: also
        messages of contacts that were merged meanwhile, which have other keys now."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE campaigns_message m
                SET state = CASE c.status WHEN 'cancelled' THEN 7 ELSE 0 END,
                    reason = CASE c.status WHEN 'cancelled' THEN %s ELSE '' END
                FROM campaigns_campaign c
                WHERE m.state IN (1, 2) AND m.claimed_at = %s AND m.campaign_id = %s
                    AND c.id = m.campaign_id
                """,
                [Reason.STOPPED, self.bite.at, self.campaign.pk],
            )

    def release(self, keys: Collection[MessageKey]) -> None:
        """The same for those that are named, after a crash of PostgreSQL, when they may have been
        taken for unclear."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE campaigns_message m
                SET state = CASE c.status WHEN 'cancelled' THEN 7 ELSE 0 END,
                    reason = CASE c.status WHEN 'cancelled' THEN %s ELSE '' END,
                    error = CASE m.state WHEN 5 THEN '' ELSE m.error END,
                    sent_at = NULL
                FROM unnest(%s::bigint[], %s::bigint[]) AS k (contact_id, occasion),
                    campaigns_campaign c
                WHERE m.contact_id = k.contact_id AND m.campaign_id = %s
                    AND m.occasion = k.occasion AND c.id = m.campaign_id
                    AND m.state IN (1, 2, 5) AND m.claimed_at = %s
                """,
                [
                    Reason.STOPPED,
                    numbers(key.contact_id for key in keys),
                    numbers(key.occasion for key in keys),
                    self.campaign.pk,
                    self.bite.at,
                ],
            )
