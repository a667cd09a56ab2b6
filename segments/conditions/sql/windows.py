"""Windows of event conditions: which times lie inside, and which rows can matter at all (3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from segments.conditions import calendar
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
from segments.conditions.sql import moments
from segments.conditions.sql.fragment import FALSE, TRUE, Fragment, all_of
from segments.conditions.sql.moments import Moment


@dataclass(frozen=True, slots=True)
class WindowSql:
    inside: Fragment
    bounds: str = ""
    """SQL beginning with AND that leaves out rows which are outside now and for ever."""
    begins: str = ""
    """Likewise, only those that are too early."""


def window_sql(moment: Moment, window: Window, time: str) -> WindowSql:
    """The window over a time given as SQL; that the time has come is not its business."""
    bind = moment.binder.add
    match window:
        case Ever():
            return WindowSql(TRUE)
        case Last(duration):
            start = moment.ago(duration)
            begins = _from_lowest(moment, time, start)
            return WindowSql(moments.since(moment, start, time), begins, begins)
        case BeforeAgo(duration):
            return WindowSql(moments.more_than_ago(moment, duration, time))
        case BetweenAgo(longer, shorter):
            start = moment.ago(longer)
            since = moments.since(moment, start, time)
            not_later = moments.until_boundary(moment, moment.ago(shorter), time)
            begins = _from_lowest(moment, time, start)
            return WindowSql(all_of([since, not_later]), begins, begins)
        case InPeriod(period):
            return _period(moment, period.key, time)
        case After(at):
            sql = f"{time} >= {bind(moment.instant(at), 'timestamptz')}"
            return WindowSql(Fragment(f"({sql})"), f" AND {sql}", f" AND {sql}")
        case Before(at):
            sql = f"{time} < {bind(moment.instant(at), 'timestamptz')}"
            return WindowSql(Fragment(f"({sql})"), f" AND {sql}")
        case Between(start_at, end_at):
            from_start = f"{time} >= {bind(moment.instant(start_at), 'timestamptz')}"
            if isinstance(end_at, datetime):
                sql = f"{from_start} AND {time} <= {bind(end_at, 'timestamptz')}"
            else:
                end = bind(calendar.end_of_day(end_at, moment.zone), "timestamptz")
                sql = f"{from_start} AND {time} < {end}"
            return WindowSql(Fragment(f"({sql})"), f" AND {sql}", f" AND {from_start}")


def _period(moment: Moment, key: str, time: str) -> WindowSql:
    # What has happened never lies on a day that is still to come.
    if key == "tomorrow" or key.startswith("next_"):
        # Citus does not plan what is false before it looks.
        never = f"{time} < '-infinity'" if moment.joins.source else "false"
        return WindowSql(FALSE, f" AND {never}", f" AND {never}")
    day = f"({time} AT TIME ZONE {moment.zone_sql})::date"
    first, _ = calendar.period_days(key, moment.today)
    inside = moments.in_period(moment, key, day)
    begins = _from(moment, time, calendar.first_instant(first, moment.zone))
    return WindowSql(inside, begins, begins)


def _from_lowest(moment: Moment, time: str, boundary: Moving[datetime]) -> str:
    if boundary.returns:
        return _from(moment, time, boundary.lowest)
    return f" AND {time} >= {moment.binder.add_moving(boundary.value)}"


def _from(moment: Moment, time: str, earliest: datetime) -> str:
    return f" AND {time} >= {moment.binder.add(earliest, 'timestamptz')}"
