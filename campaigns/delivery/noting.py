"""What came of messages: noted at once where a crash of PostgreSQL may lose it, and stored soon.

A note costs a fraction of a stored result, with all the indexes and counts that it changes. If the
worker dies, whoever comes after it stores what was noted (recovering.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from campaigns.delivery.counted import note_results
from campaigns.keys import MessageKey
from campaigns.models import Message
from segmentflow.arrays import instants, numbers, texts

State = Message.State

SLOTS: Final = 128
"""Notes that are kept of a channel: more than there ever are between two times of storing."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of handing over a message."""

    state: int
    error: str = ""
    provider_id: str = ""
    is_attempt: bool = True
    """False when it had nothing to do with this message."""
    due_at: datetime | None = None
    """When it is tried again."""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """About one bite, by the session that has the lane."""

    channel: str
    claimed_at: datetime
    session: int

    def note(
        self, key: MessageKey, result: Result, *, slot: int, following: MessageKey | None
    ) -> tuple[bool, bool]:
        """Whether the campaign goes on, and whether the message that follows still is there."""
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTE,
                [
                    self.channel,
                    slot % SLOTS,
                    *key,
                    self.claimed_at,
                    result.state,
                    result.error.replace("\0", ""),
                    result.provider_id.replace("\0", ""),
                    int(result.is_attempt),
                    result.due_at,
                    result.sent_at,
                    *self._question(key.campaign_id, following),
                ],
            )
            is_going, is_there = cursor.fetchone()
            return bool(is_going), bool(is_there)

    def follows(self, key: MessageKey) -> tuple[bool, bool]:
        """The same questions, with nothing to note."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_QUESTIONS}", self._question(key.campaign_id, key))
            is_going, is_there = cursor.fetchone()
            return bool(is_going), bool(is_there)

    def _question(self, campaign_id: int, following: MessageKey | None) -> list[Any]:
        contact_id, _, occasion = following or (None, None, None)
        return [campaign_id, self.session, contact_id, campaign_id, occasion, self.claimed_at]

    def store(
        self,
        results: Mapping[MessageKey, Result],
        *,
        from_states: Sequence[int] = (State.HANDING,),
        is_quick: bool = False,
    ) -> None:
        """With the messages; `is_quick`: something follows that waits for the disc."""
        if not results:
            return
        stored = self._stored(results, from_states, is_quick=is_quick)
        if missing := results.keys() - stored:
            kept = self._kept(missing)
            moved = {to: results[key] for key, to in kept.items()}
            self._stored(moved, from_states, is_quick=is_quick)
        note_results(self.channel, (one.state for one in results.values()))

    def _stored(
        self, results: Mapping[MessageKey, Result], from_states: Sequence[int], *, is_quick: bool
    ) -> set[MessageKey]:
        each = list(results.values())
        with connection.cursor() as cursor:
            cursor.execute(
                _STORE,
                [
                    is_quick,
                    numbers(key.contact_id for key in results),
                    numbers(key.campaign_id for key in results),
                    numbers(key.occasion for key in results),
                    numbers(one.state for one in each),
                    texts(one.error.replace("\0", "") for one in each),
                    texts(one.provider_id.replace("\0", "") for one in each),
                    numbers(int(one.is_attempt) for one in each),
                    instants(one.due_at for one in each),
                    instants(one.sent_at for one in each),
                    list(from_states),
                    self.claimed_at,
                ],
            )
            return {MessageKey(*row) for row in cursor.fetchall()}

    def _kept(self, keys: set[MessageKey]) -> dict[MessageKey, MessageKey]:
        """The keys now of messages whose contacts were merged into others meanwhile."""
        former = [key.contact_id for key in keys]
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT former_id, contact_id FROM campaigns_formercontact
                WHERE former_id = ANY(%s)
                """,
                [former],
            )
            kept = dict(cursor.fetchall())
        return {
            key: key._replace(contact_id=kept[key.contact_id])
            for key in keys
            if key.contact_id in kept
        }


_QUESTIONS: Final = """
    EXISTS (
        SELECT FROM campaigns_campaign
        WHERE id = %s AND status IN ('sending', 'live') AND pg_backend_pid() = %s
    ),
    EXISTS (
        SELECT FROM campaigns_message
        WHERE contact_id = %s AND campaign_id = %s AND occasion = %s AND state = 2
            AND claimed_at = %s
    )
"""

_NOTE: Final = f"""
    INSERT INTO campaigns_noted AS noted
        (channel, slot, contact_id, campaign_id, occasion, claimed_at, state, error, provider_id,
         attempts, due_at, sent_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (channel, slot) DO UPDATE
    SET contact_id = excluded.contact_id, campaign_id = excluded.campaign_id,
        occasion = excluded.occasion, claimed_at = excluded.claimed_at, state = excluded.state,
        error = excluded.error, provider_id = excluded.provider_id, attempts = excluded.attempts,
        due_at = excluded.due_at, sent_at = excluded.sent_at
    RETURNING {_QUESTIONS}
"""

_STORE: Final = """
    WITH quick AS MATERIALIZED (
        SELECT set_config(
            'synchronous_commit',
            CASE WHEN %s THEN 'off' ELSE current_setting('synchronous_commit') END,
            true
        )
    )
    UPDATE campaigns_message m
    SET state = r.state, error = r.error, provider_id = r.provider_id,
        attempts = m.attempts + r.attempts, due_at = coalesce(r.due_at, m.due_at),
        sent_at = r.sent_at
    FROM quick, unnest(
        %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::text[], %s::int[],
        %s::timestamptz[], %s::timestamptz[]
    ) AS r (contact_id, campaign_id, occasion, state, error, provider_id, attempts, due_at, sent_at)
    WHERE m.contact_id = r.contact_id AND m.campaign_id = r.campaign_id
        AND m.occasion = r.occasion AND m.state = ANY(%s) AND m.claimed_at = %s
    RETURNING m.contact_id, m.campaign_id, m.occasion
"""
