"""Takes messages that are due for sending, a bite at a time, and asks once more who may have one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.delivery.lane import hold_judging
from campaigns.delivery.outside import Outside
from campaigns.keys import MessageKey
from campaigns.models import Campaign, Message
from campaigns.reasons import Reason
from contacts.retrying import in_transaction
from segmentflow.arrays import instants, numbers, texts

State = Message.State


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker is going to send."""

    key: MessageKey
    address: str
    attempts: int
    """Before this one."""
    context: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Bite:
    claimed: Sequence[Claimed]
    """In the order in which they are handed over: that of their keys."""
    at: datetime
    """Which, with the campaign, tells these rows from all others that were ever claimed."""
    looked_at: int
    """How many were due; some may be left out, or have to wait for the end of quiet hours."""


@dataclass(frozen=True, slots=True)
class _Decided:
    key: MessageKey
    state: int
    reason: str
    address: str
    due_at: datetime
    claimed_at: datetime | None


@in_transaction
def claim(*, campaign: Campaign, outside: Outside, limit: int, now: datetime) -> Bite:
    """Those of the campaign that are due, at most `limit`; nobody else has them until they are released."""
    # Only the judge knows how much he looks at; what he knows must hold until the commit.
    hold_judging()
    due = _due(campaign, limit=limit, now=now)
    if not due:
        return Bite([], now, 0)
    # Of one contact one at a time, for the second may be one too many.
    first = {key.contact_id: (key, *rest) for key, *rest in reversed(due)}
    contact_ids = sorted(first)
    waits = outside.allowed_at(campaign, contact_ids, now)
    quiet = {contact_id for contact_id, at in waits.items() if at > now}
    verdicts = outside.judge(
        campaign, [contact_id for contact_id in contact_ids if contact_id not in quiet], now
    )
    decided, claimed = [], []
    for contact_id, (key, due_at, attempts, context) in sorted(first.items()):
        if contact_id in quiet:
            decided.append(_Decided(key, State.WAITING, "", "", waits[contact_id], None))
            continue
        verdict = verdicts.get(contact_id)
        reason = Reason.NO_ADDRESS if verdict is None else verdict.reason
        if verdict is None or reason is not None:
            # Who left does not get it as if it had been cancelled, as in entering.py.
            state = State.CANCELLED if reason is Reason.LEFT else State.LEFT_OUT
            decided.append(_Decided(key, state, str(reason), "", due_at, None))
            continue
        decided.append(_Decided(key, State.CLAIMED, "", verdict.address, due_at, now))
        claimed.append(Claimed(key, verdict.address, attempts, context))
    _store(decided)
    return Bite(claimed, now, len(due))


def _due(
    campaign: Campaign, *, limit: int, now: datetime
) -> list[tuple[MessageKey, datetime, int, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.contact_id, m.occasion, m.due_at, m.attempts, m.context::text
            FROM campaigns_message m
            JOIN campaigns_campaign c ON c.id = m.campaign_id AND c.status IN ('sending', 'live')
            WHERE m.campaign_id = %s AND m.state = 0 AND m.due_at <= %s
            ORDER BY m.due_at, m.contact_id
            LIMIT %s
            FOR UPDATE OF m SKIP LOCKED
            """,
            [campaign.pk, now, limit],
        )
        rows = cursor.fetchall()
    return [
        (
            MessageKey(contact_id, campaign.pk, occasion),
            due_at,
            attempts,
            None if context is None else json.loads(context),
        )
        for contact_id, occasion, due_at, attempts, context in rows
    ]


def _store(decided: Sequence[_Decided]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_message m
            SET state = d.state, reason = d.reason, address = d.address, due_at = d.due_at,
                claimed_at = d.claimed_at
            FROM unnest(
                %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::text[],
                %s::timestamptz[], %s::timestamptz[]
            ) AS d (contact_id, campaign_id, occasion, state, reason, address, due_at, claimed_at)
            WHERE m.contact_id = d.contact_id AND m.campaign_id = d.campaign_id
                AND m.occasion = d.occasion
            """,
            [
                numbers(one.key.contact_id for one in decided),
                numbers(one.key.campaign_id for one in decided),
                numbers(one.key.occasion for one in decided),
                numbers(one.state for one in decided),
                texts(one.reason for one in decided),
                texts(one.address for one in decided),
                instants(one.due_at for one in decided),
                instants(one.claimed_at for one in decided),
            ],
        )
