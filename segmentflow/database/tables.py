"""What is in the database as a whole: its tables, how much is in them, and nothing at all."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

OWN: Final = """
    n.nspname = 'public' AND pg_has_role({owner}, 'USAGE') AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = {kind}::regclass AND d.objid = {it}.oid AND d.deptype IN ('e', 'i')
    )
"""
"""Ours to drop: neither of an extension nor a part of something else, such as the type of a table's rows."""

TABLES: Final = f"""
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND {OWN.format(owner="c.relowner", kind="'pg_class'", it="c")}
    ORDER BY c.relname
"""

EMPTY: Final = f"""
DO $$
DECLARE one text;
BEGIN
    FOR one IN
        SELECT format('DROP %s IF EXISTS public.%I CASCADE',
            CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
            AND {OWN.format(owner="c.relowner", kind="'pg_class'", it="c")}
        ORDER BY c.relkind = 'S'
    LOOP
        EXECUTE one;
    END LOOP;
    FOR one IN
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {OWN.format(owner="p.proowner", kind="'pg_proc'", it="p")}
    LOOP
        EXECUTE one;
    END LOOP;
    FOR one IN
        SELECT format('DROP TYPE IF EXISTS public.%I CASCADE', t.typname)
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('e', 'd', 'r', 'c')
            AND {OWN.format(owner="t.typowner", kind="'pg_type'", it="t")}
    LOOP
        EXECUTE one;
    END LOOP;
END
$$
"""


def count_rows() -> dict[str, int]:
    """Of every table, in the transaction that goes on."""
    tables = [name for (name,) in run(TABLES)]
    return {name: run(f'SELECT count(*) FROM public."{name}"')[0][0] for name in tables}


def migrations_applied() -> dict[str, list[str]]:
    """By app; nothing in a database that has none."""
    if run("SELECT to_regclass('public.django_migrations') IS NULL")[0][0]:
        return {}
    found: dict[str, list[str]] = {}
    for app, name in run("SELECT app, name FROM public.django_migrations ORDER BY app, name"):
        found.setdefault(app, []).append(name)
    return found


def server_version() -> int:
    """The major one."""
    return int(run("SHOW server_version_num")[0][0]) // 10_000


def run(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
