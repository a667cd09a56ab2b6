"""Sends events over HTTP from processes of their own, flat out or at a rate.

Bodies are made beforehand, so that what sends takes little from what is measured: both share
the machine. Times are of the monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import http.client
import multiprocessing
import random
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

import msgspec

from bench.speed.world import PLACES, TYPES, WORDS, drawn

if TYPE_CHECKING:
    from bench.speed.freshness import Freshness
    from bench.speed.stage import Site

SIZE = 1_000
CONNECTIONS = 3
PROBES = 4
"""In a batch: its contacts are followed in several transactions."""
LOOK_SECONDS = 0.005
Message = tuple[str, int, float, int]
"""sent | answered, number of the batch, when, events accepted."""


@dataclass(frozen=True, slots=True)
class Batch:
    body: bytes
    of: tuple[int, ...]
    """The contact of each event, by id."""
    probes: tuple[int, ...]
    """The contacts that an event of it brings into the segment of probes."""

    @property
    def events(self) -> int:
        return len(self.of)

    @property
    def contact_ids(self) -> frozenset[int]:
        return frozenset(self.of)


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


def batches(
    rng: random.Random,
    site: Site,
    count: int,
    *,
    size: int = SIZE,
    types: Sequence[str] = tuple(TYPES),
    among: int | None = None,
    probes: int = PROBES,
) -> list[Batch]:
    """Bodies with events as the stored ones are; `among`: of so many contacts only, busy ones and
    others in the same proportion."""
    stride = site.contacts // (among or site.contacts)
    fresh = site.fresh_contacts(count * probes) if probes else []
    made = []
    for number in range(count):
        events = [event(rng, among or site.contacts, types, stride=stride) for _ in range(size)]
        mine = fresh[number * probes : (number + 1) * probes]
        for place, contact in zip(rng.sample(range(size), len(mine)), mine, strict=True):
            events[place] = probe_event(contact)
        made.append(
            Batch(
                body=msgspec.json.encode({"events": events}),
                of=tuple(site.id_of(int(one["contact"]["external_id"][2:])) for one in events),
                probes=tuple(map(site.id_of, mine)),
            )
        )
    return made


def contacts_of(made: Iterable[Batch]) -> set[int]:
    return {contact_id for batch in made for contact_id in batch.of}


def event(
    rng: random.Random, contacts: int, types: Sequence[str], *, stride: int = 1
) -> dict[str, Any]:
    """Drawn as in world.py: few contacts and few types have most of them."""
    contact = 1 + stride * (drawn(contacts, rng.random()) - 1)
    type_ = types[int(len(types) * rng.random() ** 2)]
    return {
        "contact": {"external_id": f"c-{contact}"},
        "type": type_,
        "message_id": str(uuid.uuid4()),
        "occurred_at": (datetime.now(UTC) - timedelta(seconds=60 * rng.random())).isoformat(),
        "attributes": ATTRIBUTES[type_](rng),
    }


def probe_event(contact: int) -> dict[str, Any]:
    return {
        "contact": {"external_id": f"c-{contact}"},
        "type": "Account_login",
        "message_id": str(uuid.uuid4()),
        "occurred_at": datetime.now(UTC).isoformat(),
        "attributes": {"device": "shoes", "version": 7, "probe": "yes"},
    }


def _amount(rng: random.Random) -> float:
    return round(200 * rng.random() ** 2, 2)


def _word(rng: random.Random) -> str:
    return WORDS[int(len(WORDS) * rng.random() ** 2)]


def _place(rng: random.Random) -> str:
    return PLACES[int(len(PLACES) * rng.random() ** 2)]


def _topic(rng: random.Random) -> str:
    return "banking offers" if rng.random() < 0.2 else "travel"


def _product(rng: random.Random) -> dict[str, Any]:
    sku = f"{rng.choice(WORDS)}-{rng.randrange(500)}"
    return {"sku": sku, "price": _amount(rng), "tags": [rng.choice(WORDS), rng.choice(WORDS)]}


def _url(rng: random.Random) -> str:
    return f"/p/{rng.randrange(500)}"


ATTRIBUTES: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "Page_visit": lambda r: {"url": _url(r), "category": _word(r), "destination": _place(r)},
    "MailOpen": lambda r: {"topic": _topic(r), "category": _word(r), "destination": _place(r)},
    "Cart_add": lambda r: {"product": _product(r)},
    "Purchase": lambda r: {
        "amount": _amount(r),
        "category": _word(r),
        "returned": r.random() < 1 / 11,
    },
    "MailClick": lambda r: {"topic": _topic(r), "url": _url(r), "category": _word(r)},
    "Account_login": lambda r: {
        "device": _word(r),
        "version": r.randrange(40),
        "remembered": r.random() < 1 / 3,
    },
    "Transaction": lambda r: {
        "amount": _amount(r),
        "category": _word(r),
        "destination": _place(r),
    },
    "Booking": lambda r: {
        "amount": _amount(r),
        "destination": _place(r),
        "returned": r.random() < 1 / 11,
    },
    "Survey_answer": lambda r: {
        "score": r.randrange(11),
        "topic": _topic(r),
        "category": _word(r),
    },
    "SmsClick": lambda r: {"topic": _topic(r), "url": _url(r), "category": _word(r)},
    "Appointment": lambda r: {
        "category": _word(r),
        "destination": _place(r),
        "amount": _amount(r),
    },
    "Unsubscribe": lambda r: {"topic": _topic(r), "channel": "email", "category": _word(r)},
}


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
                except EOFError:
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
