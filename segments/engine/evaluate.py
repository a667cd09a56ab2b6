"""What is true now, and where that differs from what is stored. Reads only; see store.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from segments.conditions.nodes import Group
from segments.conditions.sql.compiler import Compiled, Compiler, compile_group
from segments.conditions.sql.facts import Facts
from segments.conditions.sql.fragment import Params
from segments.engine.facts import Definition
from segments.engine.prepared import fetch


class Difference(NamedTuple):
    """One contact and one segment whose stored membership or deadline has to change."""

    contact_id: int
    segment_id: int
    was_member: bool
    is_member: bool
    due_at: datetime | None
    """The deadline stored."""
    until: datetime | None
    """The deadline that is right."""


def compiled(group: Group, *, facts: Facts, now: datetime) -> Compiled:
    return compile_group(group, facts=facts, now=now)


def differences(
    definitions: Sequence[Definition],
    *,
    facts: Facts,
    contact_ids: Collection[int],
    now: datetime,
) -> list[Difference]:
    """Evaluate some contacts in some segments, in one statement, against what is stored.

    A stored deadline that is too early is no difference: it costs one look when it comes.
    """
    answers, params = _answers(definitions, facts=facts, now=now)
    params |= {
        "ids": list(contact_ids),
        "segments": [definition.segment_id for definition in definitions],
        "now": now,
    }
    rows = fetch(
        f"""
        WITH answer AS MATERIALIZED ({answers}),
        stored AS (
            SELECT contact_id, segment_id, bool_or(listed) AS listed, max(due_at) AS due_at
            FROM (
                SELECT contact_id, segment_id, true AS listed, NULL::timestamptz AS due_at
                FROM segments_membership
                WHERE contact_id = ANY(%(ids)s::bigint[]) AND segment_id = ANY(%(segments)s::bigint[])
                UNION ALL
                SELECT contact_id, segment_id, false, due_at
                FROM segments_deadline
                WHERE contact_id = ANY(%(ids)s::bigint[]) AND segment_id = ANY(%(segments)s::bigint[])
            ) rows
            GROUP BY contact_id, segment_id
        )
        SELECT contact_id, segment_id, COALESCE(stored.listed, false),
            COALESCE(answer.truth, false), stored.due_at, answer.until
        FROM stored FULL JOIN answer USING (contact_id, segment_id)
        WHERE COALESCE(stored.listed, false) <> COALESCE(answer.truth, false)
            OR stored.due_at <= %(now)s::timestamptz
            OR COALESCE(answer.until, 'infinity') < COALESCE(stored.due_at, 'infinity')
        """,
        params,
    )
    return [*map(Difference._make, rows)]


def _answers(
    definitions: Sequence[Definition], *, facts: Facts, now: datetime
) -> tuple[str, Params]:
    """A query (contact_id, segment_id, truth, until); conditions in common are computed once."""
    compiler = Compiler(facts=facts, now=now)
    answers = [compiler.fragment(definition.group) for definition in definitions]
    parts = compiler.compiled(answers[0])
    rows = ", ".join(
        f"({definition.segment_id:d}::bigint, {answer.truth}, {answer.due})"
        for definition, answer in zip(definitions, answers, strict=True)
    )
    sql = f"""
            SELECT c.id AS contact_id, a.segment_id, a.truth, NULLIF(a.until, 'infinity') AS until
            {parts.source}
            CROSS JOIN LATERAL (VALUES {rows}) AS a (segment_id, truth, until)
            WHERE c.id = ANY(%(ids)s::bigint[]) AND (a.truth OR a.until < 'infinity')"""
    return sql, parts.params
