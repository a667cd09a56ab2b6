"""Runs long statements that come again and again: parsed and planned once in a connection.

The text of an evaluation stays the same from one event to the next; only its parameters
move with the clock. Sent with parameters apart, PostgreSQL keeps it prepared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection
from psycopg.adapt import PyFormat, Transformer

from segmentflow.citus.here import is_spread
from segments.conditions.sql.fragment import Params

MOST_PLANS = 1_000
"""Kept in a connection; a hundred take some 20 MB there."""
Statement = tuple[str, Params]

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def fetch_each(
    statements: Sequence[Statement], *, longest_ms: int = 0
) -> list[list[tuple[Any, ...]]]:
    """The rows of each query, with named placeholders, `%(name)s`, and no other per cent sign.

    All are sent before the first answer is read, so nobody waits for the way there and back.
    `longest_ms`: the server gives up on a query that takes longer; only inside a transaction.
    """
    connection.ensure_connection()
    server = connection.connection
    server.prepared_max = MOST_PLANS
    with connection.wrap_database_errors, ExitStack() as cursors:
        asked = []
        with server.pipeline():
            if longest_ms:
                server.execute(f"SET LOCAL statement_timeout TO {longest_ms:d}")
            for sql, params in statements:
                text, names = _numbered(sql)
                cursor = cursors.enter_context(psycopg.RawCursor(server))
                cursor.execute(text, [params[name] for name in names], prepare=True, binary=True)
                asked.append(cursor)
            if longest_ms:
                server.execute("SET LOCAL statement_timeout TO DEFAULT")
        return [cursor.fetchall() for cursor in asked]


def as_sent(params: Params) -> Params:
    """The same values as text, for what is sent again and again: placeholders say their type, and
    an array of fifty times takes the driver longer than all else of a statement."""
    with connection.wrap_database_errors:
        return {name: _as_text(value) for name, value in params.items()}


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    dumped = Transformer().get_dumper(value, PyFormat.TEXT).dump(value)
    return None if dumped is None else bytes(dumped).decode()


def go_easy() -> None:
    """Until the commit, do not plan anew for each set of parameters, nor wait for the disc at its end.

    Contacts are always found by index: a plan made while the tables were small would read
    them whole for ever after. What a crash of the server takes back is taken back with the
    marks it came from, so it is done again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT set_config('plan_cache_mode', %s, true),
                set_config('enable_seqscan', 'off', true),
                set_config('synchronous_commit', 'off', true)
            """,
            # A cluster has to know the contacts to know where to ask.
            ["force_custom_plan" if is_spread() else "force_generic_plan"],
        )


@lru_cache(maxsize=2 * MOST_PLANS)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The same statement with placeholders as the server knows them, $1 and so on."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}"

    return PLACEHOLDER.sub(number, sql).encode(), tuple(numbers)
