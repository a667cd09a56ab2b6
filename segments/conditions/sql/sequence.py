"""Events one after the other (docs/conditions.md, section 5).

Step by step: the events that a chain can end with, each with the instant until which
time alone cannot break every chain to it (`lasts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segments.conditions.nodes import Ever, Sequence, Step, Window
from segments.conditions.sql.chains import chain
from segments.conditions.sql.durations import later
from segments.conditions.sql.events import TIME, event_rows, status_of
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, Fragment
from segments.conditions.sql.moments import TICK, Moment
from segments.conditions.sql.ordered import in_order
from segments.conditions.sql.where import split_where
from segments.conditions.sql.windows import window_sql


@dataclass(frozen=True, slots=True)
class _Events:
    """The table of a step."""

    table: str
    is_lasting: bool
    """Whether an event that counts once counts for ever."""


def sequence(
    moment: Moment, condition: Sequence, event_types: Mapping[str, EventTypeFacts]
) -> Fragment:
    in_one_go = chain(moment, condition, event_types)
    if in_one_go is not None:
        return in_one_go
    steps = condition.steps
    windows = [condition.window, *(Ever() for _ in steps[1:])]
    begins = window_sql(moment.inside(), condition.window, TIME).begins
    events = [
        _events(moment, step, window, event_types, n, begins)
        for n, (step, window) in enumerate(zip(steps, windows, strict=True))
    ]
    tables = [one.table for one in events]
    performed = [n for n, step in enumerate(steps) if step.performed]
    last = performed[-1]
    ends = [_ends(moment, steps[n + 1] if n < last else None) for n in performed]
    tables.append(
        f"r0 AS MATERIALIZED (SELECT n.t, n.until AS lasts{ends[0]} FROM s0 n WHERE counts)"
    )
    is_lasting = [all(one.is_lasting for one in events[: n + 1]) for n in performed]
    for n in performed[1:]:
        # The newest has the most before it, so where nothing follows it, it speaks for the others.
        is_newest = n == len(steps) - 1 and steps[n].within is None and events[n].is_lasting
        table = _reached(steps[n], n, ends[n], is_lasting=is_lasting[n], is_newest=is_newest)
        tables.append(table)
    came = [f"(SELECT min(until) FROM s{n} WHERE NOT counts)" for n in performed]
    if steps[-1].performed:
        truth, lasts = f"EXISTS (SELECT FROM r{last})", f"(SELECT max(lasts) FROM r{last})"
        if is_lasting[last]:
            lasts = INFINITY
    else:
        tables.append(_unanswered(moment, steps[-1], len(steps) - 1, last))
        truth = "EXISTS (SELECT FROM good)"
        lasts = "(SELECT max(lasts) FROM good)"
        clocked = f"(SELECT min(until) FROM s{len(steps) - 1} WHERE t <= {moment.now_sql})"
        lasts = f"LEAST({lasts}, {clocked})"
        came += [clocked, "(SELECT min(ripe) FROM waiting)"]
    # The tables are not even begun with where nobody needs the answer.
    row = moment.joins.add(f"""
        WITH {", ".join(tables)}
        SELECT CASE WHEN {moment.needed} THEN {truth} ELSE false END AS truth,
            COALESCE(
                CASE WHEN NOT ({moment.needed}) THEN NULL WHEN {truth} THEN {lasts}
                    ELSE LEAST({", ".join(came)}) END,
                {INFINITY}) AS until
        OFFSET 0""")
    return Fragment(f"{row}.truth", f"{row}.until")


def _events(
    moment: Moment,
    step: Step,
    window: Window,
    event_types: Mapping[str, EventTypeFacts],
    number: int,
    begins: str,
) -> _Events:
    """The events of one step, past and future, with their status; `begins`: what is before the window of
    the first step can be of no use to any."""
    inner = moment.inside()
    where = split_where(inner, step.where, event_types[step.event])
    place = window_sql(inner, window, TIME)
    order = None if where.moving else in_order(inner, window, place, TIME)
    if order is None:
        status = status_of(inner, [place.inside, *where.moving])
        counts, until = status.truth, status.until_or_never
    else:
        counts = order.has
        leaves = place.inside.until_or_never
        until = f"CASE WHEN {TIME} > {moment.now_sql} THEN {TIME} ELSE {leaves} END"
    table = f"""s{number} AS MATERIALIZED (
            SELECT {TIME} AS t, {counts} AS counts, {until} AS until
            {event_rows(inner, event_types[step.event])}{place.bounds or begins}{where.fixed_sql}
        )"""
    return _Events(table, is_lasting=place.inside.is_static and not where.moving)


def _ends(moment: Moment, next_step: Step | None) -> str:
    """A column: until when the next step may follow the event `n`; computed once for each event."""
    if next_step is None or next_step.within is None:
        return ""
    return f", {later(moment, 'n.t', next_step.within)} AS ends"


def _reached(step: Step, number: int, ends: str, *, is_lasting: bool, is_newest: bool) -> str:
    """The events of a step that follow one reached before, soon enough; or the newest of them.

    Written so that the truth needs one of them only, and not every pair of events. `lasts` does,
    unless nothing that counts ever ceases to: then any event before is as good as another.
    """
    before = "p.t < n.t"
    if step.within is not None:
        before += " AND n.t <= p.ends"
        follows = f"EXISTS (SELECT FROM r{number - 1} p WHERE {before})"
    else:
        follows = f"n.t > (SELECT min(t) FROM r{number - 1})"
    lasts = f"LEAST(n.until, (SELECT max(p.lasts) FROM r{number - 1} p WHERE {before}))"
    return f"""r{number} AS MATERIALIZED (
            SELECT n.t, {INFINITY if is_lasting else lasts} AS lasts{ends}
            FROM {f"(SELECT * FROM s{number} WHERE counts ORDER BY t DESC LIMIT 1)" if is_newest else f"s{number}"} n
            WHERE n.counts AND {follows}
        )"""


def _unanswered(moment: Moment, step: Step, number: int, last: int) -> str:
    """Chain ends that the step did not follow in time, and those that may still be followed."""
    assert step.within is not None  # noqa: S101 (parse has checked it; for mypy)
    ends = f"{later(moment, 'p.t', step.within)}"
    return f"""ends AS MATERIALIZED (SELECT p.t, p.lasts, {ends} AS ends_at FROM r{last} p),
        good AS MATERIALIZED (
            SELECT p.lasts FROM ends p
            WHERE p.ends_at < {moment.now_sql} AND NOT EXISTS (
                SELECT FROM s{number} n WHERE n.counts AND n.t > p.t AND n.t <= p.ends_at
            )
        ),
        waiting AS MATERIALIZED (
            SELECT p.ends_at + {TICK} AS ripe FROM ends p WHERE p.ends_at >= {moment.now_sql}
        )"""
