"""Important customers who have stopped buying, or are about to have been silent for 90 days.

Those about to are placed so that somebody enters "Inactive VIPs" every 25 seconds during the
first ten minutes after loading, and then ever more rarely, for days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from segmentflow.demo.people import Person, people, random_for
from segments.conditions.calendar import instant_of, local_time

SILENT: Final = timedelta(days=90)
VIPS: Final = ("Platinum", "Gold")
_OLD_ENOUGH: Final = timedelta(days=200)
_PHASES: Final = (
    (timedelta(seconds=25), timedelta(minutes=10)),
    (timedelta(minutes=4), timedelta(hours=1)),
    (timedelta(minutes=25), timedelta(hours=6)),
    (timedelta(hours=4), timedelta(days=4)),
)
"""How long from one to the next, and until when."""
_FIRST: Final = timedelta(seconds=20)


def last_purchases(*, now: datetime, zone: ZoneInfo) -> dict[int, datetime]:
    """The last purchase of everybody whose last one is arranged, by number."""
    old = [person for person in people() if person.status in VIPS and _is_old_enough(person)]
    silent = {person.number: ago for person in old if (ago := _silent_for(person))}
    vocal = [person for person in old if person.number not in silent]
    vocal.sort(key=lambda person: random_for("lapsing", person.number).random())
    lapsing = zip(vocal, islice(_offsets(), len(vocal) * 2 // 3), strict=False)
    return {number: now - ago for number, ago in silent.items()} | {
        person.number: _purchase_before(now + offset, zone) for person, offset in lapsing
    }


@cache
def quiet() -> frozenset[int]:
    """The numbers of those who buy again only when somebody wins them back."""
    return frozenset(last_purchases(now=datetime(2026, 1, 1, tzinfo=UTC), zone=ZoneInfo("UTC")))


def _is_old_enough(person: Person) -> bool:
    return person.joined_before > _OLD_ENOUGH


def _silent_for(person: Person) -> timedelta | None:
    random = random_for("silent", person.number)
    if random.random() > 0.3:
        return None
    longest = min(300.0, person.joined_before.days - 15.0)
    return timedelta(days=random.uniform(91, longest))


def _offsets() -> Iterator[timedelta]:
    offset = _FIRST
    for pause, end in _PHASES:
        while offset < end:
            yield offset
            offset += pause


def _purchase_before(lapse: datetime, zone: ZoneInfo) -> datetime:
    """90 days before, at the same time of day, as conditions count them."""
    return instant_of(local_time(lapse, zone) - SILENT, zone)
