"""What would be refused, found before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from segmentflow.citus.tables import BY, CONTACTS, Plan

NO_EXTENSION = (
    "This database has no extension citus. Its administrator installs Citus on every machine of the"
    " cluster, makes the database there, and runs CREATE EXTENSION citus in it (docs/scale.md)."
)
NO_COORDINATOR = (
    "The cluster does not know where its coordinator is:"
    " SELECT citus_set_coordinator_host('address of this server', 5432)."
)
NO_WORKERS = (
    "The cluster has no machine for the rows of contacts:"
    " SELECT citus_add_node('address', 5432) for each worker."
)


def problems(plan: Plan) -> list[str]:
    """Sentences; empty: it can be done."""
    version = extension()
    if version is None:
        return [NO_EXTENSION]
    return [
        *_of_cluster(),
        *_of_migrations(),
        *_of_keys(plan),
        *_of_references(plan),
        *_of_triggers(plan),
    ]


def extension() -> str | None:
    found = _rows("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
    return found[0][0] if found else None


def workers() -> list[str]:
    return [
        f"{name}:{port}"
        for name, port in _rows(
            """
            SELECT nodename, nodeport FROM pg_dist_node
            WHERE noderole = 'primary' AND shouldhaveshards AND isactive ORDER BY 1, 2
            """
        )
    ]


def _of_cluster() -> Iterator[str]:
    if not _rows("SELECT FROM pg_dist_node WHERE groupid = 0"):
        yield NO_COORDINATOR
    if not workers():
        yield NO_WORKERS
    others = _rows(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND backend_type = 'client backend' AND application_name NOT LIKE 'citus%%'
        """
    )[0][0]
    if others:
        yield (
            f"{others} other sessions use this database. Stop SegmentFlow on every machine first:"
            " while tables move, everybody would wait for them."
        )


def _of_migrations() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "The schema is not up to date: run manage.py migrate first."


def _of_keys(plan: Plan) -> Iterator[str]:
    spread = {table.name for table in plan.spread}
    if CONTACTS not in {
        name for (name,) in _rows("SELECT relname FROM pg_class WHERE relkind = 'r'")
    }:
        yield "There are no contacts' tables here: run manage.py migrate first."
    for index, table in _rows(
        """
        SELECT i.relname, t.relname FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND NOT a.attnum = ANY(x.indkey)
            AND a.attname = CASE t.relname WHEN %(contacts)s THEN 'id' ELSE %(by)s END
        WHERE x.indisunique AND t.relname = ANY(%(spread)s)
        """,
        {"contacts": CONTACTS, "by": BY, "spread": sorted(spread)},
    ):
        yield f"{table}: {index} is unique without the contact."


def _of_references(plan: Plan) -> Iterator[str]:
    """Between tables that are spread they would have to be by the contact; there is none today."""
    spread = sorted(table.name for table in plan.spread)
    copied = [table.name for table in plan.copied]
    for name, table, other in _rows(
        """
        SELECT c.conname, t.relname, r.relname FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
        WHERE c.contype = 'f' AND (t.relname = ANY(%(spread)s) OR r.relname = ANY(%(spread)s))
            AND NOT (t.relname = ANY(%(spread)s) AND r.relname = ANY(%(copied)s))
        """,
        {"spread": spread, "copied": copied},
    ):
        yield f"{table}: the foreign key {name} leads to {other}, which lies elsewhere."


def _of_triggers(plan: Plan) -> Iterator[str]:
    names = [table.name for table in (*plan.spread, *plan.copied)]
    for name, table in _rows(
        """
        SELECT g.tgname, t.relname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND t.relname = ANY(%s) AND g.tgname NOT LIKE 'truncate_trigger%%'
        """,
        [names],
    ):
        yield f"{table}: it has the trigger {name}."


def _rows(text: str, values: Any = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())
