"""How far behind segments were at worst, minute by minute: watchers see it, and it is kept for a day."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

STORED_EVERY: Final = 5.0
KEPT: Final = timedelta(days=1)


@dataclass(slots=True)
class Worst:
    """What one watcher has seen since it was stored last."""

    _seen: dict[datetime, tuple[int, int]] = field(default_factory=dict)
    """By minute: of the oldest change and of the most overdue deadline, in milliseconds."""
    _stored_at: float = field(default_factory=time.monotonic)

    def see(self, *, now: datetime, oldest_at: datetime | None, due_at: datetime | None) -> None:
        minute = now.replace(second=0, microsecond=0)
        before = self._seen.get(minute, (0, 0))
        self._seen[minute] = (
            max(before[0], _late(oldest_at, now)),
            max(before[1], _late(due_at, now)),
        )

    def store_when_due(self, *, now: datetime) -> None:
        if time.monotonic() - self._stored_at >= STORED_EVERY:
            self.store(now=now)

    def store(self, *, now: datetime) -> None:
        seen, self._seen = self._seen, {}
        self._stored_at = time.monotonic()
        with connection.cursor() as cursor:
            for at, (oldest, late) in seen.items():
                cursor.execute(
                    """
                    INSERT INTO segmentflow_freshminute AS known (at, oldest_ms, late_ms)
                    VALUES (%s, %s, %s)
                    ON CONFLICT (at) DO UPDATE
                    SET oldest_ms = greatest(known.oldest_ms, excluded.oldest_ms),
                        late_ms = greatest(known.late_ms, excluded.late_ms)
                    """,
                    [at, oldest, late],
                )
            cursor.execute("DELETE FROM segmentflow_freshminute WHERE at < %s", [now - KEPT])


def worst_since(at: datetime) -> list[tuple[datetime, int, int]]:
    """Minutes that a watcher saw, the oldest first, with both in milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT at, oldest_ms, late_ms FROM segmentflow_freshminute
            WHERE at >= %s ORDER BY at
            """,
            [at],
        )
        return list(cursor.fetchall())


def _late(at: datetime | None, now: datetime) -> int:
    return max(0, round((now - at).total_seconds() * 1000)) if at is not None else 0
