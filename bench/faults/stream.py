"""Events that are sent as real clients send them, and exactly what was answered to which.

Some are sent alone and some in batches, always with message ids. Most clients send again what was not answered 202,
until it is; some give up after the first time, some after two seconds, and some send what they have sent already.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.system.load import Answer, Client, event_of

PATIENT, IMPATIENT = 3, 1
MOST_AT_ONCE = 60
IMPATIENCE_SECONDS = 2.0
AGAIN = 0.04
"""Of the batches are sent once more after they were answered 202."""
LONGEST_PAUSE = 5.0
FOR_EACH = 20
"""So many events later there is one more contact."""


@dataclass
class Ledger:
    sent: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    """With 202."""
    refused: list[str] = field(default_factory=list)
    """What was wrong with events, in the eyes of the server; there should be none."""
    statuses: Counter[int | None] = field(default_factory=Counter)
    again: int = 0
    """Events that were sent once more after 202."""

    @property
    def unknown(self) -> int:
        """Sent, and whether it was stored was never said."""
        return len(self.sent) - len(self.answered)


class Stream:
    """A few threads that send until they are told to stop."""

    def __init__(self, client: Client, *, rate: float, contacts: int, seed: int) -> None:
        self._client, self._rate, self._contacts = client, rate, contacts
        self.ledger = Ledger()
        self.answers: list[Answer] = []
        """All that were not 202, since the last look."""
        self.note_characters = 0
        """So long a text each event has besides."""
        self.taken_at = 0.0
        """When the latest 202 came."""
        self._chances = [random.Random(f"{seed} {number}") for number in range(PATIENT + IMPATIENT)]
        self._number = 0
        self._lock = threading.Lock()
        self._may_send, self._ended = threading.Event(), threading.Event()
        self._idle = [threading.Event() for _ in self._chances]
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._may_send.set()
        for number in range(len(self._chances)):
            thread = threading.Thread(target=self._send_all, args=[number], daemon=True)
            thread.start()
            self._threads.append(thread)

    def pause(self, *, seconds: float) -> bool:
        """Until nobody waits for an answer; False: somebody still does."""
        self._may_send.clear()
        deadline = time.monotonic() + seconds
        return all(idle.wait(max(0, deadline - time.monotonic())) for idle in self._idle)

    def go_on(self) -> None:
        for idle in self._idle:
            idle.clear()
        self._may_send.set()

    def stop(self) -> None:
        self._ended.set()
        self._may_send.set()
        for thread in self._threads:
            thread.join(70)

    def seen(self) -> list[Answer]:
        with self._lock:
            found, self.answers = self.answers, []
        return found

    def _send_all(self, number: int) -> None:
        chance, is_patient = self._chances[number], number < PATIENT
        while True:
            if not self._may_send.is_set():
                self._idle[number].set()
                self._may_send.wait()
            if self._ended.is_set():
                return
            events = self._next(chance)
            self._send(events, chance, is_patient=is_patient)
            share = len(events) * (PATIENT + IMPATIENT) / self._rate
            self._ended.wait(share * chance.uniform(0.5, 1.5))

    def _next(self, chance: random.Random) -> list[dict[str, Any]]:
        size = 1 if chance.random() < 0.4 else chance.randint(2, MOST_AT_ONCE)
        with self._lock:
            first, self._number = self._number, self._number + size
        # Contacts come one after the other, so that there is always somebody who enters something.
        among = min(self._contacts, 50 + first // FOR_EACH)
        events = [event_of(number, among) for number in range(first, first + size)]
        for event in events:
            if chance.random() < 0.4:
                del event["occurred_at"]  # just now
            if self.note_characters:
                event["attributes"]["note"] = chance.randbytes(self.note_characters // 2).hex()
            if chance.random() < 0.02:
                event["contact"] = {"external_id": f"new-{event['message_id']}"}
        return events

    def _send(
        self, events: list[dict[str, Any]], chance: random.Random, *, is_patient: bool
    ) -> None:
        ids = {event["message_id"] for event in events}
        with self._lock:
            self.ledger.sent |= ids
        body = events[0] if len(events) == 1 else {"events": events}
        while True:
            seconds = 60.0 if is_patient else IMPATIENCE_SECONDS
            answer = self._client.ask("POST", "/events", body, seconds=seconds)
            if self._is_taken(answer, ids):
                if chance.random() < AGAIN:
                    self._client.ask("POST", "/events", body)
                    self.ledger.again += len(ids)
                return
            if not is_patient or (answer.status is not None and 400 <= answer.status < 429):
                return
            asked = float(answer.headers.get("retry-after", 0.2))
            self._ended.wait(min(asked, LONGEST_PAUSE))

    def _is_taken(self, answer: Answer, ids: set[str]) -> bool:
        with self._lock:
            self.ledger.statuses[answer.status] += 1
            if answer.status != 202:
                self.answers.append(answer)
                if answer.status is not None and 400 <= answer.status < 429:
                    self.ledger.refused.append(answer.body.decode(errors="replace")[:300])
                return False
            self.taken_at = time.monotonic()
            self.ledger.answered |= ids
            if errors := json.loads(answer.body)["errors"]:
                self.ledger.refused.append(str(errors)[:300])
            return True
