"""The statement that evaluates one segment for some contacts: written once, and kept while it is right.

Its text depends on the definition, on what that refers to, and hardly ever on the clock: to write
it costs more than PostgreSQL needs to run it for a contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
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
DEADLINE: Final = """
        LEFT JOIN LATERAL (
            SELECT d.due_at FROM segments_deadline d
            WHERE d.contact_id = seen.contact_id AND d.segment_id = %(segment)s::bigint
                AND (seen.until IS NOT NULL OR seen.is_due)
            OFFSET 0
        ) stored ON true"""
"""Looked up for those alone who may need another one: most have none, and are to have none."""
DEADLINES: Final = """
        LEFT JOIN (
            SELECT contact_id, due_at FROM segments_deadline
            WHERE contact_id = ANY(%(ids)s::bigint[]) AND segment_id = %(segment)s::bigint
        ) stored USING (contact_id)"""
"""On a cluster, which cannot be asked by the row."""
MOST_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A segment and the contacts to evaluate in it, with what is known of them already."""

    definition: Definition
    contact_ids: Set[int]
    members: Set[int] = frozenset()
    """Of the segment: all of them among these contacts, perhaps others too."""
    are_due: bool = False
    """Whether a stored deadline of each has come."""


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


def statement(asked: Asked, *, facts: Facts, now: datetime) -> Statement:
    """It answers where what is true now differs from what is stored, as columns of
    evaluate.Difference without the segment; and in one more row without a contact how long it took."""
    definition = asked.definition
    kept = _kept.get(definition.version_id)
    if kept is None or not kept.is_right(definition.group, facts, now=now):
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[definition.version_id] = _written(definition.group, facts=facts, now=now)
    ids = numbers(asked.contact_ids)
    params = kept.fixed | kept.steady.params_at(now)
    params |= {
        "ids": ids,
        "members": numbers(asked.members & asked.contact_ids),
        "due": ids if asked.are_due else "{}",
        "segment": definition.segment_id,
        "now": now,
    }
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
        known AS (
            SELECT contact_id, bool_or(is_member) AS is_member, bool_or(NOT is_member) AS is_due
            FROM (
                SELECT unnest(%(members)s::bigint[]) AS contact_id, true AS is_member
                UNION ALL
                SELECT unnest(%(due)s::bigint[]), false
            ) rows
            GROUP BY contact_id
        ),
        seen AS (
            SELECT contact_id, COALESCE(known.is_member, false) AS was_member,
                COALESCE(answer.truth, false) AS is_member, COALESCE(known.is_due, false) AS is_due,
                answer.until
            FROM known FULL JOIN answer USING (contact_id)
        )
        SELECT seen.contact_id, seen.was_member, seen.is_member, stored.due_at, seen.until
        FROM seen {DEADLINES if is_spread() else DEADLINE}
        WHERE seen.was_member <> seen.is_member
            OR stored.due_at <= %(now)s::timestamptz
            OR COALESCE(seen.until, 'infinity') < COALESCE(stored.due_at, 'infinity')
        {"" if is_spread() else TOOK}
        """
