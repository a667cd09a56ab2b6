"""Who would enter and leave a segment if a definition went live now; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segmentflow.limits import TooSlow, within
from segments.conditions.nodes import Group
from segments.conditions.sql.compiler import Compiled
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from segments.engine.near import near, together
from segments.engine.sampling import ask_some, everybody, scaled
from segments.models import Segment

LIMIT_MS = 3_000


@dataclass(frozen=True, slots=True)
class Moves:
    entering: int
    leaving: int
    staying: int
    is_exact: bool


def moves(group: Group, *, segment: Segment, now: datetime, limit_ms: int = LIMIT_MS) -> Moves:
    """Exactly when that takes no longer than the limit, else about. Raises TooSlow."""
    parts = compiled(group, facts=current_facts([group]), now=now)
    if limit_ms > 0:
        try:
            with within(limit_ms):
                entering, leaving, staying, _ = _ask(parts, segment)
                return Moves(entering, leaving, staying, is_exact=True)
        except TooSlow:
            pass
    contacts = everybody()
    *some, seen = ask_some(contacts, lambda ids: _ask(parts, segment, ids))
    entering, leaving, staying = (scaled(one, seen=seen, total=contacts.total) for one in some)
    return Moves(entering, leaving, staying, is_exact=False)


def _ask(parts: Compiled, segment: Segment, ids: list[int] | None = None) -> list[int]:
    """How many of these contacts or of all enter, leave and stay; and of the former, how many
    there are."""
    among = "true" if ids is None else "{} = ANY(%(ids)s::bigint[])"
    params = parts.params | {"ids": ids, "segment": segment.pk}
    sql = f"""
        WITH coming AS MATERIALIZED (
            SELECT c.id {parts.source}
            WHERE {among.format("c.id")} AND {parts.prefilter} AND {parts.answer.truth}
        ),
        stored AS MATERIALIZED (
            SELECT contact_id AS id FROM segments_membership
            WHERE segment_id = %(segment)s AND {among.format("contact_id")}
        )
        SELECT count(*) FILTER (WHERE stored.id IS NULL),
            count(*) FILTER (WHERE coming.id IS NULL),
            count(*) FILTER (WHERE coming.id = stored.id),
            (SELECT count(*) FROM contacts_contact WHERE id = ANY(%(ids)s::bigint[]))
        FROM coming FULL JOIN stored USING (id)
        """
    with together(connection), connection.cursor() as cursor:
        cursor.execute(near(sql, only=among.format("c.id"), params=params), params)
        return list(cursor.fetchone())
