"""Sequences for many contacts at once: the events of all steps in order, gone through step by step."""

from __future__ import annotations

from collections.abc import Sequence

from segments.conditions.nodes import Step
from segments.conditions.sql.grouped import Counting, rows_of
from segments.conditions.sql.moments import Moment
from segments.conditions.sql.sequence import plus

IN_ORDER = (
    "PARTITION BY contact_id ORDER BY t {way} GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
)
EARLIER, LATER = IN_ORDER.format(way="ASC"), IN_ORDER.format(way="DESC")
"""Events at the same instant are neither."""


def chain(moment: Moment, steps: Sequence[Step], counting: Sequence[Counting]) -> str:
    """Rows `e` with a `contact_id`, one at least for each contact who has gone through the steps.

    An event reaches a step when it is one of its events, and comes soon enough after some event
    that has reached the step before: no later than the latest end of any such event's time.
    """
    columns = "".join(f", ({one.sql}) AS r{number}" for number, one in enumerate(counting))
    rows = f"""
        SELECT e.contact_id, e.occurred_at AS t{columns}
        FROM {rows_of(counting)}"""
    last = len(steps) - 1 if steps[-1].performed else len(steps) - 2
    others = [f"r{number}" for number in range(len(steps))]
    for number in range(1, last + 1):
        step, before = steps[number], f"r{number - 1}"
        ends = plus(moment, "t", step.within) if step.within else "t"
        soon = "t <= ends" if step.within else "ends IS NOT NULL"
        kept = ", ".join(other for other in others if other != f"r{number}")
        rows = f"""
        SELECT contact_id, t, {kept}, r{number} AND {soon} AS r{number}
        FROM (
            SELECT *, max({ends}) FILTER (WHERE {before}) OVER ({EARLIER}) AS ends FROM ({rows}) e
        ) e"""
    if last == len(steps) - 1:
        return f"({rows}) e WHERE r{last}"
    return f"({_unanswered(moment, steps[-1], len(steps) - 1, rows)}) e"


def _unanswered(moment: Moment, step: Step, number: int, rows: str) -> str:
    """Those whose time to be followed is over, and was not used."""
    assert step.within is not None  # noqa: S101 (parse has checked it; for mypy)
    ends = plus(moment, "t", step.within)
    return f"""
        SELECT contact_id
        FROM (
            SELECT *, min(t) FILTER (WHERE r{number}) OVER ({LATER}) AS next FROM ({rows}) e
        ) e
        WHERE r{number - 1} AND {ends} < {moment.now_sql} AND (next IS NULL OR next > {ends})"""
