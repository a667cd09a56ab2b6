"""Token buckets that hold over several processes and machines, and cost nearly nothing.

The bucket is a row of the database. Each process takes tokens of it in bites of a tenth of a
second's worth and hands them out from its memory, so that the database is asked about ten times a
second where most is sent, and hardly ever elsewhere. In t seconds at most (t + 2) seconds' worth
pass, and one bite for each process (docs/decisions/0030-limits-by-leases.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from django.db import connection

BURST_SECONDS: Final = 2
"""A bucket that nobody used for so long is full."""
BITES_A_SECOND: Final = 10


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    """Also of its row."""
    per_second: int

    @property
    def size(self) -> int:
        return self.per_second * BURST_SECONDS

    @property
    def bite(self) -> float:
        return max(1.0, self.per_second / BITES_A_SECOND)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking."""

    is_allowed: bool
    left: int
    """As far as this process knows."""
    seconds: float
    """Until there is enough; where it was allowed, until the bucket is full."""


@dataclass(slots=True)
class _Held:
    tokens: float = 0.0
    shared: float = 0.0
    """Left in the row, when it was last asked."""
    refused: int = 0
    """So much, or more, is refused until then without asking."""
    since: datetime | None = None
    until: datetime | None = None


class Leases:
    """Of one process."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._lock = Lock()

    def take(self, bucket: Bucket, amount: int, *, now: datetime) -> Taken:
        """All of it or nothing. What is larger than the bucket passes when that is full, and what
        comes next waits until it is paid off."""
        with self._lock:
            held = self._held.setdefault(bucket.name, _Held())
            if held.tokens >= amount:
                held.tokens -= amount
                return _allowed(bucket, held)
            if _is_refused(held, amount, now):
                left = _seconds((held.until or now) - now)
                return Taken(is_allowed=False, left=0, seconds=left)
        # Others may ask meanwhile, too: each gets its own.
        granted, shared = _lease(bucket, amount, now=now)
        with self._lock:
            held.shared = shared
            if granted < amount:
                missing = _needed(bucket, amount) - shared
                held.refused, held.since = amount, now
                held.until = now + timedelta(seconds=max(missing / bucket.per_second, 0.001))
                return Taken(is_allowed=False, left=0, seconds=_seconds(held.until - now))
            held.since = held.until = None
            held.tokens += granted - amount
            return _allowed(bucket, held)

    def forget(self) -> None:
        """As a process that has just begun."""
        with self._lock:
            self._held.clear()


def _allowed(bucket: Bucket, held: _Held) -> Taken:
    left = max(0.0, held.tokens + held.shared)
    seconds = max(0.0, bucket.size - left) / bucket.per_second
    return Taken(is_allowed=True, left=int(left), seconds=seconds)


def _is_refused(held: _Held, amount: int, now: datetime) -> bool:
    """Without asking again, unless the clock was put back meanwhile."""
    if held.since is None or held.until is None:
        return False
    return held.since <= now < held.until and amount >= held.refused


def _needed(bucket: Bucket, amount: int) -> float:
    """What has to be there: a whole bite, so that nobody comes for single tokens."""
    return min(float(bucket.size), max(float(amount), bucket.bite))


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())


_AVAILABLE = """least(
    %(size)s::float8,
    b.tokens + %(rate)s::float8 * greatest(0, extract(epoch FROM excluded.at - b.at)::float8)
)"""
_GRANTED = f"""CASE WHEN {_AVAILABLE} >= %(needed)s::float8
    THEN greatest(%(amount)s::float8, least({_AVAILABLE}, %(bite)s::float8))
    ELSE 0 END"""
_STATEMENT = f"""
    INSERT INTO segmentflow_tokenbucket AS b (name, tokens, at, granted)
    VALUES (%(name)s, %(size)s::float8 - %(first)s::float8, %(now)s, %(first)s::float8)
    ON CONFLICT (name) DO UPDATE SET
        tokens = {_AVAILABLE} - {_GRANTED},
        granted = {_GRANTED},
        -- Clocks of machines differ by a little; one that was put back begins anew.
        at = CASE WHEN b.at > excluded.at + interval '1 minute' THEN excluded.at
            ELSE greatest(b.at, excluded.at) END
    RETURNING granted, tokens
"""


def _lease(bucket: Bucket, amount: int, *, now: datetime) -> tuple[float, float]:
    """How many tokens this process gets, and how many are left for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT,
            {
                "name": bucket.name,
                "size": bucket.size,
                "rate": bucket.per_second,
                "bite": bucket.bite,
                "amount": amount,
                "needed": _needed(bucket, amount),
                "first": max(float(amount), min(bucket.bite, float(bucket.size))),
                "now": now,
            },
        )
        granted, tokens = cursor.fetchone()
        return granted, tokens


LEASES: Final = Leases()
"""Of this process."""
