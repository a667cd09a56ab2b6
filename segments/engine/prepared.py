"""Runs long statements that come again and again: parsed and planned once in a connection.

The text of an evaluation stays the same from one event to the next; only its parameters
move with the clock. Sent with parameters apart, PostgreSQL keeps it prepared.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection

from segments.conditions.sql.fragment import Params

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def fetch(sql: str, params: Params) -> list[tuple[Any, ...]]:
    """The rows of a query with named placeholders, `%(name)s`, and no other per cent sign."""
    text, names = _numbered(sql)
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(text, [params[name] for name in names], prepare=True)
        return cursor.fetchall()


def keep_plans() -> None:
    """Until the commit, do not plan anew for each set of parameters.

    Contacts are always found by index: a plan made while the tables were small would read
    them whole for ever after.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
                set_config('enable_seqscan', 'off', true)
            """
        )


@lru_cache(maxsize=256)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The same statement with placeholders as the server knows them, $1 and so on."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}"

    return PLACEHOLDER.sub(number, sql).encode(), tuple(numbers)
