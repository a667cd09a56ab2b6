"""Looks at the sizes of all segments that somebody wants to be told of: one statement for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from outbound.alerts.causes import causes_of
from outbound.alerts.judging import DAY, Facts, Side, judged
from outbound.alerts.locks import try_looking
from outbound.alerts.models import Alert, AlertMail, AlertNotice, AlertRule
from segmentflow.models import TallySubject, User
from segmentflow.tallies import QUARTER, SOME_QUARTER

MATTERS: Final = ("empty", "below", "above", "change")
"""Of several bounds that are crossed at once, the first one is what a mail is about."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A rule, and the segment it is about."""

    rule_id: int
    kind: str
    number: int
    side: Side
    alert_id: int
    segment_id: int
    entered: int
    left: int
    facts: Facts


def before_at(now: datetime) -> datetime:
    """A day ago, when a quarter of an hour began: tallies are kept by those."""
    return SOME_QUARTER + (now - DAY - SOME_QUARTER) // QUARTER * QUARTER


@transaction.atomic
def look_at_alerts(*, now: datetime) -> list[AlertNotice]:
    """Note every crossing, with a mail to whoever is to be told; the notices."""
    if not try_looking():
        return []
    told: dict[int, list[Looked]] = defaultdict(list)
    changed: list[tuple[int, Side]] = []
    for row in sizes(now=now):
        side, is_told = judged(
            kind=row.kind, number=row.number, facts=row.facts, side=row.side, now=now
        )
        if side != row.side:
            changed.append((row.rule_id, side))
        if is_told:
            told[row.alert_id].append(row)
    _store_sides(changed)
    return [_note(alert_id, rows, now=now) for alert_id, rows in told.items()]


def sizes(*, now: datetime) -> list[Looked]:
    """Of live segments that are not being computed anew just now."""
    since = before_at(now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH watched AS MATERIALIZED (
                SELECT a.id, a.segment_id, s.member_count, NOT EXISTS (
                    SELECT FROM segments_rebuild b
                    WHERE b.segment_id = s.id AND b.state = 'done' AND b.ended_at < %(since)s
                ) AND s.built_at >= %(since)s AS is_new
                FROM outbound_alert a JOIN segments_segment s ON s.id = a.segment_id
                WHERE NOT a.is_paused AND s.status = 'live' AND s.built_at IS NOT NULL
                    AND NOT EXISTS (
                        SELECT FROM segments_rebuild b
                        WHERE b.segment_id = s.id AND b.state = 'building'
                    )
            ), fresh AS MATERIALIZED (
                SELECT subject, ref, sum(amount) AS amount
                FROM segmentflow_freshtally
                WHERE subject IN (%(entered)s, %(left)s) AND at >= %(since)s
                GROUP BY subject, ref
            ), moved AS (
                SELECT w.*, (
                    SELECT coalesce(sum(amount), 0) FROM segmentflow_tally t
                    WHERE t.subject = %(entered)s AND t.ref = w.segment_id AND t.at >= %(since)s
                ) + coalesce((
                    SELECT amount FROM fresh f
                    WHERE f.subject = %(entered)s AND f.ref = w.segment_id
                ), 0) AS entered, (
                    SELECT coalesce(sum(amount), 0) FROM segmentflow_tally t
                    WHERE t.subject = %(left)s AND t.ref = w.segment_id AND t.at >= %(since)s
                ) + coalesce((
                    SELECT amount FROM fresh f
                    WHERE f.subject = %(left)s AND f.ref = w.segment_id
                ), 0) AS gone
                FROM watched w
            )
            SELECT r.id, r.kind, r.number, r.is_over, r.since, r.told_at, m.id, m.segment_id,
                m.entered::bigint, m.gone::bigint, m.member_count, m.is_new
            FROM moved m JOIN outbound_alertrule r ON r.alert_id = m.id
            ORDER BY r.id
            """,
            {
                "since": since,
                "entered": int(TallySubject.ENTERED),
                "left": int(TallySubject.LEFT),
            },
        )
        return [
            Looked(
                rule_id,
                kind,
                number,
                Side(is_over, side_since, told_at),
                alert_id,
                segment_id,
                entered,
                left,
                Facts(size, max(0, size - entered + left), is_new),
            )
            for (
                rule_id,
                kind,
                number,
                is_over,
                side_since,
                told_at,
                alert_id,
                segment_id,
                entered,
                left,
                size,
                is_new,
            ) in cursor.fetchall()
        ]


def _store_sides(changed: Iterable[tuple[int, Side]]) -> None:
    """Where somebody has changed the rule meanwhile there is no such row any more."""
    AlertRule.objects.bulk_update(
        [
            AlertRule(pk=pk, is_over=side.is_over, since=side.since, told_at=side.told_at)
            for pk, side in changed
        ],
        ["is_over", "since", "told_at"],
        batch_size=500,
    )


def _note(alert_id: int, rows: Sequence[Looked], *, now: datetime) -> AlertNotice:
    rows = sorted(rows, key=lambda row: MATTERS.index(row.kind))
    row, since = rows[0], before_at(now)
    notice = AlertNotice.objects.create(
        segment_id=row.segment_id,
        at=now,
        rules=[{"kind": one.kind, "number": one.number} for one in rows],
        size=row.facts.size,
        before=row.facts.before,
        before_at=since,
        entered=max(0, row.entered),
        left=max(0, row.left),
        causes=causes_of(segment_id=row.segment_id, since=since, moves=row.entered + row.left),
    )
    alert = Alert.objects.select_related("segment__owner").get(pk=alert_id)
    AlertMail.objects.bulk_create(
        [AlertMail(notice=notice, user=user, try_at=now) for user in told_of(alert)]
    )
    return notice


def told_of(alert: Alert) -> list[User]:
    """Who gets a mail: the owner if wanted, and those who were named, if they may see segments."""
    found = {user.pk: user for user in alert.users.all()}
    owner = alert.segment.owner
    if alert.to_owner and owner is not None:
        found[owner.pk] = owner
    return [found[pk] for pk in sorted(found) if found[pk].has_perm("segments.view_segment")]
