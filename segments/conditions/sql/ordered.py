"""Windows into which events come, and which they leave, one after the other: few of them need to be read.

The beginning of a window may go back with the clock, or at the end of a month. What is inside still
leaves in order, for the first time that a boundary gets past a later event is never earlier; but what is
behind the beginning, and not behind the lowest point to which that goes back, comes in again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from segments.conditions.moving import Moving
from segments.conditions.nodes import (
    After,
    Before,
    BeforeAgo,
    Between,
    BetweenAgo,
    Ever,
    InPeriod,
    Last,
    Window,
)
from segments.conditions.sql.fragment import INFINITY
from segments.conditions.sql.moments import TICK, Moment, returning, since
from segments.conditions.sql.windows import WindowSql, window_sql


@dataclass(frozen=True, slots=True)
class InOrder:
    """SQL over a time within the bounds of the window."""

    has: str
    """Whether it lies inside, and has come."""
    later: str
    """Whether it is still to come inside."""
    comes: str
    """Then, when."""
    behind: str = ""
    """Whether the window has left it behind and it may come back; empty if none ever does."""
    returns: str = ""
    """Then, when."""


def in_order(moment: Moment, window: Window, place: WindowSql, time: str) -> InOrder | None:
    """`place`: the same window over the same time. None: it is not of this kind, or not always."""
    happened, future = f"{time} <= {moment.now_sql}", f"{time} > {moment.now_sql}"
    match window:
        case Ever() | After() | Before() | Between():
            return InOrder(happened, future, time)
        case InPeriod(period) if period.key == "today" or period.key.startswith("this_"):
            # The first hour of a day may come twice, with a day between.
            return InOrder(f"{happened} AND {place.inside.truth}", future, time)
        case Last(duration):
            return _left(moment, moment.ago(duration), InOrder(happened, future, time), time)
        case BeforeAgo(duration):
            return _aging(moment, moment.ago(duration), time, ">=", time)
        case BetweenAgo(longer, shorter):
            band = _aging(moment, moment.ago(shorter), time, ">", f"({time} - {TICK})")
            return band and _left(moment, moment.ago(longer), band, time)
        case _:
            return None


def stays(window: Window) -> bool:
    """Whether nothing that lies inside ever ceases to."""
    return isinstance(window, Ever | After | Before | Between | BeforeAgo)


def leaving(moment: Moment, window: Window, time: str) -> str:
    """SQL for when a time that lies inside a window in order ceases to; infinity for NULL."""
    if stays(window):
        return INFINITY
    if isinstance(window, BetweenAgo):
        return since(moment, moment.ago(window.start), time).until_or_never
    return window_sql(moment, window, time).inside.until_or_never


def _aging(
    moment: Moment, boundary: Moving[datetime], time: str, sign: str, passed: str
) -> InOrder | None:
    """What comes inside once it is old enough; `passed`: the time that the boundary has to get past."""
    if boundary.returns:
        # What is inside would leave again for a while.
        return None
    later = f"{time} {sign} {moment.binder.add_moving(boundary.value)}"
    return InOrder(f"NOT ({later})", later, since(moment, boundary, passed).until_or_never)


def _left(moment: Moment, boundary: Moving[datetime], order: InOrder, time: str) -> InOrder:
    """The same, where a boundary leaves behind what is too old."""
    if not boundary.returns:
        return order
    behind = f"{time} < {moment.binder.add_moving(boundary.value)}"
    has = f"{order.has} AND NOT ({behind})"
    return InOrder(has, order.later, order.comes, behind, returning(moment, boundary, time))
