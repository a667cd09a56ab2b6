"""Metrics of what goes out: messages and webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from campaigns.delivery.counted import CHANNELS, RESULTS, ref_of
from segmentflow.models import TallySubject
from segmentflow.operations.metrics.stored import Totals


def sending(found: Totals, *, now: datetime) -> Iterator[Metric]:
    yield _handed(found)
    yield from _messages(now)
    yield from _webhooks(now)


def _handed(found: Totals) -> Metric:
    family = CounterMetricFamily(
        "segmentflow_messages",
        "Messages that were handed over, by what came of it; unclear ones perhaps arrived",
        labels=["channel", "result"],
    )
    handed = found[TallySubject.HANDED]
    for channel in CHANNELS:
        for state, result in RESULTS.items():
            family.add_metric([channel, result], handed.get(ref_of(channel, state), 0))
    return family


def _messages(now: datetime) -> Iterator[Metric]:
    """One entry of an index for each campaign that is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.channel, extract(epoch FROM max(%s - w.due_at))::float8
            FROM campaigns_campaign c
            CROSS JOIN LATERAL (
                SELECT m.due_at FROM campaigns_message m
                WHERE m.campaign_id = c.id AND m.state = 0
                ORDER BY m.due_at LIMIT 1
            ) w
            WHERE c.status IN ('sending', 'live')
            GROUP BY c.channel
            """,
            [now],
        )
        late = dict(cursor.fetchall())
    family = GaugeMetricFamily(
        "segmentflow_message_late_seconds",
        "How long the oldest message has been due that was not handed over yet",
        labels=["channel"],
    )
    for channel in CHANNELS:
        family.add_metric([channel], max(0.0, late.get(channel, 0.0)))
    yield family


def _webhooks(now: datetime) -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT count(*) FROM outbound_webhookmove WHERE delivery_id IS NULL),
                (SELECT count(*) FROM outbound_webhookdelivery WHERE state = 0),
                (SELECT extract(epoch FROM %(now)s - min(oldest.at))::float8
                 FROM outbound_webhook w
                 CROSS JOIN LATERAL (
                    (SELECT m.at FROM outbound_webhookmove m
                     WHERE m.webhook_id = w.id AND m.delivery_id IS NULL ORDER BY m.id LIMIT 1)
                    UNION ALL
                    (SELECT d.made_at FROM outbound_webhookdelivery d
                     WHERE d.webhook_id = w.id AND d.state = 0 ORDER BY d.id LIMIT 1)
                 ) oldest
                 WHERE w.paused_at IS NULL AND w.ended_at IS NULL),
                (SELECT count(*) FROM outbound_webhook
                 WHERE paused_at IS NULL AND ended_at IS NULL AND failures > 0)
            """,
            {"now": now},
        )
        moves, deliveries, age, troubled = cursor.fetchone()
    rows = (
        ("webhook_moves_waiting", "Moves that webhooks have not been told of yet", moves),
        ("webhook_deliveries_waiting", "Requests of webhooks that were not taken yet", deliveries),
        ("webhook_oldest_seconds", "How long the oldest of them has been waiting", age or 0),
        ("webhooks_failing", "Webhooks whose last request was not taken", troubled),
    )
    for name, said, value in rows:
        yield GaugeMetricFamily(f"segmentflow_{name}", said, value=max(0, value))
