"""A real installation in a directory of its own, for tests that start, kill and stop it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from segmentflow.processes.lifeline import die_with

TOP = Path(__file__).resolve().parents[2]
PATIENCE = 60


class Installation:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.output = data.with_suffix(".output")
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **{
                k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "SEGMENTFLOW_WAKE")
            },
            "SEGMENTFLOW_DATA_DIR": str(data),
        }

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def up(self, *arguments: str, demo: bool = False) -> subprocess.Popen[bytes]:
        """Start `manage.py up` without waiting for anything."""
        chosen = [*(() if demo else ("--no-demo",)), *arguments]
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, TOP / "manage.py", "up", "--port", str(self.port), *chosen],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Tests that are killed leave nothing running.
                preexec_fn=partial(die_with, os.getpid(), signal.SIGTERM),
            )

    def start(self, *, demo: bool = False, patience: float = PATIENCE) -> float:
        """Until the first page can be had; how many seconds that took."""
        begun = time.monotonic()
        self.process = self.up(demo=demo)
        wait_until(
            lambda: "SegmentFlow runs at" in self.said() or self.process.poll() is not None,
            what="the start",
            seconds=patience,
        )
        assert self.process.poll() is None, self.said()
        return time.monotonic() - begun

    def signal_group(self, number: signal.Signals) -> int:
        """What a terminal or a service manager does; the exit status."""
        os.killpg(self.pid, number)
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def said(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, TOP / "manage.py", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=10 * PATIENCE,
        )

    def status_of(self, path: str) -> int | None:
        """What the web server answers, None when it does not."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def processes(self) -> dict[int, str]:
        """Every living process of this installation, by pid, with its command line."""
        mark = f"SEGMENTFLOW_DATA_DIR={self.data}".encode()
        found = {}
        for pid in all_pids():
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if command and (mark in variables or os.fsencode(self.data) in command):
                found[pid] = command.replace(b"\0", b" ").decode(errors="replace")
        return found

    def mains_of(self, part: str) -> list[int]:
        """The processes that the supervisor itself started, by a part of their command line."""
        return [
            pid
            for pid, command in self.processes().items()
            if part in command and parent_of(pid) == self.pid
        ]

    def main_of(self, part: str) -> int:
        wait_until(lambda: self.mains_of(part), what=part)
        [main] = self.mains_of(part)
        return main

    def below(self, pid: int) -> list[int]:
        """All that a process started, and what these started."""
        children = [child for child in all_pids() if parent_of(child) == pid]
        return children + [grandchild for child in children for grandchild in self.below(child)]

    def kill(self) -> None:
        """What a crash of the machine does: first the supervisor, and all the others with it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        wait_until(lambda: self.processes() == {}, what="the end of the others", seconds=30)


def all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def parent_of(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = re.search(r"^PPid:\s*(\d+)", status, re.MULTILINE)
    return int(found[1]) if found else None


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        port: int = attempt.getsockname()[1]
        return port


def wait_until(happened, *, what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
