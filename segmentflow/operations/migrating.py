"""Whether the database has the form that this program expects."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader

Name = tuple[str, str]
"""App and migration."""


@cache
def _shipped() -> frozenset[Name]:
    """They do not change while a process runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def pending_migrations() -> list[Name]:
    """Those that came with this program and were not applied; all of them when there is no table."""
    return sorted(_shipped() - _applied())


def is_ahead() -> bool:
    """Whether a newer program has migrated already."""
    apps = {app for app, _ in _shipped()}
    return any(app in apps for app, _ in _applied() - _shipped())


def _applied() -> frozenset[Name]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return frozenset()
        cursor.execute("SELECT app, name FROM django_migrations")
        return frozenset(cursor.fetchall())
