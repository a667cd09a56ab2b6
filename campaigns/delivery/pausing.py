"""Pauses everything at once: before a restored backup goes on, or when something is wrong."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection, transaction


class Paused(NamedTuple):
    pk: int
    name: str
    was: str
    """Its status before."""


@transaction.atomic
def pause_all() -> list[Paused]:
    """Campaigns that send, or would begin to by themselves; one after the other they can be gone on with.

    In words of its own, because the tables of a backup may be of an older version than the models.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('campaigns_campaign') IS NULL")
        if cursor.fetchone()[0]:
            return []
        cursor.execute(
            """
            WITH going AS (
                SELECT id, name, status FROM campaigns_campaign
                WHERE status IN ('scheduled', 'sending', 'live')
                ORDER BY id
                FOR UPDATE
            ), paused AS (
                UPDATE campaigns_campaign c SET status = 'paused' FROM going WHERE c.id = going.id
            )
            SELECT id, name, status FROM going ORDER BY id
            """
        )
        return [Paused(*row) for row in cursor.fetchall()]
