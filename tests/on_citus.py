"""The whole suite on a Citus cluster: TEST_CITUS_WORKERS names its workers, DATABASE_URL its coordinator.

`script/citus` starts such a cluster, runs the tests there, and ends it. What passes is told in docs/scale.md.

A test that is about a PostgreSQL without Citus says so, and why: `pytest.mark.plain_server("reason")`. It is skipped here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg import sql

WORKERS = [
    one.strip() for one in os.environ.get("TEST_CITUS_WORKERS", "").split(",") if one.strip()
]

EMBEDDED = {"installation", "installed", "running"}
"""Fixtures of tests/system/conftest.py: installations that bring their PostgreSQL along."""


def skip_what_is_about_a_plain_server(items: list[pytest.Item]) -> None:
    for item in items if WORKERS else ():
        if mark := item.get_closest_marker("plain_server"):
            (reason,) = mark.args
            item.add_marker(pytest.mark.skip(reason=f"plain server: {reason}"))
        elif EMBEDDED.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.skip(reason="it starts a PostgreSQL of its own"))


def distribute() -> None:
    """The test's database, which has just been made: with the same one on each worker."""
    name, _, workers = _servers()
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS citus")
        cursor.execute("SELECT EXISTS (SELECT FROM pg_dist_partition)")
        (is_known,) = cursor.fetchone()
        if is_known:
            return  # of a run before: --reuse-db
        for server in workers:
            _make_database(name, server)
        cursor.execute(
            "SELECT citus_set_coordinator_host(%s, current_setting('port')::int)",
            [os.environ.get("TEST_CITUS_COORDINATOR", "127.0.0.1")],
        )
        for server in workers:
            cursor.execute("SELECT citus_add_node(%(host)s, %(port)s::int)", server)
    call_command("distribute", shards=8)
    connection.close()  # so that it gets the settings of the database


@contextmanager
def another(name: str) -> Iterator[None]:
    """A database beside that of the tests, spread like it. One cannot be copied from the other there."""
    own, coordinator, _ = _servers()
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        _drop_database(name, coordinator)
        _create_database(name, coordinator)
        call_command("migrate", verbosity=0, interactive=False)
        distribute()
        connection.settings_dict["NAME"] = own
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        forget()
        _drop_database(name, coordinator)
        connection.settings_dict["NAME"] = own


def forget() -> None:
    """An empty one in its place, which Django can drop: sessions of the cluster itself would keep it from that."""
    name, coordinator, workers = _servers()
    connection.close()
    for server in (*workers, coordinator):
        _drop_database(name, server)
    _create_database(name, coordinator)


def _servers() -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """The name of the database, where the coordinator is, and where the workers are."""
    params: dict[str, Any] = connection.get_connection_params()
    here = {name: params[name] for name in ("host", "port", "user", "password") if params.get(name)}
    split = (worker.rsplit(":", 1) for worker in WORKERS)
    return params["dbname"], here, [here | {"host": host, "port": port} for host, port in split]


def _drop_database(name: str, server: dict[str, Any]) -> None:
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as session:
        session.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _make_database(name: str, server: dict[str, Any]) -> None:
    """Anew: with one that was left behind come the shards that it had."""
    _drop_database(name, server)
    _create_database(name, server)
    with psycopg.connect(dbname=name, autocommit=True, **server) as session:
        session.execute("CREATE EXTENSION citus")


def _create_database(name: str, server: dict[str, Any]) -> None:
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as session:
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
