"""What two databases are compared by: every table, row by row."""

from __future__ import annotations

from typing import Any

import psycopg

TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
SUM = """
    SELECT count(*), coalesce(sum(hashtextextended(one::text, 0)::numeric), 0)
    FROM public."{name}" AS one
"""


def fingerprints(url: str) -> dict[str, tuple[Any, ...]]:
    """How many rows each table has, and a sum that any other row or value would change."""
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        names = [name for (name,) in connection.execute(TABLES)]
        return {name: connection.execute(SUM.format(name=name)).fetchall()[0] for name in names}


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return sorted({name for name, _ in one.items() ^ other.items()})
