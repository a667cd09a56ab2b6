"""The instants at which a definition's answer about a contact could change.

Random instants seldom lie beside them; these are derived from the durations that the
definition names and the times that the contact has.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import Person, day_of, first_instant, instant_of, local_date, moment, shifted

TICK = timedelta(microseconds=1)
BESIDE = (-TICK, timedelta(), TICK, timedelta(hours=1), timedelta(minutes=-30))
CLAMPED = range(4)
"""A month's end is reached from up to three later days."""
FURTHEST = timedelta(days=3 * 366)

Duration = dict[str, Any]


def telling_instants(
    rng: Random,
    definition: Any,
    person: Person,
    *,
    now: datetime,
    until: datetime | None,
    zone: ZoneInfo,
    most: int = 25,
) -> list[datetime]:
    """Some of them, after `now` and before `until`."""
    end = min(until, now + FURTHEST) if until else now + FURTHEST
    near = {edge for edge in _edges(definition, person, now, zone) if _is_near(edge, now, end)}
    edges = {edge + beside for edge in near for beside in BESIDE}
    inside = sorted(edge for edge in edges if now < edge < end)
    last = [end - TICK] if end - TICK > now else []
    # Half of them soon, where most things happen.
    soon = inside[: 2 * most]
    return [
        *last,
        *rng.sample(soon, min(most // 2, len(soon))),
        *rng.sample(inside, min(most // 2, len(inside))),
    ]


def _is_near(edge: datetime, now: datetime, end: datetime) -> bool:
    return now - timedelta(days=1) < edge < end + timedelta(days=1)


def _edges(definition: Any, person: Person, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    durations = list(_durations(definition))
    for anchor in {*_moments(definition, zone), *_own_moments(person, zone)}:
        yield from _around(anchor, durations, now, zone)
    for change in clock_changes(zone, now.year):
        yield change
        yield from (shifted(change, duration, 1, zone) for duration in durations)
    yield from _calendar(now, zone)


def _around(
    anchor: date | datetime, durations: list[Duration], now: datetime, zone: ZoneInfo
) -> Iterator[datetime]:
    instant, day = instant_of(anchor, zone), day_of(anchor, zone)
    yield instant
    for duration in durations:
        for sign in (-1, 1):
            edge = shifted(instant, duration, sign, zone)
            if not 2 < edge.year < 9990:
                continue
            yield edge
            for extra in CLAMPED:
                yield _plus_days(edge, extra, zone)
                yield first_instant(local_date(edge, zone) + timedelta(days=extra), zone)
            for year in range(now.year, now.year + 3):
                turn = _in_year(day, year) - timedelta(days=duration["amount"] % 400)
                yield from (first_instant(turn + timedelta(days=n), zone) for n in (0, 1))


def _plus_days(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    return shifted(instant, {"amount": days, "unit": "day"}, 1, zone) if days else instant


def _in_year(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, 28)) + timedelta(days=max(day.day - 28, 0))


def _calendar(now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Midnights at which periods change."""
    today = local_date(now, zone)
    days = [today + timedelta(days=n) for n in range(16)]
    days += [date(today.year + n // 12, n % 12 + 1, 1) for n in range(36)]
    yield from (first_instant(day, zone) for day in days)


@lru_cache(maxsize=256)
def clock_changes(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """The hours at which the offset changes, in three years."""
    found = []
    at = datetime(year, 1, 1, tzinfo=UTC)
    for _ in range(3 * 366 * 24):
        following = at + timedelta(hours=1)
        if at.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            found.append(following)
        at = following
    return tuple(found)


def _durations(node: Any) -> Iterator[Duration]:
    if isinstance(node, dict):
        if "unit" in node and node["amount"]:
            yield {"amount": node["amount"], "unit": node["unit"]}
        for value in node.values():
            yield from _durations(value)
    elif isinstance(node, list):
        for value in node:
            yield from _durations(value)


def _moments(node: Any, zone: ZoneInfo) -> Iterator[date | datetime]:
    """Everything in JSON that is written like a time."""
    if isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _moments(value, zone)
    elif isinstance(node, str) and (found := moment(node, zone)) is not None:
        yield found


def _own_moments(person: Person, zone: ZoneInfo) -> Iterator[date | datetime]:
    yield person.created_at
    yield from _moments(person.attributes, zone)
    for event in person.events:
        yield event.occurred_at
        yield from _moments(event.attributes, zone)
