"""Reads windows of time (section 3.1)."""

from __future__ import annotations

from collections.abc import Callable

from segments.conditions.nodes import (
    After,
    Before,
    BeforeAgo,
    Between,
    BetweenAgo,
    Duration,
    Ever,
    InPeriod,
    Last,
    Unit,
    Window,
)
from segments.conditions.parse_comparisons import is_after
from segments.conditions.parse_values import day_or_instant, duration, period
from segments.conditions.reading import Place


def window_or_ever(place: Place | None) -> Window | None:
    """None when there is a problem; no window at all means ever."""
    if place is None:
        return Ever()
    if not isinstance(place.value, dict):
        place.wanted("a window such as {“kind”: “last”, “amount”: 30, “unit”: “day”}")
        return None
    if "kind" not in place.value:
        place.at("kind").problem("required", "Say which kind of window this is, such as “last”.")
        return None
    kind = place.at("kind", place.value["kind"])
    word = kind.choice(list(KINDS), "unknown_window", "kind of window")
    return None if word is None else KINDS[word](place)


def _ever(place: Place) -> Ever:
    place.members(("kind",))
    return Ever()


def _period(place: Place) -> InPeriod | None:
    member = place.members(("kind", "period")).get("period")
    found = period(member) if member is not None else None
    return None if found is None else InPeriod(found)


def _last(place: Place) -> Last | None:
    found = duration(place, beside=("kind",))
    return None if found is None else Last(found)


def _before_ago(place: Place) -> BeforeAgo | None:
    found = duration(place, beside=("kind",))
    return None if found is None else BeforeAgo(found)


def _between_ago(place: Place) -> BetweenAgo | None:
    members = place.members(("kind", "from", "to"))
    ends = [duration(members[key]) for key in ("from", "to") if key in members]
    if len(ends) < 2 or ends[0] is None or ends[1] is None:
        return None
    if _is_shorter(ends[0], ends[1]):
        said = "“from” must be the longer time ago, such as from 90 days ago to 30 days ago."
        place.problem("from_after_to", said)
        return None
    return BetweenAgo(ends[0], ends[1])


def _after(place: Place) -> After | None:
    member = place.members(("kind", "at")).get("at")
    at = day_or_instant(member) if member is not None else None
    return None if at is None else After(at)


def _before(place: Place) -> Before | None:
    member = place.members(("kind", "at")).get("at")
    at = day_or_instant(member) if member is not None else None
    return None if at is None else Before(at)


def _between(place: Place) -> Between | None:
    members = place.members(("kind", "from", "to"))
    ends = [day_or_instant(members[key]) for key in ("from", "to") if key in members]
    if len(ends) < 2 or ends[0] is None or ends[1] is None:
        return None
    if is_after(ends[0], ends[1], place):
        place.problem("from_after_to", "“from” lies after “to”, so nothing can be between them.")
        return None
    return Between(ends[0], ends[1])


KINDS: dict[str, Callable[[Place], Window | None]] = {
    "ever": _ever,
    "period": _period,
    "last": _last,
    "before_ago": _before_ago,
    "between_ago": _between_ago,
    "after": _after,
    "before": _before,
    "between": _between,
}


_FAMILIES = (
    {Unit.MINUTE: 1, Unit.HOUR: 60},
    {Unit.DAY: 1, Unit.WEEK: 7},
    {Unit.MONTH: 1, Unit.YEAR: 12},
)
"""Units that are exact multiples of each other."""


def _is_shorter(one: Duration, other: Duration) -> bool:
    """Whether a duration is shorter than the other wherever in the calendar it begins."""
    for units in _FAMILIES:
        if one.unit in units and other.unit in units:
            return one.amount * units[one.unit] < other.amount * units[other.unit]
    return _hours(one)[1] < _hours(other)[0]


CLOCK_CHANGE = 2
"""Hours that local time can be set by."""


def _hours(span: Duration) -> tuple[int, int]:
    """The least and the most hours that a duration can have."""
    minutes, days, months = (units.get(span.unit, 0) * span.amount for units in _FAMILIES)
    if minutes:
        return minutes // 60, -(-minutes // 60)
    shortest, longest = (days, days) if days else _days_of(months)
    return shortest * 24 - CLOCK_CHANGE, longest * 24 + CLOCK_CHANGE


def _days_of(months: int) -> tuple[int, int]:
    """The least and the most days of so many months in a row; 400 years have 146,097 days."""
    average = months * 146_097 // 4_800
    return max(28 * months, average - 3), min(31 * months, average + 3)
