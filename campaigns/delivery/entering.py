"""Contacts that enter a segment get the message of campaigns that wait for them; who leaves, does not.

Told by the engine in the transaction that stores who entered and left, so a message is there if
and only if the contact entered. It costs one look while no such campaign is live, and one more
statement otherwise, however many contacts move.

While a campaign is paused, who enters gets nothing, and who leaves is taken out as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from campaigns.audience.statement import had_message, had_since, states
from campaigns.delivery.planning import Plan, plan_from
from campaigns.models import Message, SendingRules
from campaigns.reasons import Reason
from campaigns.wakes import wake
from segmentflow.arrays import instants, numbers, texts
from segmentflow.clock import workspace_zone
from segments.engine.near import near
from segments.engine.store import Flip

CAME_TO_NOTHING: Final = (Message.State.FAILED, Message.State.LEFT_OUT, Message.State.CANCELLED)
KEPT: Final = 10
"""So many of them for a contact in a campaign, the newest: somebody may come and go for ever."""


@dataclass(frozen=True, slots=True)
class _Listening:
    """A campaign, and one of the segments whose newcomers get its message."""

    campaign_id: int
    segment_id: int
    is_live: bool
    delay_minutes: int
    again_days: int | None
    ignores_quiet_hours: bool
    zone: str | None
    quiet_from: time | None
    quiet_to: time | None

    def plan(self, *, now: datetime) -> Plan:
        return plan_from(
            now + timedelta(minutes=self.delay_minutes),
            rules=SendingRules(quiet_from=self.quiet_from, quiet_to=self.quiet_to),
            ignores_quiet_hours=self.ignores_quiet_hours,
            zone=ZoneInfo(self.zone) if self.zone else workspace_zone(),
        )


def follow_flips(flips: Sequence[Flip], now: datetime) -> None:
    """The listener of segments.engine.store.on_flips."""
    listening = _listening({flip.segment_id for flip in flips})
    if not listening:
        return
    concerned = {one.segment_id for one in listening}
    moved = [flip for flip in flips if flip.segment_id in concerned and not _is_edit(flip)]
    if _store(moved, listening, now=now):
        transaction.on_commit(wake)


def _is_edit(flip: Flip) -> bool:
    """Somebody described a segment otherwise: that moves contacts, and is nothing they did."""
    return bool(flip.cause.get("redefined"))


def _listening(segment_ids: Collection[int]) -> list[_Listening]:
    """Held until the commit, so that nobody pauses or cancels a campaign that still gets messages."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, t.segment_id, c.status = 'live', c.delay_minutes, c.again_days,
                c.ignores_quiet_hours, c.frozen ->> 'zone', r.quiet_from, r.quiet_to
            FROM campaigns_campaigntarget t
            JOIN campaigns_campaign c ON c.id = t.campaign_id
            LEFT JOIN campaigns_sendingrules r ON true
            WHERE t.segment_id = ANY(%s) AND NOT t.excludes
                AND c.kind = 'entering' AND c.status IN ('live', 'paused')
            ORDER BY c.id, t.segment_id
            FOR KEY SHARE OF c
            """,
            [list(segment_ids)],
        )
        return [_Listening(*row) for row in cursor.fetchall()]


def _store(flips: Sequence[Flip], listening: Sequence[_Listening], *, now: datetime) -> bool:
    """Cancel and add messages; whether one is due at once."""
    plans = {
        one.campaign_id: one.plan(now=now)
        for one in listening
        if one.is_live and any(flip.entered for flip in flips)
    }
    params = _flips(flips) | _campaigns(listening, plans, now=now) | {"now": now}
    with connection.cursor() as cursor:
        cursor.execute(near(_STATEMENT, only=_THESE, params=params, always=True), params)
        return bool(cursor.fetchone()[0])


def _flips(flips: Sequence[Flip]) -> dict[str, Any]:
    causes = [flip.cause if flip.cause.get("kind") == "event" else {} for flip in flips]
    return {
        "contacts": numbers(flip.contact_id for flip in flips),
        "segments": numbers(flip.segment_id for flip in flips),
        "seqs": numbers(flip.seq for flip in flips),
        "entered": [flip.entered for flip in flips],
        "types": texts(str(cause.get("type") or "") for cause in causes),
        "times": [cause.get("occurred_at") for cause in causes],
    }


def _campaigns(
    listening: Sequence[_Listening], plans: dict[int, Plan], *, now: datetime
) -> dict[str, Any]:
    others = [
        (campaign_id, name, due)
        for campaign_id, plan in plans.items()
        for name, due in plan.others.items()
    ]
    return {
        "campaigns": numbers(one.campaign_id for one in listening),
        "heard": numbers(one.segment_id for one in listening),
        "dues": instants(
            plans[one.campaign_id].usual if one.campaign_id in plans else None for one in listening
        ),
        "since": instants(had_since(one.again_days, now=now) for one in listening),
        "zone_campaigns": numbers(campaign_id for campaign_id, _, _ in others),
        "zones": texts(name for _, name, _ in others),
        "zone_dues": instants(due for _, _, due in others),
    }


_THESE: Final = "c.id = ANY(%(contacts)s::bigint[])"
_STATEMENT = f"""
    WITH flip AS (
        SELECT * FROM unnest(
            %(contacts)s::bigint[], %(segments)s::bigint[], %(seqs)s::bigint[],
            %(entered)s::boolean[], %(types)s::text[], %(times)s::timestamptz[]
        ) AS flip (contact_id, segment_id, seq, entered, type, occurred_at)
    ),
    listening AS (
        SELECT * FROM unnest(
            %(campaigns)s::bigint[], %(heard)s::bigint[], %(dues)s::timestamptz[],
            %(since)s::timestamptz[]
        ) AS listening (campaign_id, segment_id, due_at, since)
    ),
    zone AS (
        SELECT * FROM unnest(
            %(zone_campaigns)s::bigint[], %(zones)s::text[], %(zone_dues)s::timestamptz[]
        ) AS zone (campaign_id, name, due_at)
    ),
    gone AS (
        UPDATE campaigns_message m
        SET state = {int(Message.State.CANCELLED)}, reason = '{Reason.LEFT.value}'
        FROM flip JOIN listening USING (segment_id)
        WHERE NOT flip.entered AND m.contact_id = flip.contact_id
            AND m.campaign_id = listening.campaign_id
            AND m.state = {int(Message.State.WAITING)}
            AND NOT EXISTS (
                SELECT FROM segments_membership x
                JOIN campaigns_campaigntarget t ON t.segment_id = x.segment_id AND NOT t.excludes
                WHERE x.contact_id = m.contact_id AND t.campaign_id = m.campaign_id
            )
    ),
    came AS (
        -- Who enters two of a campaign's segments at once gets one message.
        SELECT DISTINCT ON (flip.contact_id, listening.campaign_id)
            flip.*, listening.campaign_id, listening.due_at, listening.since
        FROM flip JOIN listening USING (segment_id)
        WHERE flip.entered AND listening.due_at IS NOT NULL
        ORDER BY flip.contact_id, listening.campaign_id, flip.seq
    ),
    forgotten AS (
        DELETE FROM campaigns_message m
        USING came CROSS JOIN LATERAL (
            SELECT o.occasion FROM campaigns_message o
            WHERE o.contact_id = came.contact_id AND o.campaign_id = came.campaign_id
                AND o.state IN {states(CAME_TO_NOTHING)} AND o.sent_at IS NULL
            ORDER BY o.occasion DESC
            OFFSET {KEPT - 1}
        ) old
        WHERE m.contact_id = came.contact_id AND m.campaign_id = came.campaign_id
            AND m.occasion = old.occasion
            AND m.state IN {states(CAME_TO_NOTHING)} AND m.sent_at IS NULL
    ),
    added AS (
        INSERT INTO campaigns_message
            (contact_id, campaign_id, occasion, state, due_at, context)
        SELECT came.contact_id, came.campaign_id, came.seq, {int(Message.State.WAITING)},
            coalesce(zone.due_at, came.due_at), told.context
        FROM came
        JOIN contacts_contact c ON c.id = came.contact_id
        LEFT JOIN zone ON zone.campaign_id = came.campaign_id
            AND zone.name = lower(btrim(c.timezone) COLLATE "C")
        LEFT JOIN LATERAL (
            SELECT jsonb_build_object(
                'type', t.key, 'occurred_at', e.occurred_at, 'attributes', e.attributes
            ) AS context
            FROM events_eventtype t JOIN events_event e ON e.type_id = t.id
            WHERE t.key = came.type AND e.contact_id = came.contact_id
                AND e.occurred_at = came.occurred_at
            ORDER BY e.received_at DESC, e.message_id
            LIMIT 1
        ) told ON true
        WHERE NOT {had_message(contact="came.contact_id", campaign="came.campaign_id", since="came.since")}
        -- Sorted, so that the messages of before are looked up before the first one is added.
        ORDER BY came.seq
        ON CONFLICT DO NOTHING
        RETURNING due_at
    )
    SELECT EXISTS (SELECT FROM added WHERE due_at <= %(now)s)
"""
