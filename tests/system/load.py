"""A client that sends events until each has been answered, whatever happens to the server."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any

import psycopg

PAUSE_SECONDS = 0.1


def purchases(**more: object) -> dict[str, object]:
    return {"kind": "event", "event": "Purchase", **more}


def all_of(*children: dict[str, object]) -> dict[str, object]:
    return {"kind": "group", "match": "all", "children": list(children)}


LAST_MONTH = {"kind": "last", "amount": 30, "unit": "day"}
DEFINITIONS = {
    "spenders": all_of(
        purchases(measure={"of": "sum", "attribute": "amount"}, operator="greater_than", value=500)
    ),
    "recent": all_of(purchases(window=LAST_MONTH, operator="at_least", value=3)),
    "browsers": all_of(
        {"kind": "event", "event": "Visit", "operator": "at_least", "value": 2},
        purchases(window=LAST_MONTH, operator="equals", value=0),
    ),
    "loyal": all_of(
        {"kind": "segment", "segment": "spenders", "member": True},
        purchases(measure={"of": "days"}, operator="at_least", value=5),
    ),
    "rest": {
        "kind": "group",
        "match": "none",
        "children": [{"kind": "segment", "segment": "spenders", "member": True}],
    },
}


@dataclass(frozen=True)
class Answer:
    """`status` is None where there was none."""

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By names in small letters."""


def named(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@dataclass
class Client:
    """Speaks to the API of one installation."""

    port: int
    key: str
    statuses: Counter[int | None] = field(default_factory=Counter)
    """How often each was answered; None: no answer at all."""

    def call(self, method: str, path: str, body: object = None) -> tuple[int | None, Any]:
        answer = self.ask(method, path, body)
        return answer.status, answer.body

    def ask(self, method: str, path: str, body: object = None, *, seconds: float = 60) -> Answer:
        """Whoever has waited for so long has no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, f"/api/v1{path}", None if body is None else json.dumps(body), headers
            )
            received = connection.getresponse()
            answer = Answer(received.status, received.read(), named(received.headers))
        except (OSError, http.client.HTTPException):
            answer = Answer(None)
        finally:
            connection.close()
        self.statuses[answer.status] += 1
        return answer

    def post(self, path: str, body: object) -> Any:
        """For what must succeed."""
        status, read = self.call("POST", path, body)
        assert status in (200, 201, 202), (status, read)
        return json.loads(read)

    def get(self, path: str) -> Any:
        status, read = self.call("GET", path)
        assert status == 200, (status, read)
        return json.loads(read)


class Load:
    """Sends `total` events in batches from a few threads."""

    def __init__(self, client: Client, *, total: int, batch: int, contacts: int) -> None:
        self._client = client
        self._events = [event_of(number, contacts) for number in range(total)]
        self._unsent = [self._events[start : start + batch] for start in range(0, total, batch)]
        self._lock = threading.Lock()
        self.answered: set[str] = set()
        self.refused: list[bytes] = []
        self.limit = 1.0
        """No more is sent once this share has been answered."""

    @property
    def answered_share(self) -> float:
        return len(self.answered) / len(self._events)

    def start(self, *, threads: int) -> list[threading.Thread]:
        started = [threading.Thread(target=self._send_all, daemon=True) for _ in range(threads)]
        for thread in started:
            thread.start()
        return started

    def _send_all(self) -> None:
        while batch := self._next():
            while self.answered_share > self.limit:
                time.sleep(PAUSE_SECONDS)
            self._send(batch)

    def _next(self) -> list[dict[str, Any]] | None:
        with self._lock:
            return self._unsent.pop(0) if self._unsent else None

    def _send(self, batch: list[dict[str, Any]]) -> None:
        """Until it is answered 202; a request without an answer may have been stored or not."""
        while True:
            status, read = self._client.call("POST", "/events", {"events": batch})
            if status == 202:
                with self._lock:
                    self.answered |= {event["message_id"] for event in batch}
                return
            if status is not None and status < 500:
                self.refused.append(read)
                return
            time.sleep(PAUSE_SECONDS)


def event_of(number: int, contacts: int) -> dict[str, Any]:
    """The one of this number, of somebody among so many."""
    chosen = random.Random(number)
    return {
        "contact": {"external_id": f"u{chosen.randrange(contacts)}"},
        "type": chosen.choice(["Purchase", "Purchase", "Visit"]),
        "message_id": f"m{number}",
        "occurred_at": (datetime.now(UTC) - timedelta(hours=chosen.randrange(24 * 60))).isoformat(),
        "attributes": {"amount": chosen.randrange(1, 200), "shop": chosen.choice("abc")},
    }


def stored_message_ids(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT message_id FROM events_event")]


def is_caught_up(client: Client) -> bool:
    """False also while it does not answer."""
    answer = client.ask("GET", "/status")
    if answer.status != 200:
        return False
    found = json.loads(answer.body)
    return bool(found["pending_contacts"] == 0 and found["overdue_deadlines"] == 0)
