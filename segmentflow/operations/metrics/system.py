"""Metrics of where it runs: version, processes, disks, database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from segmentflow import __version__
from segmentflow.sightings import Place


def build() -> Metric:
    family = GaugeMetricFamily("segmentflow_build_info", "Always 1", labels=["version"])
    family.add_metric([__version__], 1)
    return family


def database_up(*, is_up: bool) -> Metric:
    return GaugeMetricFamily(
        "segmentflow_database_up", "Whether the database answers", value=int(is_up)
    )


def system(found: Sequence[Place]) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "segmentflow_database_size_bytes", "Of the database", value=database_size()
    )
    yield GaugeMetricFamily(
        "segmentflow_database_connections", "Sessions of this database", value=sessions()
    )
    yield from _processes(found)
    yield from _disks(found)
    watched = [place.watched_for for place in found if place.watched_for is not None]
    yield GaugeMetricFamily(
        "segmentflow_watcher_silent_seconds",
        "Since any watcher gave a sign of life; they do so every five seconds",
        value=min(watched, default=float("inf")),
    )
    backups = [place.backup.at for place in found if place.backup]
    if backups:
        yield GaugeMetricFamily(
            "segmentflow_last_backup_timestamp_seconds",
            "When the last backup was complete, as far as it is known",
            value=max(backups).timestamp(),
        )


def _processes(found: Sequence[Place]) -> Iterator[Metric]:
    labels = ["machine", "process"]
    up = GaugeMetricFamily("segmentflow_process_up", "Whether a process runs", labels=labels)
    restarts = CounterMetricFamily(
        "segmentflow_process_restarts", "How often it was started again", labels=labels
    )
    started = GaugeMetricFamily(
        "segmentflow_process_start_time_seconds", "When it was started", labels=labels
    )
    for place in found:
        for process in place.processes:
            named = [place.machine, process.name]
            up.add_metric(named, int(process.state == "running"))
            restarts.add_metric(named, process.restarts)
            started.add_metric(named, datetime.fromisoformat(process.since).timestamp())
    yield from (up, restarts, started)


def _disks(found: Sequence[Place]) -> Iterator[Metric]:
    free = GaugeMetricFamily(
        "segmentflow_disk_free_bytes", "Where the data directory lies", labels=["machine"]
    )
    total = GaugeMetricFamily("segmentflow_disk_size_bytes", "The same", labels=["machine"])
    for place in found:
        if place.disk:
            free.add_metric([place.machine], place.disk.free)
            total.add_metric([place.machine], place.disk.total)
    yield from (free, total)


def database_size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        number: int = cursor.fetchone()[0]
        return number


def sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT numbackends FROM pg_stat_database WHERE datname = current_database()"
        )
        number: int = cursor.fetchone()[0]
        return number
