"""The throttle: messages at even distances, whichever worker sends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

GROUP: Final = 20
"""Messages that are announced to the database at once (marking.py)."""


class Clock(Protocol):
    """Time, as a sender passes through it."""

    def now(self) -> datetime: ...

    def wait(self, seconds: float) -> None: ...


@dataclass(slots=True)
class Pace:
    """So many a second; None: as fast as it goes."""

    per_second: int | None
    next_at: datetime | None
    """The next one not before; SendingLane keeps it."""

    def seconds_until(self, now: datetime) -> float:
        if not self.per_second or self.next_at is None:
            return 0.0
        return max((self.next_at - now).total_seconds(), 0.0)

    def take(self, now: datetime) -> None:
        self.next_at = self.after(1, now=now)

    def after(self, count: int, *, now: datetime) -> datetime | None:
        """When it would be free again after so many."""
        if not self.per_second:
            return None
        begin = now if self.next_at is None else max(now, self.next_at)
        return begin + timedelta(seconds=count / self.per_second)

    @property
    def group(self) -> int:
        """How many to announce at once: a tenth of a second's at most."""
        return GROUP if not self.per_second else max(1, min(GROUP, self.per_second // 10))

    def most_in(self, seconds: float) -> int:
        """A bound of how many can be sent in that time."""
        return 1_000_000 if not self.per_second else 1 + int(self.per_second * seconds)
