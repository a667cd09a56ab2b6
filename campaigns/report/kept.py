"""Numbers of large campaigns are kept for a moment, in each process that serves pages.

A report is read again every two seconds by everybody who looks at it. Small campaigns are always
counted anew; one with 100,000 messages at most once a second, one with a million every ten.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

Counted = TypeVar("Counted")

LARGE: Final = 20_000
"""From so many rows on."""
A_SECOND: Final = 100_000
"""So many rows are worth a second."""
MOST: Final = 200
"""Campaigns remembered."""


class Kept(Generic[Counted]):
    """What was counted, by the campaign's id."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[datetime, datetime, Counted]] = {}

    def get(
        self,
        pk: int,
        *,
        now: datetime,
        count: Callable[[], Counted],
        size: Callable[[Counted], int],
    ) -> Counted:
        """As of not long ago, or just now; `size` is of how many messages it was made."""
        if (known := self._found.get(pk)) and known[0] <= now < known[1]:
            return known[2]
        counted = count()
        self._found.pop(pk, None)
        if (rows := size(counted)) >= LARGE:
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[pk] = (now, now + timedelta(seconds=rows / A_SECOND), counted)
        return counted
