"""Sends events over HTTP from processes of their own, flat out or at a rate.

Bodies are made beforehand, so that what sends takes little from what is measured: both share
the machine. Times are of the monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

import msgspec

from bench.speed.drawing import Batch

if TYPE_CHECKING:
    from bench.speed.freshness import Freshness
    from bench.speed.stage import Site

CONNECTIONS = 3
LOOK_SECONDS = 0.005
Message = tuple[str, int, float, int]
"""sent | answered, number of the batch, when, events accepted."""


@dataclass(slots=True)
class Outcome:
    accepted: int = 0
    seconds: float = 0.0
    """From the first request to the last answer."""
    latencies: list[float] = field(default_factory=list)
    """Of each batch, from request to answer."""
    begun: float = 0.0

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds if self.seconds else 0.0


class Sender:
    """Sends batches once; `rate` in events a second, flat out without one."""

    def __init__(
        self,
        site: Site,
        made: Sequence[Batch],
        *,
        rate: float | None = None,
        connections: int = CONNECTIONS,
        freshness: Freshness | None = None,
    ) -> None:
        self._site, self._batches, self._rate = site, made, rate
        self._connections = min(connections, len(made))
        self._freshness = freshness
        self._pipes: list[Connection] = []
        self._sent: dict[int, float] = {}
        self._outcome = Outcome()
        self._last_answer = 0.0

    def run(self) -> Outcome:
        """Until all is answered and, with `freshness`, all probes are seen."""
        processes = self._start()
        try:
            for pipe in self._pipes:
                pipe.recv()  # it has connected
            self._outcome.begun = time.monotonic() + 0.05
            for pipe in self._pipes:
                pipe.send(self._outcome.begun)
            self._follow()
        finally:
            for process in processes:
                process.join(10)
                process.terminate()
        self._outcome.seconds = self._last_answer - self._outcome.begun
        if self._freshness is not None:
            self._freshness.wait()
        return self._outcome

    def in_background(self) -> Future[Outcome]:
        """Runs in a thread, with a connection to the database of its own."""

        def work() -> Outcome:
            from django.db import connection

            try:
                return self.run()
            finally:
                connection.close()

        pool = ThreadPoolExecutor(max_workers=1)
        try:
            return pool.submit(work)
        finally:
            pool.shutdown(wait=False)

    def stop(self) -> None:
        """No more is sent after what is on its way."""
        for pipe in self._pipes:
            with suppress(BrokenPipeError):  # it has sent everything and is gone
                pipe.send(None)

    def _start(self) -> list[multiprocessing.process.BaseProcess]:
        # Not forked: a copy of this process would hold its connections.
        context = multiprocessing.get_context("spawn")
        started: list[multiprocessing.process.BaseProcess] = []
        for first in range(self._connections):
            ours, theirs = context.Pipe()
            mine = list(enumerate(self._batches))[first :: self._connections]
            dues = [self._due(number) for number, _ in mine]
            bodies = [
                (number, batch.body, due) for (number, batch), due in zip(mine, dues, strict=True)
            ]
            process = context.Process(
                target=send_all,
                args=(self._site.port, self._site.api_key, bodies, theirs),
                daemon=True,
            )
            process.start()
            theirs.close()
            started.append(process)
            self._pipes.append(ours)
        return started

    def _due(self, number: int) -> float:
        """Seconds after the start."""
        if self._rate is None:
            return 0.0
        return sum(batch.events for batch in self._batches[:number]) / self._rate

    def _follow(self) -> None:
        open_ = list(self._pipes)
        next_look = 0.0
        while open_:
            for pipe in wait(open_, timeout=LOOK_SECONDS):
                assert isinstance(pipe, Connection)  # noqa: S101 - the type checker does not know
                try:
                    self._note(pipe.recv())
                except (EOFError, ConnectionResetError):  # gone, the latter with `stop` unread
                    open_.remove(pipe)
            if self._freshness is not None and time.monotonic() >= next_look:
                self._freshness.look()
                next_look = time.monotonic() + LOOK_SECONDS

    def _note(self, message: Message) -> None:
        what, number, at, accepted = message
        batch = self._batches[number]
        if what == "sent":
            self._sent[number] = at
            if self._freshness is not None:
                self._freshness.sent(batch.probes, at=at)
            return
        self._outcome.accepted += accepted
        self._outcome.latencies.append(at - self._sent[number])
        self._last_answer = max(self._last_answer, at)
        if self._freshness is not None:
            self._freshness.answered(batch.probes, at=at)


def send_all(
    port: int, key: str, bodies: Sequence[tuple[int, bytes, float]], parent: Connection
) -> None:
    """What a process that sends does. Whoever is late sends at once, and shifts what follows."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    client.connect()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    parent.send("ready")
    begun = parent.recv()
    late = 0.0
    for place, (number, body, due) in enumerate(bodies):
        if parent.poll() and parent.recv() is None:
            break
        _sleep_until(begun + due + late)
        interval = due - bodies[place - 1][2] if place else 0.0
        # At most one batch is caught up with.
        late = max(late, time.monotonic() - begun - due - interval)
        parent.send(("sent", number, time.monotonic(), 0))
        client.request("POST", "/api/v1/events", body, headers)
        answer = client.getresponse()
        read = answer.read()
        at = time.monotonic()
        if answer.status != 202:
            raise SystemExit(f"a batch was answered {answer.status}: {read[:300]!r}")
        found = msgspec.json.decode(read)
        if found["errors"]:
            raise SystemExit(f"events were refused: {found['errors'][:3]}")
        parent.send(("answered", number, at, found["accepted"]))
    parent.close()


def _sleep_until(at: float) -> None:
    left = at - time.monotonic()
    if left > 0:
        time.sleep(left)
