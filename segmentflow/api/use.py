"""How much keys are used: counted in memory, and added to the database every few seconds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Final

from django.db import connection

ADDED_EVERY: Final = timedelta(seconds=5)


@dataclass(slots=True)
class Counts:
    requests: int = 0
    events: int = 0
    refused: int = 0


class Uses:
    """Of one process, not yet added. Of a process that is killed the last seconds are lost."""

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[int, date], Counts] = defaultdict(Counts)
        self._next: datetime | None = None
        self._lock = Lock()

    def note(
        self, key_id: int, *, requests: int = 0, events: int = 0, refused: int = 0, now: datetime
    ) -> None:
        with self._lock:
            counts = self._counts[key_id, now.astimezone(UTC).date()]
            counts.requests += requests
            counts.events += events
            counts.refused += refused
            if self._next is not None and now < self._next:
                return
        self.add(now=now)

    def add(self, *, now: datetime) -> None:
        """What was counted so far; whoever shows use calls it, for who is idle adds nothing."""
        with self._lock:
            self._next = now + ADDED_EVERY
            counted, self._counts = self._counts, defaultdict(Counts)
        if counted:
            _add(counted)

    def forget(self) -> None:
        with self._lock:
            self._counts.clear()
            self._next = None


def _add(counted: dict[tuple[int, date], Counts]) -> None:
    """In order, so that two processes cannot wait for each other; keys that have gone are left out."""
    rows = sorted(counted.items())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
            INSERT INTO segmentflow_keyuse AS u (key_id, day, requests, events, refused)
            SELECT sent.* FROM quick, unnest(
                %s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[]
            ) AS sent (key_id, day, requests, events, refused)
            WHERE EXISTS (SELECT FROM segmentflow_apikey k WHERE k.id = sent.key_id)
            ON CONFLICT (key_id, day) DO UPDATE SET
                requests = u.requests + excluded.requests,
                events = u.events + excluded.events,
                refused = u.refused + excluded.refused
            """,
            [
                [key_id for (key_id, _), _ in rows],
                [day for (_, day), _ in rows],
                [counts.requests for _, counts in rows],
                [counts.events for _, counts in rows],
                [counts.refused for _, counts in rows],
            ],
        )


USES: Final = Uses()
"""Of this process."""
