"""Whether a segment has crossed a bound, and whether to say so. Plain functions over plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from outbound.alerts.models import AlertRule

Kind = AlertRule.Kind

DAY: Final = timedelta(days=1)
AT_LEAST: Final = timedelta(hours=1)
"""Between two alerts of one rule: a segment may cross a bound every minute."""
BACK: Final = 0.8
"""Of the bound: a change has to be less than that to count as over."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A segment's size, and what it was a day before."""

    size: int
    before: int
    is_new: bool
    """Its first members were found within the day, so that there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Side:
    """On which side of a bound a segment is, since when, and when that was last said."""

    is_over: bool | None = None
    since: datetime | None = None
    told_at: datetime | None = None


def judged(*, kind: str, number: int, facts: Facts, side: Side, now: datetime) -> tuple[Side, bool]:
    """The side it is on from now on, and whether somebody is to be told.

    Once for each crossing; of a change, again when it lasts longer than a day, for it is another
    one then. What was so from the beginning is no crossing.
    """
    is_over = _is_over(kind, number, facts)
    if side.is_over is None:
        return replace(side, is_over=is_over, since=now), False
    if not side.is_over:
        if not is_over or _is_recent(side.told_at, AT_LEAST, now):
            return side, False
        return Side(is_over=True, since=now, told_at=now), True
    if _is_back(kind, number, facts):
        return replace(side, is_over=False, since=now), False
    last = max(filter(None, (side.since, side.told_at)), default=None)
    if kind == Kind.CHANGE and is_over and not _is_recent(last, DAY, now):
        return replace(side, told_at=now), True
    return side, False


def _is_over(kind: str, number: int, facts: Facts) -> bool:
    match kind:
        case Kind.CHANGE:
            if not facts.before:
                return facts.size > 0 and not facts.is_new
            return abs(facts.size - facts.before) * 100 > number * facts.before
        case Kind.EMPTY:
            return facts.size == 0
        case Kind.BELOW:
            return facts.size < number
        case _:
            return facts.size > number


def _is_back(kind: str, number: int, facts: Facts) -> bool:
    if kind == Kind.CHANGE and facts.before:
        return abs(facts.size - facts.before) * 100 <= BACK * number * facts.before
    return not _is_over(kind, number, facts)


def _is_recent(at: datetime | None, span: timedelta, now: datetime) -> bool:
    return at is not None and at > now - span
