"""When a campaign's messages were sent, opened and clicked: by the hour at first, then by the day.

Made of what is counted as it happens (segmentflow/tallies.py), so it costs the same for any
campaign. All in the workspace's time zone, in which an hour may come twice.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.models import Campaign
from campaigns.selectors import COUNTED
from segmentflow.models import TallySubject

By = Literal["hour", "day"]

HOURS: Final = 48
LAST_DAYS: Final = 30
"""Of a campaign that goes on and on."""
FIRST_DAYS: Final = 90
FEWEST: Final[dict[By, int]] = {"hour": 6, "day": 7}
"""A drawing of less would say little."""


@dataclass(slots=True)
class Span:
    """An hour or a day, and what happened in it."""

    at: datetime
    is_to_come: bool = False
    """Nothing can have happened in it."""
    sent: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    by: By
    spans: tuple[Span, ...]
    zone: str


def usual(*, campaign: Campaign, now: datetime) -> By:
    """What to look at first."""
    if campaign.kind == Campaign.Kind.ENTERING:
        return "day"
    begun = campaign.started_at or now
    return "hour" if now - begun < timedelta(hours=HOURS) else "day"


def timeline_of(*, campaign: Campaign, by: By, now: datetime, zone: ZoneInfo) -> Timeline:
    """The first hours or days of a campaign, up to now; of the kind ENTERING, the last ones."""
    starts = _hours(campaign, now, zone) if by == "hour" else _days(campaign, now, zone)
    spans = [Span(start, is_to_come=start > now) for start in starts[:-1]]
    for subject, at, amount in _counted(campaign, by, starts[0], starts[-1], zone):
        span = spans[bisect_right(starts, at) - 1]
        name = COUNTED[TallySubject(subject)]
        setattr(span, name, getattr(span, name) + amount)
    return Timeline(by, tuple(spans), zone.key)


def _hours(campaign: Campaign, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Where each begins, and where the last ends."""
    this = now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    if campaign.kind == Campaign.Kind.ENTERING:
        first, amount = this - timedelta(hours=HOURS - 1), HOURS
    else:
        begun = (campaign.started_at or now).astimezone(zone)
        first = begun.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        amount = (this - first) // timedelta(hours=1) + 1
    return [
        (first + timedelta(hours=n)).astimezone(zone) for n in range(_bounded(amount, "hour") + 1)
    ]


def _days(campaign: Campaign, now: datetime, zone: ZoneInfo) -> list[datetime]:
    today = now.astimezone(zone).date()
    if campaign.kind == Campaign.Kind.ENTERING:
        first, amount = today - timedelta(days=LAST_DAYS - 1), LAST_DAYS
    else:
        first = (campaign.started_at or now).astimezone(zone).date()
        amount = (today - first).days + 1
    days = [first + timedelta(days=n) for n in range(_bounded(amount, "day") + 1)]
    return [datetime.combine(day, time.min, tzinfo=zone) for day in days]


def _bounded(amount: int, by: By) -> int:
    return max(FEWEST[by], min(amount, HOURS if by == "hour" else FIRST_DAYS))


def _counted(
    campaign: Campaign, by: By, first: datetime, end: datetime, zone: ZoneInfo
) -> list[tuple[int, datetime, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT subject, date_trunc(%(by)s, at, %(zone)s) AS span, sum(amount)::bigint
            FROM (
                SELECT subject, at, amount FROM segmentflow_tally
                WHERE subject = ANY(%(subjects)s) AND ref = %(campaign)s
                    AND at >= %(first)s AND at < %(end)s
                UNION ALL
                SELECT subject, at, amount FROM segmentflow_freshtally
                WHERE subject = ANY(%(subjects)s) AND ref = %(campaign)s
                    AND at >= %(first)s AND at < %(end)s
            ) AS counted
            GROUP BY subject, span
            HAVING sum(amount) <> 0
            """,
            {
                "by": by,
                "zone": zone.key,
                "subjects": [int(subject) for subject in COUNTED],
                "campaign": campaign.pk,
                "first": first,
                "end": end,
            },
        )
        return [(subject, at, amount) for subject, at, amount in cursor.fetchall()]
