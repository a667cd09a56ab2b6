"""Empties the database after a test that committed: what Django's flush does, without touching empty tables.

Django truncates every table, which makes as many files anew as there are tables and indexes, and then
grants all rights again. Few tests leave rows in more than ten.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.management import call_command
from django.db import connection, transaction

SMALL: Final = 1 << 20
"""Bytes of a table, dead rows included, that are deleted row by row."""


class Emptier:
    """Of one database. Django's own flush is the first, and whenever there is more to do."""

    def __init__(self) -> None:
        self._standing: dict[str, str] | None = None
        """Tables that are not empty after a flush, such as those of rights, and what is in them."""
        self._tables: list[str] = []

    def empty(self) -> None:
        if self._standing is None or not self._is_emptied(self._standing):
            # With sequences that go on: the engine knows versions of segments by their ids.
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            self._tables = sorted(connection.introspection.django_table_names(only_existing=True))
            self._standing = fingerprints(list(sizes(self._tables)))

    def _is_emptied(self, standing: dict[str, str]) -> bool:
        with transaction.atomic():
            # As truncating would: whatever a server still has under way is waited for.
            _execute(f"LOCK TABLE {', '.join(self._tables)} IN ACCESS EXCLUSIVE MODE")
            found = sizes(self._tables)
            extra = {table: size for table, size in found.items() if table not in standing}
            if fingerprints(list(standing)) != standing or any(s > SMALL for s in extra.values()):
                return False
            if extra and _may_pass_over_references():
                _execute("SET LOCAL session_replication_role = replica")
            _execute("SET LOCAL segmentflow.forgets_audit = on")
            for table in extra:
                _execute(f"DELETE FROM {table}")
        return True


def sizes(tables: list[str]) -> dict[str, int]:
    """Of those that have rows."""
    return dict(
        _execute(
            " UNION ALL ".join(
                f"SELECT '{table}', pg_relation_size('{table}') WHERE EXISTS (SELECT FROM {table})"
                for table in tables
            )
        )
    )


def fingerprints(tables: list[str]) -> dict[str, str]:
    """They change with each row that is stored, changed or deleted."""
    if not tables:
        return {}
    return dict(
        _execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(string_agg(concat(ctid, xmin), ',' ORDER BY ctid)) FROM {table}"
                for table in tables
            )
        )
    )


def _may_pass_over_references() -> bool:
    [(may,)] = _execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    return bool(may)


def _execute(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []
