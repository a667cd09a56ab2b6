"""Sequences whose events, once they have happened, cease to count in order: gone through once.

Of the events that a step can end with, the later one has the later first event before it, so its
chain lasts longer. Each gets the beginning of the latest chain that ends with it, by a window over
the events of its step and those reached before, put in order. Pairs are hardly ever compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segments.conditions.moving import changes
from segments.conditions.nodes import Duration, InPeriod, Sequence, Unit
from segments.conditions.sql.durations import later
from segments.conditions.sql.events import TIME, event_rows
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, Fragment
from segments.conditions.sql.moments import TICK, Moment
from segments.conditions.sql.ordered import in_order, leaving
from segments.conditions.sql.where import split_where
from segments.conditions.sql.windows import window_sql


@dataclass(frozen=True, slots=True)
class _Rows:
    """FROM and WHERE of the events of one step."""

    all: str
    past: str
    """Those that have come."""
    next: str
    """SQL for when another one does."""


def chain(
    moment: Moment, condition: Sequence, event_types: Mapping[str, EventTypeFacts]
) -> Fragment | None:
    """None where what has come inside the window may cease to count before the window leaves it behind."""
    steps = condition.steps
    first = _first(moment, condition, event_types)
    if first is None or any(
        split_where(moment.inside(), step.where, event_types[step.event]).moving for step in steps
    ):
        return None
    rows = [first, *(_after(moment, condition, n, event_types) for n in range(1, len(steps)))]
    last = len(steps) - 1 if steps[-1].performed else len(steps) - 2
    tables = [f"r0 AS MATERIALIZED (SELECT {TIME} AS t, {TIME} AS began {rows[0].past})"]
    for n in range(1, last + 1):
        within = steps[n].within
        if n == len(steps) - 1 and within is None:
            tables.append(_newest(rows[n], n))
        else:
            tables.append(_reached(moment, rows[n], within, n))
    coming = [of_step.next for of_step in rows[: last + 1]]
    found = f"r{last}"
    if not steps[-1].performed:
        tables.append(_unanswered(moment, rows[-1], steps[-1].within, last))
        coming.append(_ripe(moment, steps[-1].within, last))
        found = "unanswered"
    of_it = moment.inside()
    leaves = leaving(of_it, condition.window, "f.began")
    # The tables are not even begun with where nobody needs the answer.
    row = moment.joins.add(f"""
        WITH {", ".join(tables)}
        SELECT f.began IS NOT NULL AS truth,
            COALESCE(
                CASE WHEN NOT ({moment.needed}) THEN NULL WHEN f.began IS NOT NULL THEN {leaves}
                    ELSE LEAST({", ".join(coming)}) END,
                {INFINITY}) AS until
        FROM (
            SELECT CASE WHEN {moment.needed} THEN (SELECT max(began) FROM {found}) END AS began
            OFFSET 0
        ) f {of_it.joins.sql}
        OFFSET 0""")
    return Fragment(f"{row}.truth", f"{row}.until")


def _first(
    moment: Moment, condition: Sequence, event_types: Mapping[str, EventTypeFacts]
) -> _Rows | None:
    step, inner = condition.steps[0], moment.inside()
    where = split_where(inner, step.where, event_types[step.event]).fixed_sql
    place = window_sql(inner, condition.window, TIME)
    order = in_order(inner, condition.window, place, TIME)
    # The first hour of a day may come twice, with a day between.
    if order is None or isinstance(condition.window, InPeriod):
        return None
    rows = f"{event_rows(inner, event_types[step.event])}{place.bounds}{where}"
    comes = f"(SELECT min({order.comes}) {rows} AND {order.later})"
    if order.behind:
        comes = f"LEAST({comes}, (SELECT min({order.returns}) {rows} AND {order.behind}))"
    return _Rows(rows, f"{rows} AND {order.has}", comes)


def _after(
    moment: Moment,
    condition: Sequence,
    number: int,
    event_types: Mapping[str, EventTypeFacts],
) -> _Rows:
    """Of a later step: what is before the window of the first begins is of no use."""
    step, inner, now = condition.steps[number], moment.inside(), moment.now_sql
    where = split_where(inner, step.where, event_types[step.event]).fixed_sql
    begins = window_sql(inner, condition.window, TIME).begins
    rows = f"{event_rows(inner, event_types[step.event])}{begins}{where}"
    comes = f"(SELECT min({TIME}) {rows} AND {TIME} > {now})"
    return _Rows(rows, f"{rows} AND {TIME} <= {now}", comes)


def _newest(rows: _Rows, number: int) -> str:
    """Of a last step at any distance the newest event has the most before it."""
    return f"""r{number} AS MATERIALIZED (
            SELECT (SELECT max(p.began) FROM r{number - 1} p WHERE p.t < n.t) AS began
            FROM (SELECT {TIME} AS t {rows.past} ORDER BY {TIME} DESC LIMIT 1) n
        )"""


def _reached(moment: Moment, rows: _Rows, within: Duration | None, number: int) -> str:
    """The events of a step that follow one reached before, soon enough."""
    before = f"r{number - 1}"
    began, ends, soon = "x.began", "", ""
    if within is not None:
        soon = f" AND x.t <= {later(moment, 'x.before', within)}"
        if not _keeps_order(moment, within):
            # A month after 30 January at noon is later than one after 31 January in the morning.
            is_soon = f"x.t <= {later(moment, 'x.before', within)}"
            any_of_them = (
                f"(SELECT max(p.began) FROM {before} p"
                f" WHERE p.t < x.t AND x.t <= {later(moment, 'p.t', within)})"
            )
            began = f"CASE WHEN {is_soon} THEN x.began ELSE {any_of_them} END"
            ends = f", max({later(moment, 'u.p', within)}) OVER before AS ends"
            soon = " AND x.t <= x.ends"
    return f"""r{number} AS MATERIALIZED (
            SELECT x.t, {began} AS began
            FROM (
                SELECT u.t, u.p, max(u.p) OVER before AS before, max(u.began) OVER before AS began{ends}
                FROM (
                    SELECT t, t AS p, began FROM {before}
                    UNION ALL
                    SELECT {TIME}, NULL, NULL {rows.past}
                ) u
                WINDOW before AS (ORDER BY u.t GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ) x
            WHERE x.p IS NULL AND x.before IS NOT NULL{soon}
        )"""


def _unanswered(moment: Moment, rows: _Rows, within: Duration | None, last: int) -> str:
    """The newest chain end that the last step did not follow in time."""
    assert within is not None  # noqa: S101 (parse has checked it; for mypy)
    return f"""unanswered AS MATERIALIZED (
            SELECT p.began
            FROM (
                SELECT t, began, {later(moment, "t", within)} AS ends_at FROM r{last}
                ORDER BY t DESC
                OFFSET 0
            ) p
            WHERE p.ends_at < {moment.now_sql} AND NOT EXISTS (
                SELECT {rows.all} AND {TIME} > p.t AND {TIME} <= p.ends_at
            )
            LIMIT 1
        )"""


def _ripe(moment: Moment, within: Duration | None, last: int) -> str:
    """When the time to follow is over for the first of those that may still be followed."""
    assert within is not None  # noqa: S101 (parse has checked it; for mypy)
    ends_at = later(moment, "p.t", within)
    return f"(SELECT min({ends_at}) + {TICK} FROM r{last} p WHERE {ends_at} >= {moment.now_sql})"


def _keeps_order(moment: Moment, duration: Duration) -> bool:
    """Whether what is earlier is also earlier when so much time has been added."""
    if duration.unit in (Unit.DAY, Unit.WEEK):
        return not changes(moment.zone)
    return duration.unit.is_fixed
