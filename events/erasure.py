"""Forgetting the events of contacts that are erased."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection


def erase_events(contact_ids: Sequence[int]) -> None:
    """Runs in the transaction that erases the contacts."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_event WHERE contact_id = ANY(%s)", [list(contact_ids)])
