"""Puts tables where they belong on the cluster; what has been done is not done again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection, transaction

from segmentflow.citus.tables import CONTACTS, Plan, Table

SETTINGS: Final = {
    # One connection to each machine in a transaction that writes: what it wrote, it reads.
    "citus.multi_shard_modify_mode": "sequential",
    # Small tables of the coordinator are sent to where the contacts are, not the other way round.
    "citus.local_table_join_policy": "prefer-local",
}
"""For every new session of this database; on a PostgreSQL without Citus there is nothing to set."""


def distributed() -> set[str]:
    """The tables that the cluster has already."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT logicalrelid::regclass::text FROM pg_dist_partition
            WHERE partmethod = 'h' OR (partmethod = 'n' AND repmodel = 't')
            """
        )
        return {name for (name,) in cursor.fetchall()}


def spread(plan: Plan, *, shards: int) -> Iterator[str]:
    """Does one step after the other, each as a whole or not at all, and says what it did."""
    done = distributed()
    for table in (*plan.copied, *plan.spread):
        if table.name in done:
            yield f"{table.name}: there already"
            continue
        yield _move(table, shards=shards)
    yield from _free_space(plan)
    yield from _offer_functions()
    yield from _settle_settings()


@transaction.atomic
def _move(table: Table, *, shards: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
        if not table.column:
            cursor.execute("SELECT create_reference_table(%s)", [table.name])
            how = "copied to every machine"
        elif table.name == CONTACTS:
            cursor.execute(
                "SELECT create_distributed_table(%s, %s, colocate_with => 'none', shard_count => %s)",
                [table.name, table.column, shards],
            )
            how = f"spread by {table.column} in {shards} shards"
        else:
            cursor.execute(
                "SELECT create_distributed_table(%s, %s, colocate_with => %s)",
                [table.name, table.column, CONTACTS],
            )
            how = f"spread by {table.column}, beside its contacts"
        return f"{table.name}: {how}"


def _free_space(plan: Plan) -> Iterator[str]:
    """What lay on the coordinator lies on the workers now, and is there for nothing."""
    for table in plan.spread:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size(%s) > 0", [table.name])
            if cursor.fetchone()[0]:
                cursor.execute(
                    "SELECT truncate_local_data_after_distributing_table(%s)", [table.name]
                )
                yield f"{table.name}: its space on the coordinator is free"


def _offer_functions() -> Iterator[str]:
    """Those that statements call have to be on every machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.oid::regprocedure::text
            FROM pg_proc p
            LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
            WHERE p.pronamespace = current_schema()::regnamespace AND d.objid IS NULL
                AND p.prorettype <> 'trigger'::regtype AND p.prokind = 'f'
                AND NOT EXISTS (
                    SELECT FROM pg_dist_object o
                    WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid
                )
            ORDER BY p.oid
            """
        )
        functions = [name for (name,) in cursor.fetchall()]
    for name in functions:
        with connection.cursor() as cursor:
            cursor.execute("SELECT create_distributed_function(%s::regprocedure)", [name])
        yield f"{name}: known on every machine"


def _settle_settings() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_database())")
        (database,) = cursor.fetchone()
        for name, value in SETTINGS.items():
            cursor.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")
            yield f"{name} = {value}, for every session from now on"
