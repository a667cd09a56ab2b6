"""Forgetting the events of contacts that are erased."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from segmentflow.models import TallySubject
from segmentflow.tallies import add_many


def erase_events(contact_ids: Sequence[int]) -> None:
    """Runs in the transaction that erases the contacts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM events_event WHERE contact_id = ANY(%s) RETURNING type_id, occurred_at",
            [list(contact_ids)],
        )
        add_many((TallySubject.EVENTS, type_id, at, -1) for type_id, at in cursor.fetchall())
