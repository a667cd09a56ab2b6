"""A time, and a duration later."""

from __future__ import annotations

from segments.conditions.nodes import Duration, Unit
from segments.conditions.sql.moments import Moment

_INTERVALS = {
    Unit.MINUTE: "minutes",
    Unit.HOUR: "hours",
    Unit.DAY: "days",
    Unit.WEEK: "weeks",
    Unit.MONTH: "months",
    Unit.YEAR: "years",
}


def later(moment: Moment, time: str, duration: Duration) -> str:
    """SQL: minutes and hours are fixed, the rest keeps the wall clock."""
    amount = moment.binder.add_once(f"{duration.amount} {_INTERVALS[duration.unit]}", "interval")
    if duration.unit.is_fixed:
        return f"({time} + {amount})"
    zone = moment.zone_sql
    return f"((({time} AT TIME ZONE {zone}) + {amount}) AT TIME ZONE {zone})"
