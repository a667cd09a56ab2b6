"""A copy of the database of the tests."""

from __future__ import annotations

import psycopg
from psycopg import sql


def copy_database(server: psycopg.Connection, *, template: str, name: str) -> None:
    """In place of one of that name; `server` commits by itself.

    A session of the template that is just ending would keep it from being copied.
    """
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    server.execute(
        """
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = %s AND usename = current_user
        """,
        [template],
    )
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )
