"""On a cluster: what it refuses to ask where contacts lie is asked of copies on the coordinator.

Events one after the other are told with tables of their own for each contact, which Citus cannot plan over
several machines. The rows of the contacts in question are copied for one transaction, and the statement is the same.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from segmentflow.citus.here import is_spread

REFUSED: Final = "WITH s0 AS MATERIALIZED"
"""As segments/conditions/sql/sequence.py begins."""
COLUMNS: Final = {
    "contacts_contact": ("id",),
    "contacts_consent": ("contact_id",),
    "events_event": ("contact_id", "type_id", "occurred_at"),
    "segments_membership": ("contact_id", "segment_id"),
    "segments_deadline": ("contact_id", "segment_id"),
}
"""By which the statements find rows; the contact first."""

_numbers = itertools.count(1)


@contextmanager
def together(database: BaseDatabaseWrapper) -> Iterator[None]:
    """In one transaction on a cluster, where there may be copies; elsewhere nothing is begun for it."""
    if not is_spread() or database.in_atomic_block:
        yield
        return
    with database.cursor() as cursor:
        cursor.execute("BEGIN")
    try:
        yield
    finally:
        if not database.needs_rollback and database.connection is not None:
            database.connection.rollback()


def near(
    sql: str,
    *,
    only: str,
    params: Mapping[str, Any],
    database: BaseDatabaseWrapper | None = None,
    always: bool = False,
) -> str:
    """The same statement, or the one to ask in its place within this transaction.

    `only` says of which contacts, c.id, rows are needed; `always`: it joins them with tables of the coordinator.
    """
    if not is_spread() or not (always or REFUSED in sql):
        return sql
    number = next(_numbers)
    with (database or connection).cursor() as cursor:
        for table, columns in COLUMNS.items():
            if re.search(rf"\b{table}\b", sql) is None:
                continue
            copy = f"near_{number}_{table}"
            theirs = re.sub(r"\bc\.id\b", f"c.{columns[0]}", only)
            cursor.execute(
                f"CREATE TEMP TABLE {copy} ON COMMIT DROP AS SELECT * FROM {table} c WHERE {theirs}",
                params,
            )
            cursor.execute(f"CREATE INDEX ON {copy} ({', '.join(columns)})")
            sql = re.sub(rf"\b{table}\b", copy, sql)
    return sql
