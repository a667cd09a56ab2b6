"""What an installation takes: memory of its processes, disk of its events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bench.speed.stage import Site

OURS = ("segmentflow.processes.web", "segmentflow.processes.cluster", "manage.py watch")


@dataclass(frozen=True, slots=True)
class EventsSize:
    size: int
    """Bytes of the table with its indexes."""
    events: int


def events_size() -> EventsSize:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size('events_event'), (SELECT count(*) FROM events_event)"
        )
        return EventsSize(*cursor.fetchone())


def memory(site: Site) -> float:
    """Megabytes of web, cluster and watcher; what processes share counts once (PSS)."""
    total = 0
    for pid, command in site.installation.processes().items():
        if any(part in command for part in OURS):
            total += _pss(pid)
    return total / 1024


def _pss(pid: int) -> int:
    """Kilobytes."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
    return int(found[1]) if found else 0
