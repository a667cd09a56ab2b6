"""What there is to do for delivery, and when: asked several times a second, so it has to be cheap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from django.db import connection

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class What(StrEnum):
    SEND = "send"
    BEGIN = "begin"
    """A campaign at a time."""
    END = "end"
    """Nothing of a campaign waits any more."""
    TIDY = "tidy"
    """Something of a cancelled one still waits."""
    RECOVER = "recover"
    """Messages are on their way, or were left behind there."""


class Todo(NamedTuple):
    what: What
    channel: str
    campaign_id: int
    status: str
    at: datetime


def look(now: datetime) -> Sequence[Todo]:
    """The next thing for each campaign, soon or later; what is to be done at once has a time in the past."""
    with connection.cursor() as cursor:
        # Each branch reads one entry of an index for each campaign that is under way.
        cursor.execute(
            """
            SELECT
                CASE WHEN w.due_at IS NULL THEN 'end' ELSE 'send' END, c.channel, c.id, c.status,
                greatest(w.due_at, l.again_at, CASE WHEN w.due_at IS NOT NULL THEN l.next_at END)
            FROM campaigns_campaign c
            LEFT JOIN campaigns_sendinglane l ON l.channel = c.channel
            LEFT JOIN LATERAL (
                SELECT m.due_at FROM campaigns_message m
                WHERE m.campaign_id = c.id AND m.state = 0
                ORDER BY m.due_at LIMIT 1
            ) w ON true
            WHERE c.status = 'sending' OR (c.status = 'live' AND w.due_at IS NOT NULL)
            UNION ALL
            SELECT 'begin', channel, id, status,
                CASE WHEN is_local
                -- When it is that time where days begin first.
                THEN (starts_at AT TIME ZONE coalesce(frozen ->> 'zone', 'UTC')) AT TIME ZONE 'UTC'
                    - interval '14 hours'
                ELSE starts_at END
            FROM campaigns_campaign
            WHERE status = 'scheduled' AND starts_at IS NOT NULL
            UNION ALL
            SELECT 'tidy', c.channel, c.id, c.status, NULL
            FROM campaigns_campaign c
            WHERE c.status = 'cancelled' AND EXISTS (
                SELECT FROM campaigns_message m WHERE m.campaign_id = c.id AND m.state = 0
            )
            UNION ALL
            SELECT DISTINCT 'recover', c.channel, c.id, c.status, NULL::timestamptz
            FROM campaigns_message m JOIN campaigns_campaign c ON c.id = m.campaign_id
            WHERE m.state IN (1, 2)
            """
        )
        rows = cursor.fetchall()
    return [
        Todo(What(what), channel, pk, status, at or min(now, LONG_AGO))
        for what, channel, pk, status, at in rows
    ]


def next_at(now: datetime) -> datetime | None:
    """When there is something to do; in the past: now."""
    return min((one.at for one in look(now)), default=None)


def due_channels(todo: Sequence[Todo], *, now: datetime) -> set[str]:
    """By which to send, or where to look after what was left behind."""
    return {
        one.channel
        for one in todo
        if one.what is What.RECOVER or (one.what is What.SEND and one.at <= now)
    }
