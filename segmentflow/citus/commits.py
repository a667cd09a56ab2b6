"""A commit on a cluster is seen on the coordinator a moment before it is seen on the workers.

Citus has them prepare, commits on the coordinator, and then tells the workers to commit. In between, rows of
the coordinator show what was done, and locks on them are free, while rows of the workers are as before. Only locks of
sessions and transactions (pg_locks) end after all of it. docs/decisions/0040-commits-are-waited-for.md
"""

from __future__ import annotations

import time
from typing import Final

from django.db import OperationalError, connection

from segmentflow.citus.here import is_spread

PATIENCE: Final = 30.0
"""Seconds; a machine that does not answer holds up everybody else who needs it as well."""
PAUSE: Final = 0.001

Committing = set[tuple[int, str]]
"""Process and transaction."""


def wait_for_commits() -> None:
    """Return when all that is seen of others on the coordinator can be seen on the workers, too.

    To be called between finding or locking rows of the coordinator and reading those of contacts. Waits for those
    only who are committing at its beginning. Raises OperationalError when they do not come to an end.
    """
    if not is_spread():
        return
    deadline = time.monotonic() + PATIENCE
    awaited = _committing()
    while awaited:
        if time.monotonic() > deadline:
            raise OperationalError(
                f"What others committed has not reached every machine of the cluster within {PATIENCE:.0f} s."
            )
        time.sleep(PAUSE)
        awaited &= _committing()


def _committing() -> Committing:
    """They have no transaction any more, as others see it, but still the lock that stands for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            """
            SELECT l.pid, l.transactionid::text
            FROM pg_locks l
            JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
                AND a.backend_xid IS NULL AND a.pid <> pg_backend_pid()
            """
        )
        return set(cursor.fetchall())
