"""Reads about alerts, for pages and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from outbound.alerts.models import Alert, AlertMail, AlertNotice
from outbound.alerts.services import Wanted
from outbound.alerts.words import headline
from segments.models import Segment

RECENT: Final = timedelta(days=7)
LOGGED: Final = 50
ON_HOME: Final = 5


@dataclass(frozen=True, slots=True)
class Logged:
    """A notice with its mails."""

    notice: AlertNotice
    mails: Sequence[AlertMail]


def alert_of(segment: Segment) -> Alert | None:
    found = Alert.objects.filter(segment=segment).prefetch_related("rules", "users")
    return found.select_related("segment__owner").first()


def wanted_of(alert: Alert | None) -> Wanted:
    """As it is now; nothing is watched before anybody asked for it."""
    if alert is None:
        return Wanted()
    numbers = {rule.kind: rule.number for rule in alert.rules.all()}
    return Wanted(
        change=numbers.get("change"),
        empty="empty" in numbers,
        below=numbers.get("below"),
        above=numbers.get("above"),
        to_owner=alert.to_owner,
        users=tuple(alert.users.all()),
        is_paused=alert.is_paused,
    )


def notices_of(segment: Segment, *, limit: int = LOGGED, before: int | None = None) -> list[Logged]:
    """The newest first; `before`: older than the one of this id."""
    found = AlertNotice.objects.filter(segment=segment).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("segment").prefetch_related("mails__user")[:limit])
    return [Logged(row, list(row.mails.all())) for row in rows]


@dataclass(frozen=True, slots=True)
class Headline:
    """A notice in one line, for Home."""

    key: str
    words: str
    at: datetime
    is_stuck: bool


def recent_headlines(*, now: datetime, limit: int = ON_HOME) -> list[Headline]:
    """Of all segments, the newest first."""
    stuck = AlertMail.objects.filter(notice=OuterRef("pk")).exclude(state=AlertMail.State.SENT)
    found = AlertNotice.objects.filter(at__gt=now - RECENT).select_related("segment")
    return [
        Headline(
            notice.segment.key,
            headline(notice, notice.segment.name),
            notice.at,
            notice.is_stuck,
        )
        for notice in found.annotate(is_stuck=Exists(stuck.exclude(error="")))[:limit]
    ]
