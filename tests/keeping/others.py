"""Somebody who does the same thing again and again beside a test, and what each time was spent on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

LOOKS_SECONDS = 0.004
WAITING = """
    SELECT pid, coalesce(relation::regclass::text, locktype),
        extract(epoch FROM clock_timestamp() - waitstart)::float8
    FROM pg_locks WHERE NOT granted AND waitstart IS NOT NULL
"""


@dataclass(frozen=True)
class Took:
    begun: float
    ended: float
    queued: float
    """For a processor: this thread and its session in the database together, 0 where that is not told."""

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


class Beside(threading.Thread):
    """Goes on with a session of its own until the block ends; what fails in it fails the test."""

    def __init__(self, url: str, *, name: str, options: str = "") -> None:
        super().__init__(name=name)
        self._url, self._options = url, options
        self._ended = threading.Event()
        self.pid = 0
        self.failed: BaseException | None = None

    def once(self, own: psycopg.Connection) -> None:
        raise NotImplementedError

    def run(self) -> None:
        try:
            with psycopg.connect(self._url, autocommit=True, options=self._options) as own:
                self.pid = own.info.backend_pid
                while not self._ended.is_set():
                    self.once(own)
        except BaseException as problem:  # noqa: BLE001 - told in the test's own thread
            self.failed = problem

    @contextmanager
    def going(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self._ended.set()
            self.join()
            assert self.failed is None


class Others(Beside):
    def __init__(self, url: str, statement: str, *, name: str, lock_seconds: float) -> None:
        """Longer than `lock_seconds` nothing may wait for a lock; what else takes long is the machine's."""
        super().__init__(url, name=name, options=f"-c lock_timeout={lock_seconds}s")
        self._statement = statement
        self.took: list[Took] = []

    def once(self, own: psycopg.Connection) -> None:
        values = {"n": len(self.took), "message": f"{self.name}-{len(self.took)}"}
        queued, begun = self._queued(), time.monotonic()
        own.execute(self._statement, values)
        self.took.append(Took(begun, time.monotonic(), self._queued() - queued))
        time.sleep(0.002)

    def longest(self) -> Took:
        return max(self.took, key=lambda took: took.seconds)

    def _queued(self) -> float:
        return queued("thread-self") + queued(str(self.pid))


class Locks(Beside):
    """Looks again and again who waits for a lock. PostgreSQL tells since when, so nothing is lost between two looks."""

    def __init__(self, url: str) -> None:
        super().__init__(url, name="locks")
        self._seen: list[tuple[float, int, str, float]] = []
        self._looked = time.monotonic()
        self.blind = 0.0
        """The longest time between two looks: a wait that was shorter may have passed unseen."""

    def once(self, own: psycopg.Connection) -> None:
        rows = own.execute(WAITING).fetchall()
        now = time.monotonic()
        self.blind, self._looked = max(self.blind, now - self._looked), now
        self._seen += [(now, *row) for row in rows]
        time.sleep(LOOKS_SECONDS)

    def during(self, pid: int, begun: float = 0, ended: float = float("inf")) -> tuple[float, str]:
        """The longest wait of a session, and what for."""
        waits = [
            (s, what) for at, who, what, s in self._seen if who == pid and begun <= at <= ended
        ]
        return max(waits, default=(0.0, "nothing"))


def queued(process: str) -> float:
    """Seconds in which it could have gone on and had no processor; Linux counts them."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0
