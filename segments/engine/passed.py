"""Which condition it was that time alone turned, when somebody entered or left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from segments.conditions.nodes import Group
from segments.engine.explain import Explanation, explain, foresee

TICK = timedelta(microseconds=1)
BACK = (TICK, timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))
"""How long before it was noticed it may have come about."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A condition that time made true or false, with what the contact had just before."""

    before: Explanation
    after: Explanation


@dataclass(frozen=True, slots=True)
class Passed:
    at: datetime
    """When it came about; it was noticed a little later."""
    conditions: tuple[Turned, ...]
    then: Explanation


def what_turned(
    group: Group, *, contact_id: int, entered: bool, noticed_at: datetime
) -> Passed | None:
    """None when what is stored today does not show it: something else has changed since."""
    after = explain(group, contact_id=contact_id, now=noticed_at)
    if after is None or after.truth != entered:
        return None
    for back in BACK:
        before = explain(group, contact_id=contact_id, now=noticed_at - back)
        if before and before.truth != entered:
            return _turned(group, contact_id, since=noticed_at - back, noticed_at=noticed_at)
    return None


def _turned(
    group: Group, contact_id: int, *, since: datetime, noticed_at: datetime
) -> Passed | None:
    ahead = foresee(group, contact_id=contact_id, now=since)
    at = ahead and ahead.changes_at
    if not at or at > noticed_at:
        return None
    before = explain(group, contact_id=contact_id, now=at - TICK)
    after = explain(group, contact_id=contact_id, now=at)
    if before is None or after is None or before.truth == after.truth:
        return None
    pairs = zip(_leaves(before), _leaves(after), strict=True)
    turned = tuple(Turned(old, new) for old, new in pairs if old.truth != new.truth)
    return Passed(at, turned, after)


def _leaves(one: Explanation) -> Iterator[Explanation]:
    if not one.children:
        yield one
    for child in one.children:
        yield from _leaves(child)
