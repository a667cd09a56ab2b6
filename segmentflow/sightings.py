"""Where SegmentFlow runs and how it goes there: told by the processes themselves, read by whoever looks.

The supervisor knows its processes but must never wait for a database, so it writes them to a file in
the data directory; whoever runs beside it passes them on, with the disk and the last backup.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection

from segmentflow import __version__
from segmentflow.database.last_backup import failed_backup, last_backup
from segmentflow.processes.listing import Listed, read_listing, read_one

TOLD_EVERY: Final = 5.0
FORGOTTEN_HOURS: Final = 1
"""A place that was silent for so long is there no more."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Where the data directory lies."""

    free: int
    total: int

    @property
    def share(self) -> float:
        return self.free / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Backup:
    """The last one that is whole."""

    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where it runs, as it was told last."""

    machine: str
    version: str
    seen_at: datetime
    silent_for: float
    """Seconds, by the clock of the database."""
    watched_for: float | None
    """Seconds since its watcher told; None: it has none."""
    processes: list[Listed] = field(default_factory=list)
    disk: Disk | None = None
    backup: Backup | None = None
    failed_backup_at: datetime | None = None
    """One that was tried after it."""


class Teller:
    """Of one process: tells every few seconds, whoever calls it how often."""

    def __init__(self, *, is_watcher: bool = False) -> None:
        self._is_watcher = is_watcher
        self._told_at: float | None = None

    def tell_when_due(self) -> None:
        at = time.monotonic()
        if self._told_at is None or at - self._told_at >= TOLD_EVERY:
            self._told_at = at
            tell(is_watcher=self._is_watcher)


def tell(*, is_watcher: bool) -> None:
    root = settings.DATA.root
    machine = socket.gethostname()[:100]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
            INSERT INTO segmentflow_sighting AS known
                (place, machine, version, seen_at, watched_at, report)
            SELECT %s, %s, %s, clock_timestamp(), CASE WHEN %s THEN clock_timestamp() END, %s::jsonb
            FROM quick
            ON CONFLICT (place) DO UPDATE
            SET machine = excluded.machine, version = excluded.version,
                seen_at = excluded.seen_at, report = excluded.report,
                watched_at = coalesce(excluded.watched_at, known.watched_at)
            """,
            [f"{machine}:{root}"[:200], machine, __version__, is_watcher, json.dumps(report(root))],
        )
        cursor.execute(
            """
            DELETE FROM segmentflow_sighting
            WHERE seen_at < clock_timestamp() - make_interval(hours => %s)
            """,
            [FORGOTTEN_HOURS],
        )


def report(root: Path) -> dict[str, Any]:
    found, backup, failed = disk_of(root), last_backup(), failed_backup()
    return {
        "processes": [asdict(one) for one in read_listing(root)],
        "disk": asdict(found) if found else None,
        "backup": {"at": backup.at.isoformat(), "size": backup.size} if backup else None,
        "failed_backup_at": failed.at.isoformat() if failed else None,
    }


def disk_of(root: Path) -> Disk | None:
    try:
        usage = shutil.disk_usage(root)
        # What is kept for root is of no use to us.
        free = os.statvfs(root)
    except OSError:
        return None
    return Disk(free=free.f_bavail * free.f_frsize, total=usage.total)


def places() -> list[Place]:
    """All that told in the last hour, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT machine, version, seen_at,
                extract(epoch FROM clock_timestamp() - seen_at)::float8,
                extract(epoch FROM clock_timestamp() - watched_at)::float8,
                report::text
            FROM segmentflow_sighting
            WHERE seen_at > clock_timestamp() - make_interval(hours => %s)
            ORDER BY seen_at DESC, machine
            """,
            [FORGOTTEN_HOURS],
        )
        return [_place(*row) for row in cursor.fetchall()]


def _place(
    machine: str,
    version: str,
    seen_at: datetime,
    silent_for: float,
    watched_for: float | None,
    told: str,
) -> Place:
    found = json.loads(told)
    backup, failed_at = found.get("backup"), found.get("failed_backup_at")
    return Place(
        machine=machine,
        version=version,
        seen_at=seen_at,
        silent_for=silent_for,
        watched_for=watched_for,
        processes=[one for row in found.get("processes") or () if (one := read_one(row))],
        disk=Disk(found["disk"]["free"], found["disk"]["total"]) if found.get("disk") else None,
        backup=Backup(datetime.fromisoformat(backup["at"]), backup["size"]) if backup else None,
        failed_backup_at=datetime.fromisoformat(failed_at) if failed_at else None,
    )
