"""What went wrong with what the installation is there for: segments, webhooks, files.

Asked in SQL, for this stands below the apps whose tables they are.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

FAILING_MINUTES: Final = 10
"""A receiver that is being restarted is nobody's trouble."""


def failed_segments() -> int:
    """Live ones whose newest rebuild failed."""
    return _number(
        """
        SELECT count(*) FROM segments_segment s
        CROSS JOIN LATERAL (
            SELECT state FROM segments_rebuild r
            WHERE r.segment_id = s.id ORDER BY r.id DESC LIMIT 1
        ) newest
        WHERE s.status = 'live' AND newest.state = 'failed'
        """
    )


def failing_webhooks() -> list[str]:
    """The names of those whose receivers have taken nothing for a while, or want no more."""
    return _names(
        """
        SELECT name FROM outbound_webhook
        WHERE paused_at IS NULL AND (
            ended_at IS NOT NULL
            OR troubled_since < clock_timestamp() - make_interval(mins => %s)
        )
        ORDER BY name
        """,
        [FAILING_MINUTES],
    )


def failing_exports() -> list[str]:
    """The names of those whose last file could not be written or sent."""
    return _names(
        """
        SELECT e.name FROM outbound_export e
        CROSS JOIN LATERAL (
            SELECT state FROM outbound_exportrun r
            WHERE r.export_id = e.id AND r.state IN ('done', 'failed')
            ORDER BY r.id DESC LIMIT 1
        ) newest
        WHERE NOT e.is_paused AND newest.state = 'failed'
        ORDER BY e.name
        """
    )


def _number(text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(text)
        number: int = cursor.fetchone()[0]
        return number


def _names(text: str, params: list[int] | None = None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return [name for (name,) in cursor.fetchall()]
