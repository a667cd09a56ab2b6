"""Keeps the processes of an installation running until it is told to stop."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from segmentflow.logs.lines import as_line
from segmentflow.processes.child import Child, Program
from segmentflow.processes.frozen import Frozen
from segmentflow.processes.listing import Listed, write_listing
from segmentflow.room import NO_ROOM

TICK_SECONDS = 0.1


class Stopped(Exception):
    """Somebody asked for the end while we waited for something."""


class Supervisor:
    """One thread, so that what a child inherits from us is always in order."""

    def __init__(self, directory: Path | None = None) -> None:
        self.children: dict[str, Child] = {}
        self._directory = directory
        """Where the list of processes is kept."""
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self.is_stopping = False
        self._to_restart: set[str] = set()
        self._selector = selectors.DefaultSelector()
        self._unfinished: dict[str, bytes] = {}
        self._frozen = Frozen()

    def listen(self) -> None:
        """SIGTERM, SIGINT and SIGHUP stop everything; a second one at once. SIGUSR1: silent cluster."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGUSR1, lambda *_: self._to_restart.add("cluster"))

    def start(self, program: Program) -> Child:
        child = self.children[program.name] = Child(program)
        self._start(child)
        return child

    def run(self) -> None:
        """Until told to stop."""
        while not self.is_stopping:
            self._tick()
            self._restart_the_silent()
            self._end_the_frozen()
            for child in self.children.values():
                if child.process is None and time.monotonic() >= child.starts_at:
                    self._start(child)

    def wait_for(self, answer: Callable[[], bool], *, seconds: float) -> bool:
        """Tick until `answer`; children that end meanwhile are not started again."""
        deadline = time.monotonic() + seconds
        while not answer():
            if self.is_stopping:
                raise Stopped
            if time.monotonic() > deadline:
                return False
            self._tick()
        return True

    def stop(self) -> None:
        """The database last: the others still have something to write."""
        self.is_stopping = True
        database = self.children.get("database")
        self._stop([child for child in self.children.values() if child is not database])
        self._stop([child for child in (database,) if child is not None])

    def kill(self) -> None:
        for child in self.children.values():
            child.kill()

    def say(self, text: str, *, name: str = "up") -> None:
        at = datetime.now().astimezone()
        for line in text.splitlines():
            write(as_line(line, name=name, at=at))

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self.is_stopping:
            self.kill()
        self.is_stopping = True

    def _start(self, child: Child) -> None:
        output = child.start()
        self._selector.register(output, selectors.EVENT_READ, child)
        self._list()

    def _tick(self) -> None:
        for key, _ in self._selector.select(TICK_SECONDS):
            self._pass_on(key.fd, key.data)
        for child in self.children.values():
            self._notice_end(child)

    def _notice_end(self, child: Child) -> None:
        process = child.process
        status = child.ended()
        if status is None or process is None:
            return
        assert process.stdout is not None  # noqa: S101 - Child asks for it
        self._pass_on(process.stdout.fileno(), child)
        self._forget(process.stdout.fileno())
        process.stdout.close()
        if not self.is_stopping:
            self.say(f"{child.program.name} ended with status {status}")
        self._list()

    def _list(self) -> None:
        if self._directory is not None:
            own = Listed("up", os.getpid(), self._since, 0)
            write_listing(
                self._directory, [own, *(child.listed for child in self.children.values())]
            )

    def _pass_on(self, output: int, child: Child) -> None:
        try:
            received = os.read(output, 65536)
        except BlockingIOError:
            return
        if not received:
            self._forget(output)
        name = child.program.name
        *lines, rest = (self._unfinished.pop(name, b"") + received).split(b"\n")
        if rest:
            self._unfinished[name] = rest
        for line in lines:
            self.say(line.decode(errors="replace"), name=name)

    def _forget(self, output: int) -> None:
        if output in self._selector.get_map():
            self._selector.unregister(output)

    def _restart_the_silent(self) -> None:
        while self._to_restart:
            name = self._to_restart.pop()
            if (child := self.children.get(name)) and child.is_running:
                self.say(f"{name} does no work; starting it anew")
                # It may hang on SIGTERM as well, and what it was doing is done again.
                child.kill()

    def _end_the_frozen(self) -> None:
        """Not of the database: whatever one of its processes dies of, all of them begin anew."""
        watched = {
            child.process.pid: child.program.name
            for child in self.children.values()
            if child.process is not None and child.program.name != "database"
        }
        for pid, name in self._frozen.look(watched, at=time.monotonic()):
            self.say(f"process {pid} of {name} was stopped and is not continued; ending it")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _stop(self, children: Iterable[Child]) -> None:
        waiting = [child for child in children if child.process is not None]
        deadlines = {id(child): time.monotonic() + child.program.stop_seconds for child in waiting}
        for child in waiting:
            child.ask_to_stop()
        while waiting := [child for child in waiting if child.process is not None]:
            self._tick()
            for child in waiting:
                if time.monotonic() > deadlines[id(child)]:
                    child.kill()


def write(line: str) -> None:
    """To a terminal that may be gone already; that must not end the supervisor half-way."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError as problem:
        if problem.errno in NO_ROOM:
            return  # into a file on a full disc: what comes when there is room again is written
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the run
