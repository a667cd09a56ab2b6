"""What an installation takes, every few seconds: memory, files, threads, queues, tables."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.system.installation import Installation

if TYPE_CHECKING:
    import psycopg

EVERY_SECONDS = 10.0
KINDS = {
    "segmentflow.processes.web": "web",
    "segmentflow.processes.cluster": "cluster",
    "manage.py watch": "watch",
    "manage.py up": "up",
    "postgres": "database",
}
QUEUES = (
    "contacts_pendingmark",
    "django_q_ormq",
    "segmentflow_wakeup",
    "segmentflow_freshtally",
)
"""Tables whose rows come and go: they must not grow, however much passes through them."""


@dataclass
class Sample:
    at: float
    memory: dict[str, float] = field(default_factory=dict)
    """Megabytes by kind of process: what they share counts once; of the database without what its processes
    share, which fills up to its size by itself."""
    files: dict[str, int] = field(default_factory=dict)
    """The most that a process of the kind has open."""
    threads: dict[str, int] = field(default_factory=dict)
    processes: dict[str, int] = field(default_factory=dict)
    pending: int = 0
    tasks: int = 0
    sessions: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of the tables of QUEUES with their indexes."""
    dead: dict[str, int] = field(default_factory=dict)
    load: float = 0.0

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


class Sampler(threading.Thread):
    """Until it is stopped."""

    def __init__(self, installation: Installation, url: str) -> None:
        super().__init__(daemon=True)
        self._installation, self._url = installation, url
        self._ended = threading.Event()
        self.samples: list[Sample] = []

    def run(self) -> None:
        import psycopg

        begun = time.monotonic()
        with psycopg.connect(self._url, autocommit=True) as connection:
            while True:
                sample = Sample(at=time.monotonic() - begun)
                _look_at_processes(self._installation, sample)
                _look_at_tables(connection, sample)
                self.samples.append(sample)
                if self._ended.wait(EVERY_SECONDS):
                    return

    def stop(self) -> None:
        self._ended.set()
        self.join(30)


def _look_at_processes(installation: Installation, sample: Sample) -> None:
    memory: dict[str, float] = defaultdict(float)
    for pid, kind in _kinds(installation).items():
        folder = Path(f"/proc/{pid}")
        try:
            rollup = (folder / "smaps_rollup").read_text()
            status = (folder / "status").read_text()
            files = len(list((folder / "fd").iterdir()))
        except OSError:  # it has ended
            continue
        memory[kind] += _of(rollup, "Anonymous" if kind == "database" else "Pss") / 1024
        sample.files[kind] = max(sample.files.get(kind, 0), files)
        sample.threads[kind] = max(sample.threads.get(kind, 0), _of(status, "Threads"))
        sample.processes[kind] = sample.processes.get(kind, 0) + 1
    sample.memory = dict(memory)
    sample.load = float(Path("/proc/loadavg").read_text().split()[0])


def _kinds(installation: Installation) -> dict[int, str]:
    """Without what is called by somebody else in its data directory."""
    found = {installation.pid: "up"}
    for main in installation.below(installation.pid):
        try:
            command = Path(f"/proc/{main}/cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        kind = next((kind for part, kind in KINDS.items() if part in command), None)
        if kind is not None:
            found[main] = kind
    return found


def _of(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _look_at_tables(connection: psycopg.Connection[Any], sample: Sample) -> None:
    [(sample.pending, sample.tasks, sample.sessions)] = connection.execute(
        """
        SELECT (SELECT count(*) FROM contacts_pendingmark), (SELECT count(*) FROM django_q_ormq),
            (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
        """
    ).fetchall()
    for name, size, dead in connection.execute(
        """
        SELECT relname, pg_total_relation_size(relid), n_dead_tup FROM pg_stat_user_tables
        WHERE relname = ANY(%s)
        """,
        [list(QUEUES)],
    ):
        sample.sizes[name], sample.dead[name] = size, dead
