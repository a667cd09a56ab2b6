"""Several machines, or several `manage.py up` on one, that share a database.

Each start has a name of its own, made of the fingerprint of its secret key and of something random.
The sign of life that its workers give every two seconds is kept under that name (wakeups.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Final

from django.db import connection
from django.utils.crypto import salted_hmac

PRINT_LENGTH: Final = 6
ALIVE_SECONDS: Final = 10
FORGOTTEN_DAYS: Final = 1


class AnotherKey(Exception):
    """A machine that works on this database has another secret key."""


def fingerprint(key: str) -> str:
    return salted_hmac("segmentflow.machines", "fingerprint", secret=key).hexdigest()[:PRINT_LENGTH]


def name_for(key: str) -> str:
    """For a start with that secret key."""
    return fingerprint(key) + secrets.token_hex(3)


def names_alive() -> list[str]:
    """Of the machines whose workers gave a sign of life a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT split_part(name, '@', 2) FROM segmentflow_wakeup
            WHERE name LIKE '%%@%%' AND begun_at > clock_timestamp() - make_interval(secs => %s)
            ORDER BY name
            """,
            [ALIVE_SECONDS],
        )
        return [name for (name,) in cursor.fetchall()]


def check_key(keys: Collection[str]) -> None:
    """Raise AnotherKey unless those at work have one of these: ours, and those it replaces."""
    known = {fingerprint(key) for key in keys}
    if any(name[:PRINT_LENGTH] not in known for name in names_alive()):
        raise AnotherKey(
            "Another machine works on this database with another secret key, so people would be"
            " signed out and links of messages would lead nowhere. Set the same SECRET_KEY on all"
            f" machines. If it was stopped a moment ago, wait {ALIVE_SECONDS} seconds."
        )


def forget_gone() -> None:
    """What is left of machines that have been silent for long."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM segmentflow_wakeup
            WHERE name LIKE '%%@%%'
                AND greatest(asked_at, begun_at) < clock_timestamp() - make_interval(days => %s)
            """,
            [FORGOTTEN_DAYS],
        )
        cursor.execute(
            """
            DELETE FROM django_q_ormq task
            WHERE key LIKE '%@%' AND NOT EXISTS (
                SELECT FROM segmentflow_wakeup asked
                WHERE split_part(asked.name, '@', 2) = split_part(task.key, '@', 2)
            )
            """
        )
