"""Clocks where contacts are: their zones, times on them, and the hours in which nothing is sent.

Around a change of clocks: a time that a clock skips is the next one that exists, and of a time that
it shows twice the first one counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from campaigns.models import SendingRules

SECOND: Final = timedelta(seconds=1)


@lru_cache(maxsize=1)
def known_zones() -> dict[str, ZoneInfo]:
    """Every zone of the IANA database, by its name in small letters."""
    return {name.lower(): ZoneInfo(name) for name in sorted(available_timezones())}


def zone_of(timezone_text: str, default: ZoneInfo) -> ZoneInfo:
    """The zone that a contact's text names, however it is capitalised; the default if it names none."""
    name = timezone_text.strip(" ")
    return known_zones().get(name.lower(), default) if name.isascii() else default


def local_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When a clock in the zone shows `wall` (without an offset) for the first time, in UTC.

    If it never does, because clocks are put forward over it: when they are.
    """
    first = _utc(wall, zone, fold=0)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    return _change_between(_utc(wall, zone, fold=1), first, zone)


def _utc(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant with the offset that holds at `after`; changes are at whole seconds."""
    low, high = before.replace(microsecond=0), after.replace(microsecond=0)
    offset = high.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def has_quiet_hours(rules: SendingRules) -> bool:
    """Hours that end when they begin are none."""
    return None not in (rules.quiet_from, rules.quiet_to) and rules.quiet_from != rules.quiet_to


def is_quiet(wall: time, rules: SendingRules) -> bool:
    """Whether the hours in which nothing is sent include a time on the clock."""
    begin, end = rules.quiet_from, rules.quiet_to
    if begin is None or end is None or begin == end:
        return False
    if begin < end:
        return begin <= wall < end
    return wall >= begin or wall < end


def next_allowed(*, at: datetime, zone: ZoneInfo, rules: SendingRules) -> datetime:
    """`at` itself, or the end of the quiet hours in the contact's zone that it lies in."""
    local = at.astimezone(zone)
    while rules.quiet_to is not None and is_quiet(local.time(), rules):
        end = datetime.combine(local.date(), rules.quiet_to)
        if local.time() >= rules.quiet_to:
            end += timedelta(days=1)
        at = _first_after(at, end, zone)
        local = at.astimezone(zone)
    return at


def _first_after(at: datetime, wall: datetime, zone: ZoneInfo) -> datetime:
    """When a clock shows `wall` after `at`: the second time, if clocks were put back to before it."""
    instant = local_instant(wall, zone)
    return instant if instant > at else _utc(wall, zone, fold=1)
