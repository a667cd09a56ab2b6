"""Statements of the contenders: live segments compiled as the product compiles them.

They get the same conditions and indexes, plans that are kept, and one `now`; what they do with
them is theirs (contenders.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

IDS = "ids"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Statement:
    segment_id: int
    sql: str
    """(contact_id, truth, until), with named placeholders."""
    params: dict[str, Any]


def statements(*, of_contacts: bool) -> list[Statement]:
    """One for each live segment, of the contacts in the parameter `ids` or of everybody."""
    from segmentflow.clock import current_time
    from segments.engine.affected import targets
    from segments.engine.evaluate import compiled
    from segments.engine.facts import current_facts, load_definitions

    now = current_time()
    live = [target.version_id for target in targets() if target.rebuild_id is None]
    only = f"c.id = ANY(%({IDS})s::bigint[])" if of_contacts else "true"
    made = []
    for definition in load_definitions(live).values():
        parts = compiled(definition.group, facts=current_facts([definition.group]), now=now)
        made.append(Statement(definition.segment_id, parts.rows(only=only), dict(parts.params)))
    return made


@dataclass(frozen=True, slots=True)
class Prepared:
    """As the server knows it: placeholders $1 and so on, and the values that stay."""

    sql: bytes
    names: tuple[str, ...]
    params: dict[str, Any]

    def run(
        self, cursor: psycopg.RawCursor[Any], *, stays: bool = True, **changing: Any
    ) -> list[tuple[Any, ...]]:
        """`stays`: planned once for a connection, or else each time."""
        values = self.params | changing
        cursor.execute(self.sql, [values[name] for name in self.names], prepare=stays)
        return cursor.fetchall()


def prepared(sql: str, params: dict[str, Any]) -> Prepared:
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}"

    text = PLACEHOLDER.sub(number, sql).encode()
    return Prepared(text, tuple(numbers), params)


def all_in_one(parts: list[Statement]) -> Prepared:
    """UNION ALL of all segments: (segment_id, contact_id) of those who are in."""
    selects: list[str] = []
    params: dict[str, Any] = {}
    for part in parts:
        prefix = f"s{part.segment_id}_"

        def renamed(found: re.Match[str], prefix: str = prefix) -> str:
            return found[0] if found[1] == IDS else f"%({prefix}{found[1]})s"

        sql = PLACEHOLDER.sub(renamed, part.sql)
        selects.append(f"SELECT {part.segment_id}, contact_id FROM ({sql}) r WHERE truth")
        params |= {prefix + name: value for name, value in part.params.items()}
    return prepared("\nUNION ALL\n".join(selects), params)


@contextmanager
def connected() -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own, set as the product sets those that follow changes."""
    from django.db import connections

    settings = connections.settings["default"]
    with psycopg.connect(
        dbname=settings["NAME"],
        user=settings["USER"],
        host=settings["OPTIONS"]["host"],
        options="-c jit=off",
        autocommit=True,
    ) as connection:
        connection.prepared_max = 1_000
        yield connection


def keep_plans(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.execute("SET enable_seqscan = off")
