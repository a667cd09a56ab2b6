"""Why a segment's size changed within a day: by what its contacts moved, and who edited it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import connection

MOST: Final = 500_000
"""Moves that are looked at; of more, the last ones."""


def causes_of(*, segment_id: int, since: datetime, moves: int) -> dict[str, Any]:
    return {
        "moves": _by_kind(segment_id, since, min(max(moves, 0), MOST)),
        "edits": _edits(segment_id, since),
    }


def _by_kind(segment_id: int, since: datetime, moves: int) -> dict[str, list[int]]:
    """How many entered and left, by the kind of the cause; `moves`: how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT cause ->> 'kind', count(*) FILTER (WHERE entered),
                count(*) FILTER (WHERE NOT entered)
            FROM (
                SELECT cause, entered, at FROM segments_transition
                WHERE segment_id = %s ORDER BY seq DESC LIMIT %s
            ) latest
            WHERE at >= %s
            GROUP BY 1
            """,
            [segment_id, moves, since],
        )
        return {kind or "": [entered, left] for kind, entered, left in cursor.fetchall()}


def _edits(segment_id: int, since: datetime) -> list[dict[str, Any]]:
    """The versions that members began to follow, the newest first, with who published them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.number, coalesce(
                nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username, ''
            ), r.ended_at
            FROM segments_rebuild r JOIN segments_segmentversion v ON v.id = r.version_id
            LEFT JOIN segmentflow_user u ON u.id = v.author_id
            WHERE r.segment_id = %s AND r.state = 'done' AND r.ended_at >= %s
                AND r.cause ->> 'kind' = 'definition'
            ORDER BY r.ended_at DESC
            LIMIT 10
            """,
            [segment_id, since],
        )
        return [
            {"version": number, "author": author, "at": at.isoformat()}
            for number, author, at in cursor.fetchall()
        ]
