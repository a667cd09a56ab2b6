"""How far behind the engine is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segments.engine.deadlines import NOT_MET


@dataclass(frozen=True, slots=True)
class EngineStatus:
    pending_contacts: int
    oldest_pending_ms: int
    """0 when nothing is pending."""
    overdue_deadlines: int


def status(*, now: datetime) -> EngineStatus:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT
                (SELECT count(DISTINCT contact_id) FROM contacts_pendingmark),
                (SELECT min(created_at) FROM contacts_pendingmark),
                (SELECT count(*) FROM segments_deadline WHERE {NOT_MET} AND due_at <= %s)
            """,
            [now],
        )
        contacts, oldest, overdue = cursor.fetchone()
    waited = (now - oldest).total_seconds() if oldest else 0
    return EngineStatus(contacts, max(0, round(waited * 1000)), overdue)
