"""Times at which things change: boundaries of windows, midnights, clock changes, month ends.

At random times an event lies on a boundary too seldom to tell >= from >.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import Person, first_instant, local_date, shifted

ZONES = (
    "UTC",
    "Europe/Warsaw",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/Havana",
)

NOWS = (
    # local wall-clock times worth to stand at; the first are changes of some zone's clock
    "2026-03-29T01:30",
    "2026-03-29T03:00",
    "2026-10-25T02:30",
    "2026-03-08T02:30",
    "2026-11-01T01:30",
    "2026-11-01T00:30",
    "2026-04-05T01:45",
    "2026-10-04T02:15",
    "2018-11-04T00:00",
    "2018-11-04T01:00",
    "2018-02-17T23:30",
    "2011-12-29T12:00",
    "2011-12-31T00:00",
    "2028-02-29T12:00",
    "2027-02-28T23:59",
    "2028-03-01T00:00",
    "2026-12-31T23:59",
    "2027-01-01T00:00",
    "2026-05-31T09:30",
    "2026-06-30T00:00",
    "2026-11-23T00:00",
    "2026-11-20T13:00",
)

DURATIONS = (
    (1, "minute"),
    (90, "minute"),
    (1, "hour"),
    (24, "hour"),
    (1, "day"),
    (2, "day"),
    (7, "day"),
    (30, "day"),
    (1, "week"),
    (2, "week"),
    (1, "month"),
    (3, "month"),
    (1, "year"),
    (4, "year"),
)
LAST = datetime(9990, 1, 1, tzinfo=UTC)
ENDLESS = ((10_000, "year"), (10_000, "minute"), (10_000, "day"), (3_000, "year"))

JITTERS = (
    timedelta(),
    timedelta(),
    timedelta(microseconds=1),
    timedelta(microseconds=-1),
    timedelta(seconds=1),
    timedelta(seconds=-1),
    timedelta(minutes=30),
    timedelta(hours=-1),
)


@dataclass
class Times:
    """Draws instants around one `now` in one zone."""

    rng: Random
    zone: ZoneInfo
    now: datetime

    def duration(self, *, calendar: bool = False) -> dict[str, Any]:
        table = ENDLESS if self.rng.random() < 0.03 else DURATIONS
        choices = [row for row in table if not calendar or row[1] not in ("minute", "hour")]
        amount, unit = self.rng.choice(choices)
        return {"amount": amount, "unit": unit}

    def instant(self, *, ahead: float = 0.15) -> datetime:
        """Near an edge; `ahead` is the share of those that may lie in the future."""
        sign = 1 if self.rng.random() < ahead else -1
        anchor = self.rng.choice((self._shifted, self._shifted, self._midnight, self._any))(sign)
        return anchor + self.rng.choice(JITTERS)

    def day(self, *, ahead: float = 0.15) -> date:
        return local_date(self.instant(ahead=ahead), self.zone)

    def step(self) -> timedelta:
        """How far a clock jumps."""
        return self.rng.choice(
            (
                timedelta(microseconds=1),
                timedelta(minutes=self.rng.randint(1, 90)),
                timedelta(hours=self.rng.randint(1, 30)),
                timedelta(days=self.rng.randint(1, 40)),
                timedelta(days=self.rng.randint(1, 400), seconds=self.rng.randint(0, 86_400)),
            )
        )

    def _shifted(self, sign: int) -> datetime:
        amount, unit = self.rng.choice(DURATIONS)
        return shifted(self.now, {"amount": amount, "unit": unit}, sign, self.zone)

    def _midnight(self, sign: int) -> datetime:
        days = self.rng.choice((0, 1, 2, 7, 28, 30, 31, 90, 365))
        today = local_date(self.now, self.zone)
        return first_instant(today + sign * timedelta(days=days), self.zone)

    def _any(self, sign: int) -> datetime:
        return self.now + sign * timedelta(seconds=self.rng.randint(0, 5_000_000))


def random_zone(rng: Random) -> ZoneInfo:
    return ZoneInfo(rng.choice(ZONES))


def random_now(rng: Random, zone: ZoneInfo) -> datetime:
    """A time of day where something is special, in the zone or in another."""
    wall = datetime.fromisoformat(rng.choice(NOWS)).replace(tzinfo=zone, fold=rng.randint(0, 1))
    jitter = rng.choice((*JITTERS, timedelta(seconds=rng.randint(0, 100_000))))
    return wall.astimezone(UTC) + jitter


def later_instants(
    rng: Random, now: datetime, person: Person, until: datetime | None
) -> list[datetime]:
    """Instants after `now` and before `until`, where the person's answers may change."""
    tick = timedelta(microseconds=1)
    edges = [now + tick, *([until - tick] if until else [])]
    for moment in [now, person.created_at, *(event.occurred_at for event in person.events)]:
        amount, unit = rng.choice(DURATIONS)
        duration = {"amount": amount, "unit": unit}
        edges.append(
            shifted(moment, duration, 1, ZoneInfo("UTC")) + rng.choice((-tick, 0 * tick, tick))
        )
    edges += [now + timedelta(seconds=rng.expovariate(1 / 1e6)) for _ in range(2)]
    edges.append(now + timedelta(days=rng.choice((1, 29, 31, 366, 1461))))
    # The oracle's calendar ends with the year 9999, and it looks a year ahead.
    end = min(until or LAST, LAST)
    return [edge for edge in edges if now < edge < end]
