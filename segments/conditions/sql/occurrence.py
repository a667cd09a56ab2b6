"""The first or last event of a kind (docs/conditions.md, section 4)."""

from __future__ import annotations

from segments.conditions.nodes import Occurrence
from segments.conditions.sql.events import TIME, event_rows
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import INFINITY, Fragment, Joins, all_of
from segments.conditions.sql.moments import Moment
from segments.conditions.sql.where import split_where, where_sql
from segments.conditions.sql.windows import window_sql


def occurrence(
    moment: Moment, joins: Joins, condition: Occurrence, event_type: EventTypeFacts
) -> Fragment:
    """One event is chosen; what time does to its window and its attributes decides.

    Another one is chosen when a later event comes to exist, or when time changes which
    events satisfy `where`.
    """
    where = split_where(moment, condition.where)
    fixed = f"{event_rows(event_type)}{where.fixed_sql}"
    now = moment.now_sql
    rows = f"{fixed} AND {TIME} <= {now}"
    if where.moving:
        chosen = all_of(where.moving)
        rows += f" AND {chosen.truth}"
        others = (
            f"(SELECT min(LEAST({chosen.until}, CASE WHEN {TIME} > {now} THEN {TIME} END)) {fixed})"
        )
    else:
        others = f"(SELECT min({TIME}) {fixed} AND {TIME} > {now})"
    way = "ASC" if condition.which == "first" else "DESC"
    status = _status(moment, condition)
    picked = f"""
            SELECT {TIME} AS at, {status.truth} AS truth, {status.until_or_never} AS until
            {rows}
            ORDER BY {TIME} {way}, e.message_id {way}
            LIMIT 1"""
    settled = condition.which == "first" and not where.moving
    if settled:  # nothing that is still to come is earlier
        others = f"CASE WHEN picked.at IS NULL THEN {others} END"
    row = joins.add(f"""
        SELECT COALESCE(picked.truth, false) AS truth, picked.at,
            LEAST(COALESCE(picked.until, {INFINITY}), {others}) AS until
        FROM (VALUES (1)) AS one LEFT JOIN LATERAL ({picked}) picked ON true
        OFFSET 0""")
    return Fragment(f"{row}.truth", f"{row}.until", f"{row}.at::text")


def _status(moment: Moment, condition: Occurrence) -> Fragment:
    parts = [window_sql(moment, condition.window, TIME).inside]
    if condition.check is not None:
        parts.append(where_sql(moment, condition.check))
    return all_of(parts)
