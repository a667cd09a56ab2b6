"""Locks of a migration last as long as its statements, not as long as it takes to think of them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import DatabaseError, connection, models
from django.db.migrations import AddField, Migration, RunPython, RunSQL, SeparateDatabaseAndState

from contacts.models import Field
from segmentflow.database.at_once import AtOnce, can_be_kept, editor_at_once

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "ALTER TABLE changed_at_once ADD COLUMN name text"


@pytest.fixture
def changed() -> Iterator[str]:
    """Of a table, the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE changed_at_once (id int)")
    yield "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attnum > 0 AND attrelid = 'changed_at_once'::regclass"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE changed_at_once")


def asked(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_others_use_a_table_until_all_that_changes_it_is_said(changed):
    params = connection.get_connection_params()
    known = {
        key: params[key]
        for key in ("host", "port", "user", "password", "dbname")
        if params.get(key)
    }
    with editor_at_once() as editor_class, psycopg.connect(**known, autocommit=True) as other:
        editor_class.lock_seconds = 1
        with connection.schema_editor(atomic=True) as editor:
            editor.execute(ADD)
            editor.deferred_sql.append("ALTER TABLE changed_at_once ADD COLUMN last text")
            other.execute("SET lock_timeout = '1s'")
            other.execute("SELECT count(*) FROM changed_at_once")
            assert asked(changed) == "id"

    assert asked(changed) == "id name last"
    assert asked("SHOW lock_timeout") == "0"


def change_two_tables() -> None:
    with connection.schema_editor() as editor:
        editor.execute(ADD)
        editor.execute("ALTER TABLE no_such_table ADD COLUMN name text")


def test_one_that_fails_takes_the_others_back(changed):
    with editor_at_once() as editor_class:
        editor_class.lock_seconds = 1
        with pytest.raises(DatabaseError, match="no_such_table"):
            change_two_tables()

    assert asked(changed) == "id"


def test_what_is_asked_for_was_said_before():
    with editor_at_once() as editor_class:
        editor_class.lock_seconds = 1
        with connection.schema_editor() as editor:
            editor.execute("ALTER TABLE contacts_field ADD CONSTRAINT just_made UNIQUE (id, key)")
            assert isinstance(editor, AtOnce)
            assert "just_made" in editor._constraint_names(Field, ["id", "key"], unique=True)
            editor.execute("ALTER TABLE contacts_field DROP CONSTRAINT just_made")


def test_a_migration_with_code_of_its_own_and_one_without_a_transaction_speak_as_they_go():
    class Plain(Migration):
        operations = [
            AddField("field", "more", models.TextField(null=True)),
            SeparateDatabaseAndState(database_operations=[RunSQL(ADD, "")]),
        ]

    class WithCode(Migration):
        operations = [SeparateDatabaseAndState(database_operations=[RunPython(RunPython.noop)])]

    class Apart(Plain):
        atomic = False

    tried = [kind("0001_some", "contacts") for kind in (Plain, WithCode, Apart)]
    assert [can_be_kept(migration) for migration in tried] == [True, False, False]
