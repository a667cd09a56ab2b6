"""Nobody has a session in the tests' database when it goes: whoever has is told by what they did last."""

from __future__ import annotations

import time
from typing import Final

from django.db import connection

PATIENCE: Final = 30
"""Seconds for sessions whose other end has gone: a busy machine takes a while to end them."""


def wait_until_all_have_left() -> None:
    """Fails with those that stay; PostgreSQL itself would only say how many they are."""
    deadline = time.monotonic() + PATIENCE
    while left := _others():
        assert time.monotonic() < deadline, "still in the database: " + "; ".join(left)
        time.sleep(0.1)
    connection.close()


def _others() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            """
            SELECT concat_ws(' ', pid, application_name, state, 'since', state_change, query)
            FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend'
                AND pid <> pg_backend_pid()
            """
        )
        return [told for (told,) in cursor.fetchall()]
