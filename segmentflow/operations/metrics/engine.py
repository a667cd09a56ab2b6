"""Metrics of the engine: whether members are right, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django_q.models import Failure
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)

from segmentflow import counting
from segmentflow.fresh_minutes import worst_since
from segmentflow.models import TallySubject
from segmentflow.operations.behind import Behind
from segmentflow.operations.metrics.stored import Totals, histogram
from segments.engine.noted import BULK, LIVE
from segments.engine.status import status
from segments.models import Rebuild, Segment

LANES: Final = ((LIVE, "live"), (BULK, "bulk"))
WORST: Final = timedelta(minutes=15)


def engine(found: Totals, behind: Behind, *, now: datetime) -> Iterator[Metric]:
    yield from _freshness(found, behind, now)
    yield from _deadlines(found, behind, now)
    yield from _tasks(behind)
    yield from _segments(found)
    yield from _rebuilds()


def _freshness(found: Totals, behind: Behind, now: datetime) -> Iterator[Metric]:
    told = status(now=now)
    yield GaugeMetricFamily(
        "segmentflow_pending_contacts",
        "Contacts whose changes have not reached segments yet",
        value=told.pending_contacts,
    )
    oldest = GaugeMetricFamily(
        "segmentflow_oldest_pending_seconds",
        "How long the oldest change has been waiting; lane bulk is what imports left",
        labels=["lane"],
    )
    oldest.add_metric(["live"], behind.live_age)
    oldest.add_metric(["bulk"], behind.bulk_age)
    yield oldest
    yield histogram(
        "segmentflow_membership_latency_seconds",
        "From the commit of a change until the members it moves are committed",
        found[TallySubject.LATENCY],
        steps=counting.WAITING,
        label="lane",
        groups=LANES,
    )
    yield GaugeMetricFamily(
        "segmentflow_deadlines_overdue",
        "Deadlines that have passed and were not met yet",
        value=told.overdue_deadlines,
    )


def _deadlines(found: Totals, behind: Behind, now: datetime) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "segmentflow_deadline_late_seconds",
        "How late the deadline is that is most overdue just now",
        value=behind.late,
    )
    yield histogram(
        "segmentflow_deadline_lateness_seconds",
        "How late deadlines were met",
        found[TallySubject.LATENESS],
        steps=counting.WAITING,
    )
    minutes = worst_since(now - WORST)
    worst = {
        "oldest_pending": [oldest for _, oldest, _ in minutes],
        "deadline_late": [late for _, _, late in minutes],
    }
    for name, seen in worst.items():
        yield GaugeMetricFamily(
            f"segmentflow_{name}_worst_seconds",
            "The most of the last 15 minutes, as watchers saw it",
            value=max(seen, default=0) / 1000,
        )


def _tasks(behind: Behind) -> Iterator[Metric]:
    tasks = GaugeMetricFamily("segmentflow_tasks", "Tasks of the queue", labels=["state"])
    tasks.add_metric(["waiting"], behind.tasks_waiting)
    tasks.add_metric(["running"], behind.tasks_running)
    tasks.add_metric(["failed"], Failure.objects.count())
    yield tasks
    yield GaugeMetricFamily(
        "segmentflow_task_oldest_seconds", "Of the task that waits longest", value=behind.task_age
    )
    yield GaugeMetricFamily(
        "segmentflow_workers_idle_seconds",
        "Since any worker gave a sign of life; they are asked every two seconds",
        value=float("inf") if behind.idle is None else behind.idle,
    )


def _segments(found: Totals) -> Iterator[Metric]:
    keys = dict(Segment.objects.values_list("pk", "key"))
    members = GaugeMetricFamily("segmentflow_members", "Members of a segment", labels=["segment"])
    for key, number in Segment.objects.values_list("key", "member_count"):
        members.add_metric([key], number)
    yield members
    yield _evaluations(found, keys)
    moves = found[TallySubject.MOVES]
    for name, side in (("entered", 1), ("left", 0)):
        family = CounterMetricFamily(
            f"segmentflow_memberships_{name}",
            f"Contacts that {name} a segment",
            labels=["segment"],
        )
        for pk, key in keys.items():
            if amount := moves.get(pk * 2 + side):
                family.add_metric([key], amount)
        yield family


def _evaluations(found: Totals, keys: Mapping[int, str]) -> Metric:
    family = SummaryMetricFamily(
        "segmentflow_evaluation_seconds",
        "Time that PostgreSQL spent on evaluating contacts in a segment, one statement each time",
        labels=["segment"],
    )
    spent = found[TallySubject.EVALUATING]
    for pk, number in found[TallySubject.EVALUATIONS].items():
        if key := keys.get(pk):
            family.add_metric([key], number, spent.get(pk, 0) / 1_000_000)
    return family


def _rebuilds() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(total - done), 0) FROM segments_rebuild WHERE state = %s",
            [Rebuild.State.BUILDING],
        )
        number, left = cursor.fetchone()
    yield GaugeMetricFamily("segmentflow_rebuilds", "Segments being computed anew", value=number)
    yield GaugeMetricFamily(
        "segmentflow_rebuild_contacts_left", "Contacts they have not looked at yet", value=left
    )
