"""On a cluster: what it refuses to ask where contacts lie is asked of copies on the coordinator.

Events one after the other are told with tables of their own for each contact, which Citus cannot plan over
several machines, and so it is with a few other shapes; which they are is Citus' to say. The rows of the
contacts in question are copied for one transaction, and the statement is the same.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from segmentflow.citus.here import is_spread

SEVERAL: Final = list(range(1, 101))
"""Contacts of several machines: about one alone Citus would take anything."""
MOST_STATEMENTS: Final = 2_000
COLUMNS: Final = {
    "contacts_contact": ("id",),
    "contacts_consent": ("contact_id",),
    "events_event": ("contact_id", "type_id", "occurred_at"),
    "segments_membership": ("contact_id", "segment_id"),
    "segments_deadline": ("contact_id", "segment_id"),
}
"""By which the statements find rows; the contact first."""

_numbers = itertools.count(1)


_refused: dict[str, bool] = {}
"""By statement, as long as this process lives: its text is the same whoever is looked at."""


@contextmanager
def together(database: BaseDatabaseWrapper) -> Iterator[None]:
    """In one transaction on a cluster, where there may be copies; elsewhere nothing is begun for it."""
    if not is_spread() or _is_in_transaction(database):
        yield
        return
    with database.cursor() as cursor:
        cursor.execute("BEGIN")
    try:
        yield
    finally:
        if not database.needs_rollback and database.connection is not None:
            database.connection.rollback()


def _is_in_transaction(database: BaseDatabaseWrapper) -> bool:
    """One of Django's, or one that was begun by hand, whose snapshot others may be about to take over."""
    session = database.connection
    return database.in_atomic_block or (
        session is not None and session.info.transaction_status != TransactionStatus.IDLE
    )


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
    if not is_spread():
        return sql
    database = database or connection
    if not (always or _is_refused(sql, params, database)):
        return sql
    number = next(_numbers)
    with database.cursor() as cursor:
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


def is_apart(sql: str, params: Mapping[str, Any]) -> bool:
    """Whether a cluster refuses this statement."""
    return is_spread() and _is_refused(sql, params, connection)


def _is_refused(sql: str, params: Mapping[str, Any], database: BaseDatabaseWrapper) -> bool:
    """Asked once for each statement: Citus says so when it plans."""
    if sql not in _refused:
        if len(_refused) >= MOST_STATEMENTS:
            _refused.clear()
        _refused[sql] = _is_refused_now(sql, params, database)
    return _refused[sql]


def _is_refused_now(sql: str, params: Mapping[str, Any], database: BaseDatabaseWrapper) -> bool:
    """On a connection of its own: EXPLAIN has the coordinator speak to itself, and what the same transaction then
    changes in tables of the coordinator is changed there, where it does not see it. It may take as long as what
    it is asked for."""
    several = {name: SEVERAL if name == "ids" else value for name, value in params.items()}
    known = database.get_connection_params()
    with database.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (limit,) = cursor.fetchone()
    with (
        database.wrap_database_errors,
        psycopg.connect(**{**known, "autocommit": True}) as apart,
    ):
        apart.execute("SELECT set_config('statement_timeout', %s, false)", [limit])
        try:
            apart.execute(f"EXPLAIN {sql}", several)
        except psycopg.errors.FeatureNotSupported:
            return True
    return False
