"""One supervised process: how it is started, stopped and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from segmentflow.processes.lifeline import die_with
from segmentflow.processes.listing import Listed

SHORT_LIFE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Program:
    """What to run. Each runs in a session of its own, so that Ctrl-C reaches the supervisor alone."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    directory: Path = Path("/")
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    """After this the whole group is killed."""
    before_start: Callable[[], None] = lambda: None
    entry: Callable[[int], Callable[[], None]] = field(
        default=lambda owner: lambda: die_with(owner, signal.SIGKILL)
    )
    """Given the supervisor's pid, what the new process does before the command."""


class Child:
    """A program and the process that runs it now, if one does."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.starts_at = 0.0
        self.failures = 0
        """Deaths in a row, each soon after its start."""
        self.starts = 0
        self._started_at = 0.0
        self._since = ""

    @property
    def listed(self) -> Listed:
        """For those who look from beside."""
        pid = self.process.pid if self.process is not None and self.is_running else None
        return Listed(self.program.name, pid, self._since, max(0, self.starts - 1))

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def start(self) -> int:
        """Start it and answer the file descriptor of its output."""
        program = self.program
        program.before_start()
        self.process = subprocess.Popen(
            program.command,
            env=program.environment,
            cwd=program.directory,
            preexec_fn=program.entry(os.getpid()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._started_at = time.monotonic()
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self.starts += 1
        assert self.process.stdout is not None  # noqa: S101 - asked for above
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.stdout.fileno()

    def ended(self) -> int | None:
        """The status of a process that has ended since the last call; what it left is killed."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        self.kill()
        self.process = None
        self._plan_restart()
        return status

    def ask_to_stop(self) -> None:
        """Only the main process: it knows how to stop its own."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _plan_restart(self) -> None:
        now = time.monotonic()
        self.failures = self.failures + 1 if now - self._started_at < SHORT_LIFE_SECONDS else 0
        pause = min(0.1 * 2**self.failures, LONGEST_PAUSE_SECONDS) if self.failures else 0.0
        self.starts_at = now + pause
