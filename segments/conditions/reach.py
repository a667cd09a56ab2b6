"""How far back a tree looks for events of each type: for how long they have to be kept for it."""

from __future__ import annotations

from typing import Final

from segments.conditions.nodes import (
    BetweenAgo,
    Duration,
    EventCondition,
    Group,
    InPeriod,
    Last,
    Node,
    Occurrence,
    SegmentCondition,
    Sequence,
    Unit,
    Window,
)
from segments.conditions.uses import Resolve

Reach = dict[str, int | None]
"""By event type, the number of months; None: for ever."""

LEAST_DAYS: Final = (0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334, 365)
"""Of so many months on end."""
PERIOD_MONTHS: Final = {
    "last_month": 2,
    "this_quarter": 3,
    "last_quarter": 6,
    "this_year": 12,
    "last_year": 24,
}
"""From the midnight so many months ago on, the period is covered; of the others, from one."""


def reach(node: Node, resolve: Resolve) -> Reach:
    """`resolve` gives the tree of a dynamic segment, None for a static one."""
    match node:
        case Group():
            return _together([reach(child, resolve) for child in node.children])
        case EventCondition() | Occurrence():
            return {node.event: months_of(node.window)}
        case Sequence():
            # The window is the first step's; the others come after it.
            return dict.fromkeys((step.event for step in node.steps), months_of(node.window))
        case SegmentCondition():
            tree = resolve(node.segment)
            return reach(tree, resolve) if tree is not None else {}
        case _:
            return {}


def months_of(window: Window) -> int | None:
    """How many months have to be kept, so that the window never begins before.

    A fixed date is left behind as time passes, so it is as good as for ever.
    """
    match window:
        case Last(duration) | BetweenAgo(start=duration):
            return _months(duration)
        case InPeriod(period):
            return PERIOD_MONTHS.get(period.key, 1)
        case _:
            return None


def _months(duration: Duration) -> int:
    amount = duration.amount
    match duration.unit:
        case Unit.MONTH:
            return max(amount, 1)
        case Unit.YEAR:
            return max(amount * 12, 1)
        case Unit.WEEK:
            return _months_of_days(amount * 7)
        case Unit.DAY:
            return _months_of_days(amount)
        case Unit.HOUR:
            return _months_of_days(amount // 24 + 2)
        case Unit.MINUTE:
            return _months_of_days(amount // (24 * 60) + 2)


def _months_of_days(days: int) -> int:
    years, rest = divmod(days, LEAST_DAYS[-1])
    months = next(number for number, least in enumerate(LEAST_DAYS) if least >= rest)
    return max(years * 12 + months, 1)


def _together(parts: list[Reach]) -> Reach:
    found: Reach = {}
    for part in parts:
        for key, months in part.items():
            known = found.get(key, 0)
            found[key] = None if known is None or months is None else max(known, months)
    return found
