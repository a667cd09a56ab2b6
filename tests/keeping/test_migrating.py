"""Nobody waits long for a migration, and a migration for nobody in particular."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from segmentflow.database.migrating import LOCK_SECONDS, MIGRATING, patiently, prepare
from tests import on_citus
from tests.copying_databases import copy_database
from tests.keeping.doing import own_url, run
from tests.keeping.others import Locks, Others

pytestmark = pytest.mark.django_db(transaction=True)

PREVIOUS = {
    "events": "0005_filling_and_retention",
    "segmentflow": "0007_tallies_of_campaigns",
}
"""Back to these, and what stands on them, then forward: the key of events is built anew meanwhile."""
EVENTS = int(os.environ.get("SEGMENTFLOW_MIGRATE_EVENTS", "40000"))
LOCK_LIMIT = LOCK_SECONDS + 2
FILL = f"""
    INSERT INTO events_eventtype (key, label, description, origin, value_attribute, value_is_filled, attributes)
        VALUES ('Purchase', '', '', 'customer', '', true, '{{}}');
    INSERT INTO contacts_contact (external_id)
        SELECT 'c-' || n FROM generate_series(1, 2000) AS n;
    INSERT INTO events_event (contact_id, message_id, type_id, occurred_at)
        SELECT c.id, 'm-' || n, t.id, now() FROM contacts_contact c, events_eventtype t,
            generate_series(1, {EVENTS // 2000}) AS n;
"""
WRITE = """
    WITH one AS (SELECT id FROM contacts_contact ORDER BY id OFFSET %(n)s %% 2000 LIMIT 1),
    event AS (
        INSERT INTO events_event (contact_id, message_id, type_id, occurred_at)
        SELECT one.id, %(message)s, t.id, now() FROM one, events_eventtype t
    )
    INSERT INTO contacts_pendingmark (bucket, contact_id, kind, ref)
    SELECT id %% 64, id, 3, 'Purchase' FROM one
"""
READ = (
    "SELECT (SELECT count(*) FROM segmentflow_workspace), (SELECT count(*) FROM segmentflow_apikey)"
)


@contextmanager
def open_transaction(url: str, table: str) -> Iterator[psycopg.Connection]:
    """Somebody has read a table, and is not done."""
    with psycopg.connect(url) as other:
        other.execute(f"SELECT FROM {table}")
        yield other


@pytest.fixture
def copied(scratch) -> Iterator[str]:
    """A database as that of the tests is, which nobody else uses."""
    connection.close()
    name, template = urlsplit(scratch).path[1:], connection.settings_dict["NAME"]
    if on_citus.WORKERS:
        with on_citus.another(name):
            yield scratch
        return
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        copy_database(admin, template=str(template), name=name)
    yield scratch


def applied() -> set[tuple[str, str]]:
    return set(MigrationLoader(connection).applied_migrations or ())


@pytest.mark.slow
def test_writers_go_on_while_all_that_is_new_is_migrated(copied, into, data):
    with into(copied):
        newest = applied()
        for app, name in PREVIOUS.items():
            call_command("migrate", app, name, verbosity=0)
        assert newest - applied()
        with psycopg.connect(copied) as own:
            own.execute(FILL)
        writer = Others(copied, WRITE, name="writer", lock_seconds=LOCK_LIMIT)
        reader = Others(copied, READ, name="reader", lock_seconds=LOCK_LIMIT)
        locks = Locks(copied)
        begun = time.monotonic()
        with locks.going(), writer.going(), reader.going():
            migrating = run("migrate", url=copied)
            _, said = migrating.communicate()

        assert migrating.returncode == 0, said
        assert applied() == newest
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM events_event WHERE message_id ~ '^writer'")
            assert cursor.fetchone()[0] == len(writer.took)
    print(f"migrated for {time.monotonic() - begun:.1f} s beside", file=sys.stderr)  # noqa: T201
    for one in (writer, reader):
        print(what_it_waited_for(one, locks), file=sys.stderr)  # noqa: T201


def what_it_waited_for(one: Others, locks: Locks) -> str:
    longest = one.longest()
    held, _ = locks.during(one.pid, longest.begun, longest.ended)
    most, table = locks.during(one.pid)
    return (
        f"{one.name}: {len(one.took)} times, the longest {longest.seconds:.3f} s, in which it waited"
        f" {held:.3f} s for a lock and {longest.queued:.3f} s for a processor; the longest wait for a lock"
        f" {most:.3f} s ({table}), looked at every {locks.blind:.3f} s at least"
    )


@pytest.fixture
def waited_for() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS waited_for; CREATE TABLE waited_for (id int)")
    yield "waited_for"
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout; DROP TABLE waited_for")


def test_nobody_stands_long_behind_a_migration_that_waits_for_a_long_transaction(waited_for):
    counting = f"SELECT count(*) FROM {waited_for}"
    reader = Others(own_url(), counting, name="reader", lock_seconds=LOCK_LIMIT)
    said: list[str] = []

    @transaction.atomic
    def change() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {waited_for} ADD COLUMN name text")

    with reader.going(), open_transaction(own_url(), waited_for) as long:
        ending = threading.Timer(LOCK_SECONDS * 4, long.rollback)
        ending.start()
        prepare(Migration("0001_some", "segmentflow"), backwards=False, fake=False)
        patiently(change, said.append)
        ending.join()

    assert LOCK_SECONDS * 0.9 < reader.longest().seconds < LOCK_SECONDS + 2
    assert said
    assert "trying again" in said[0]


def test_what_an_index_that_was_interrupted_left_does_not_stop_the_next_try():
    index = models.Index(fields=["key"], name="half_built")

    class Building(Migration):
        atomic = False
        operations = [AddIndexConcurrently("field", index)]

    migration = Building("0099_some", "contacts")
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX half_built ON contacts_field (key)")

        prepare(migration, backwards=False, fake=True)
        cursor.execute(
            "SELECT to_regclass('half_built') IS NOT NULL, current_setting('lock_timeout')"
        )
        assert cursor.fetchone() == (True, "0")

        prepare(migration, backwards=False, fake=False)
        cursor.execute("SELECT to_regclass('half_built') IS NOT NULL")
        assert cursor.fetchone() == (False,)


def test_a_second_one_waits_for_the_first_without_a_transaction():
    errors = io.StringIO()
    with psycopg.connect(own_url(), autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s, %s)", MIGRATING)
        ending = threading.Timer(0.5, first.execute, ["SELECT pg_advisory_unlock_all()"])
        ending.start()
        begun = time.monotonic()
        call_command("migrate", verbosity=0, stderr=errors)
        ending.join()

    assert time.monotonic() - begun > 0.4
    assert "Another process migrates" in errors.getvalue()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_somebody_who_wants_it_to_end_while_it_waits_is_heard():
    patiently(lambda: pytest.fail("it began"), print, is_stopping=lambda: True)
