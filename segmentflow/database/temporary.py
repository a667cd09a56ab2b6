"""The embedded PostgreSQL for the time of one command."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from segmentflow.database.location import SYSTEM_DIRECTORY, Location
from segmentflow.database.lock import DataLock
from segmentflow.database.server import (
    RECOVERY_SECONDS,
    STOP_SECONDS,
    Server,
    ServerFailed,
    environment,
)


class TemporaryServer:
    """Raises lock.Taken when another process has the data directory."""

    def __init__(self, location: Location, *, throwaway: bool = False) -> None:
        self._server = Server(location, throwaway=throwaway)
        self._lock = DataLock(location.lock)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        location = self._server.location
        make_root(location)
        self._lock.take(purpose=Path(sys.argv[0]).name + " " + " ".join(sys.argv[1:2]))
        try:
            self._server.prepare()
            self._server.clear_remains()
            self._spawn(location.root / "postgres.log")
            self._server.create_database()
        except BaseException:
            self.stop(patience=0)
            raise

    def stop(self, *, patience: float = 5) -> None:
        """End it; sessions of others get `patience` seconds to end by themselves."""
        if self._process is not None:
            self._end(signal.SIGTERM, patience) or self._end(signal.SIGINT, STOP_SECONDS)
            self._process.kill()
            self._process.wait()
            self._process = None
        self._lock.release()

    def _end(self, sig: signal.Signals, patience: float) -> bool:
        assert self._process is not None  # noqa: S101 - only stop() calls this
        self._process.send_signal(sig)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        return self._process.returncode is not None

    def _spawn(self, log: Path) -> None:
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                self._server.command(),
                preexec_fn=self._server.entry(os.getpid()),
                env=environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + RECOVERY_SECONDS
        while not self._server.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"PostgreSQL did not start:\n{log.read_text()[-2000:].strip()}")
            time.sleep(0.02)


def make_root(location: Location) -> None:
    """Make the data directory; in the system's one a user that PostgreSQL runs as finds its way."""
    mode = 0o711 if location.root == SYSTEM_DIRECTORY else 0o700
    location.root.mkdir(mode=mode, parents=True, exist_ok=True)
