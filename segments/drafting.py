"""Drafts that name a field, an event type or a segment, in the builder or outside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from segments.conditions.edit import without_ids

_MEMBERS = {"field": "field", "event": "event", "segment": "segment"}
"""Where a condition has the name."""


class DraftNaming(NamedTuple):
    """A segment whose draft names something."""

    ref: str
    key: str
    name: str
    definition: Any
    """Not always complete."""


def drafts_naming(kind: str, refs: Sequence[str]) -> list[DraftNaming]:
    """By name of the segment; those in the archive are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT wanted.ref, s.key, s.name, shown.tree::text
            FROM segments_segment s
            LEFT JOIN segments_draft d ON d.segment_id = s.id
            LEFT JOIN segments_draftstep step ON step.draft_id = d.id AND step.number = d.position
            CROSS JOIN LATERAL (SELECT COALESCE(step.tree, s.draft) AS tree) shown
            JOIN unnest(%s::text[]) AS wanted (ref) ON jsonb_path_exists(
                shown.tree, '$.** ? (@.{_MEMBERS[kind]} == $ref)', jsonb_build_object('ref', wanted.ref)
            )
            WHERE s.status <> 'archived'
            ORDER BY s.name, s.key
            """,
            [list(refs)],
        )
        return [
            DraftNaming(ref, key, name, without_ids(json.loads(tree, parse_float=Decimal)))
            for ref, key, name, tree in cursor.fetchall()
        ]
