"""The statement that evaluates one segment for some contacts: written once, and kept while it is right.

Its text depends on the definition, on what that refers to, and hardly ever on the clock: to write
it costs more than PostgreSQL needs to run it for a contact.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from segmentflow.arrays import numbers
from segmentflow.citus.here import is_spread
from segments.conditions.nodes import Group
from segments.conditions.sql.compiler import Compiled
from segments.conditions.sql.facts import Facts
from segments.conditions.sql.fragment import Params, Steady
from segments.conditions.sql.shortcut import compile_group
from segments.engine.facts import Definition, meant
from segments.engine.near import near
from segments.engine.prepared import Statement, as_sent

THESE: Final = "c.id = ANY(%(ids)s::bigint[])"
TOOK: Final = """
        UNION ALL
        SELECT NULL, NULL, NULL, statement_timestamp(), clock_timestamp()
"""
"""One more row: when the server began, and when it got there. A cluster would move rows for it."""
MOST_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement, with all it was made from."""

    sql: str
    fixed: Params
    """The parameters that stay the same, as they are sent."""
    steady: Steady
    group: Group
    facts: Facts
    meant: Mapping[str, Group | int]
    """What it refers to, also through others."""

    def is_right(self, group: Group, facts: Facts, *, now: datetime) -> bool:
        return (
            self.group is group
            # These are the same object for as long as they are the same (facts.py).
            and self.facts.event_types is facts.event_types
            and self.facts.zone == facts.zone
            and self.facts.is_spread == facts.is_spread
            and all(_is_same(tree, facts.segments.get(key)) for key, tree in self.meant.items())
            and self.steady.includes(now)
        )


_kept: dict[int, Kept] = {}
"""By version."""


def statement(
    definition: Definition, *, facts: Facts, contact_ids: Collection[int], now: datetime
) -> Statement:
    """It answers where what is true now differs from what is stored, as columns of
    evaluate.Difference without the segment; and in one more row without a contact how long it took."""
    kept = _kept.get(definition.version_id)
    if kept is None or not kept.is_right(definition.group, facts, now=now):
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[definition.version_id] = _written(definition.group, facts=facts, now=now)
    params = kept.fixed | kept.steady.params_at(now)
    params |= {"ids": numbers(contact_ids), "segment": definition.segment_id, "now": now}
    return near(kept.sql, only=THESE, params=params), params


def _is_same(one: Group | int, other: Group | int | None) -> bool:
    return one is other or (isinstance(one, int) and one == other)


def _written(group: Group, *, facts: Facts, now: datetime) -> Kept:
    parts = compile_group(group, facts=facts, now=now)
    moving = parts.steady.behind
    fixed = {name: value for name, value in parts.params.items() if name not in moving}
    return Kept(
        _sql(parts), as_sent(fixed), parts.steady, group, facts, meant(group, facts.segments)
    )


def _sql(parts: Compiled) -> str:
    return f"""
        WITH answer AS MATERIALIZED ({parts.rows(only=THESE)}),
        stored AS (
            SELECT contact_id, bool_or(listed) AS listed, max(due_at) AS due_at
            FROM (
                SELECT contact_id, true AS listed, NULL::timestamptz AS due_at
                FROM segments_membership
                WHERE contact_id = ANY(%(ids)s::bigint[]) AND segment_id = %(segment)s::bigint
                UNION ALL
                SELECT contact_id, false, due_at
                FROM segments_deadline
                WHERE contact_id = ANY(%(ids)s::bigint[]) AND segment_id = %(segment)s::bigint
            ) rows
            GROUP BY contact_id
        )
        SELECT contact_id, COALESCE(stored.listed, false), COALESCE(answer.truth, false),
            stored.due_at, answer.until
        FROM stored FULL JOIN answer USING (contact_id)
        WHERE COALESCE(stored.listed, false) <> COALESCE(answer.truth, false)
            OR stored.due_at <= %(now)s::timestamptz
            OR COALESCE(answer.until, 'infinity') < COALESCE(stored.due_at, 'infinity')
        {"" if is_spread() else TOOK}
        """
