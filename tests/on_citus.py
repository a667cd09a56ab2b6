"""The whole suite on a Citus cluster: TEST_CITUS_WORKERS names its workers, DATABASE_URL its coordinator.

    DATABASE_URL=postgresql://user@host:5432/postgres TEST_CITUS_WORKERS=host:5433,host:5434 pytest -p no:randomly

What passes there and what does not is told in docs/scale.md.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

WORKERS = [
    one.strip() for one in os.environ.get("TEST_CITUS_WORKERS", "").split(",") if one.strip()
]


def distribute() -> None:
    """The test's database, which has just been made: with the same one on each worker."""
    params: dict[str, Any] = connection.get_connection_params()
    here = {name: params[name] for name in ("host", "port", "user", "password") if params.get(name)}
    for worker in WORKERS:
        host, port = worker.rsplit(":", 1)
        _make_database(params["dbname"], here | {"host": host, "port": port})
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS citus")
        cursor.execute(
            "SELECT citus_set_coordinator_host(%s, current_setting('port')::int)",
            [os.environ.get("TEST_CITUS_COORDINATOR", "127.0.0.1")],
        )
        for worker in WORKERS:
            host, port = worker.rsplit(":", 1)
            cursor.execute("SELECT citus_add_node(%s, %s)", [host, int(port)])
    call_command("distribute", shards=8)
    connection.close()  # so that it gets the settings of the database


def _make_database(name: str, server: dict[str, Any]) -> None:
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as session:
        known = session.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(dbname=name, autocommit=True, **server) as session:
        session.execute("CREATE EXTENSION IF NOT EXISTS citus")
