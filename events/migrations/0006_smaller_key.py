"""The key of events is unique by 64 bits of the message id; built while events arrive.

At every moment one of the two indexes is there. PostgreSQL's NOT NULL of the columns stays.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, migrations, models
from django.db.utils import OperationalError

TRIES = 60
DIGEST = """
CREATE UNIQUE INDEX CONCURRENTLY event_once
    ON events_event (contact_id, (hashtextextended(message_id, 0)))
"""
WHOLE = """
CREATE UNIQUE INDEX CONCURRENTLY events_event_pkey ON events_event (contact_id, message_id)
"""
# The order in which events are gone through changes: the contact they have come to is gone through again.
RESTART = "UPDATE events_valuefilling SET contact_id = contact_id - 1, message_id = '' WHERE contact_id > 0"


def shrink(apps: Any, schema_editor: Any) -> None:
    _build("event_once", DIGEST)
    _shortly("ALTER TABLE events_event DROP CONSTRAINT IF EXISTS events_event_pkey")
    _execute(RESTART)


def grow(apps: Any, schema_editor: Any) -> None:
    _build("events_event_pkey", WHOLE)
    if not _execute("SELECT FROM pg_constraint WHERE conname = 'events_event_pkey'"):
        _shortly(
            "ALTER TABLE events_event"
            " ADD CONSTRAINT events_event_pkey PRIMARY KEY USING INDEX events_event_pkey"
        )
    _execute("DROP INDEX CONCURRENTLY IF EXISTS event_once")
    _execute(RESTART)


def _build(name: str, statement: str) -> None:
    """Anew after one that was interrupted, which leaves an index that is not valid."""
    found = _execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)",
        [name],
    )
    if found == [(True,)]:
        return
    _execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    _execute(statement)


def _shortly(statement: str) -> None:
    """Nobody waits long behind us while we wait for somebody's long transaction."""
    _execute("SET lock_timeout = '1s'")
    try:
        for left in reversed(range(TRIES)):
            try:
                _execute(statement)
                return
            except OperationalError:
                if not left:
                    raise
    finally:
        _execute("RESET lock_timeout")


def _execute(statement: str, values: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("events", "0005_filling_and_retention"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(shrink, grow)],
            state_operations=[
                migrations.AddConstraint(
                    model_name="event",
                    constraint=models.UniqueConstraint(
                        models.F("contact"),
                        models.Func("message_id", models.Value(0), function="hashtextextended"),
                        name="event_once",
                    ),
                ),
            ],
        ),
    ]
