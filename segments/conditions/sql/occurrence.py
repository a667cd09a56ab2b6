"""The first or last event of a kind (docs/conditions.md, section 4)."""

from __future__ import annotations

from segments.conditions.nodes import Occurrence
from segments.conditions.sql.events import TIME, event_rows, status_of
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, Fragment, all_of
from segments.conditions.sql.moments import Moment
from segments.conditions.sql.values import iso_text
from segments.conditions.sql.where import split_where, where_sql
from segments.conditions.sql.windows import window_sql


def occurrence(moment: Moment, condition: Occurrence, event_type: EventTypeFacts) -> Fragment:
    """One event is chosen; what time does to its window and its attributes decides.

    Another one is chosen when a later event comes to exist, or when time changes which
    events satisfy `where`.
    """
    others = _others(moment.inside(), condition, event_type)
    picked = _picked(moment.inside(), condition, event_type)
    # Aggregates of one row or none, so that there is always one.
    row = moment.joins.add(f"""
        SELECT COALESCE(bool_or(picked.truth), false) AS truth, max(picked.at) AS at,
            LEAST(COALESCE(max(picked.until), {INFINITY}), {others}) AS until
        FROM ({picked}) picked
        OFFSET 0""")
    return Fragment(f"{row}.truth", f"{row}.until", iso_text(f"{row}.at"))


def _picked(moment: Moment, condition: Occurrence, event_type: EventTypeFacts) -> str:
    """The chosen event: its time, whether it will do, and until when that stays so."""
    where = split_where(moment, condition.where, event_type)
    chosen = "".join(f" AND {part.truth}" for part in (*where.fixed, *where.moving))
    way = "ASC" if condition.which == "first" else "DESC"
    # Of several at one instant any tells the time, which stands in the index.
    columns, order = TIME, f"{TIME} {way}"
    if condition.check is not None:
        columns, order = "e.*", f"{order}, e.message_id {way}"
    rows = f"""
                SELECT {columns}
                {event_rows(moment, event_type)} AND {TIME} <= {moment.now_sql}{chosen}
                ORDER BY {order}
                LIMIT 1"""
    of_it = moment.inside()
    status = of_it.joins.settled(_status(of_it, condition, event_type))
    return f"""
            SELECT {TIME} AS at, {status.truth} AS truth, {status.until_or_never} AS until
            FROM ({rows}) e {of_it.joins.sql}"""


def _others(moment: Moment, condition: Occurrence, event_type: EventTypeFacts) -> str:
    """When time may choose another event; NULL when never."""
    where = split_where(moment, condition.where, event_type)
    if where.moving:
        chosen = status_of(moment, where.moving)
        rows = f"{event_rows(moment, event_type)}{where.fixed_sql}"
        return f"(SELECT min({chosen.until_or_never}) {rows})"
    rows = f"{event_rows(moment, event_type)}{where.fixed_sql} AND {TIME} > {moment.now_sql}"
    coming = f"(SELECT min({TIME}) {rows})"
    if condition.which == "first":  # nothing that is still to come is earlier
        return f"CASE WHEN max(picked.at) IS NULL THEN {coming} END"
    return coming


def _status(moment: Moment, condition: Occurrence, event_type: EventTypeFacts) -> Fragment:
    parts = [window_sql(moment, condition.window, TIME).inside]
    if condition.check is not None:
        parts.append(where_sql(moment, condition.check, event_type))
    return all_of(parts)
