"""When things happen: by season, day of the week and hour, in the time of those who do them."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = 365
"""How far back the history of the demonstration goes."""

ALWAYS: Final = (10,) * 12


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How likely something is, compared with other times."""

    months: tuple[int, ...]
    """January first."""
    weekdays: tuple[int, ...]
    """Monday first."""
    hours: tuple[int, ...]


def _hours(text: str) -> tuple[int, ...]:
    """One digit an hour, from midnight on."""
    return tuple(map(int, text))


BROWSING: Final = Rhythm(
    (9, 8, 9, 9, 9, 8, 8, 8, 9, 10, 15, 16),
    (9, 9, 9, 10, 10, 12, 14),
    _hours("210000113334445444556985"),
)
IN_STORE: Final = Rhythm(
    (8, 8, 9, 10, 10, 9, 8, 8, 9, 10, 12, 17),
    (8, 8, 8, 9, 13, 18, 0),
    _hours("000000000259876679974200"),
)
PAYING: Final = Rhythm(ALWAYS, (9, 9, 9, 10, 12, 13, 8), _hours("100000124446876667875421"))
BANKING: Final = Rhythm(ALWAYS, (12, 11, 10, 10, 11, 6, 6), _hours("100000257765555555566421"))
DREAMING: Final = Rhythm(
    (15, 13, 11, 10, 11, 12, 12, 9, 8, 8, 8, 9),
    (9, 9, 9, 9, 8, 11, 14),
    _hours("210000012334454333457986"),
)
AT_THE_DOCTORS: Final = Rhythm(
    (12, 11, 11, 9, 9, 8, 6, 6, 10, 11, 12, 9),
    (12, 11, 10, 11, 8, 0, 0),
    _hours("000000005999742377640000"),
)
READING: Final = Rhythm(ALWAYS, (9, 11, 10, 11, 9, 7, 8), _hours("110000259987665555566542"))


class Calendar:
    """Draws moments of the year that ends at `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def draw(
        self, rhythm: Rhythm, zone: ZoneInfo, random: Random, *, since: timedelta
    ) -> datetime | None:
        """A moment up to so long ago; None for one that has not come yet."""
        today = self.now.astimezone(zone).date()
        weights = _weights(rhythm, today)
        first = max(0, DAYS - since.days)
        low = weights[first - 1] if first else 0
        day = bisect(weights, random.uniform(low, weights[-1] - 1e-9))
        wall = datetime.combine(today - timedelta(days=DAYS - day), _EARLY) + timedelta(
            hours=random.choices(range(24), cum_weights=_hours_of(rhythm))[0],
            seconds=random.randrange(3600),
        )
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        return at if self.now - since < at < self.now else None


_EARLY: Final = datetime.min.time()


@lru_cache(maxsize=64)
def _weights(rhythm: Rhythm, today: date) -> list[int]:
    """Added up day by day, from the first of the year to today."""
    days = [today - timedelta(days=ago) for ago in range(DAYS, -1, -1)]
    return list(
        accumulate(rhythm.months[day.month - 1] * rhythm.weekdays[day.weekday()] for day in days)
    )


@lru_cache(maxsize=16)
def _hours_of(rhythm: Rhythm) -> list[int]:
    return list(accumulate(rhythm.hours))
