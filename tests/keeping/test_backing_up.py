"""A backup is made whole, while it goes on, or not at all."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from segmentflow.audit.models import AuditEntry
from segmentflow.database.archive import read_archive
from segmentflow.database.last_backup import failed_backup, last_backup
from segmentflow.database.programs import NoProgram, connection_variables, program
from segments.tests.made import make_contact
from tests import on_citus
from tests.keeping.doing import own_url, run, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def locked(table: str):
    """Nobody reads it meanwhile."""
    with psycopg.connect(own_url()) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@pytest.mark.slow
def test_one_that_is_killed_leaves_no_backup_and_the_next_one_tidies_up(filled, tmp_path):
    with locked("contacts_contact"):
        left: list[Path] = []
        for kill in ("kill", "terminate"):
            going = run("backup", tmp_path, url=own_url())
            wait_for(lambda before=left: [*tmp_path.glob(".*.unfinished")] not in ([], before))
            left = [*tmp_path.glob(".*.unfinished")]
            getattr(going, kill)()
            assert going.wait(30) not in (0, 1)
            going.communicate()
            assert not [*tmp_path.glob("*.tar")]
        assert not [*tmp_path.glob(".*.unfinished")]

    call_command("backup", tmp_path, quiet=True)

    [made] = tmp_path.glob("*.tar")
    read_archive(made)
    [entry] = AuditEntry.objects.filter(kind="backup")
    assert (entry.action, entry.name) == ("created", made.name)


@pytest.mark.plain_server("on a cluster each machine is read at a moment of its own")
def test_a_backup_is_as_it_was_at_one_moment(filled, tmp_path):
    with locked("segments_membership"):
        going = run("backup", tmp_path / "one.tar", url=own_url())
        with psycopg.connect(own_url(), autocommit=True) as watcher:
            waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'segments_membership'::regclass"
            wait_for(lambda: watcher.execute(waiting).rowcount)
        make_contact("came later")
    assert going.wait(60) == 0, going.stderr.read()
    going.communicate()

    assert read_archive(tmp_path / "one.tar").manifest["rows"]["contacts_contact"] == 5


def test_on_a_cluster_it_says_that_it_is_not_of_one_moment(filled, tmp_path, capsys):
    call_command("backup", tmp_path)

    assert ("a moment of its own" in capsys.readouterr().out) == bool(on_citus.WORKERS)


def test_it_is_noted_when_one_succeeded_and_when_the_next_one_failed(filled, data, tmp_path):
    assert last_backup() is None
    call_command("backup", tmp_path, keep=1, quiet=True)
    [path] = tmp_path.glob("*.tar")
    assert (last_backup().path, last_backup().size) == (str(path), path.stat().st_size)
    assert failed_backup() is None
    (data / "backup.succeeded").write_text("{}")
    assert last_backup() is None

    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", tmp_path / ("x" * 250))

    assert "name too long" in failed_backup().why


@pytest.mark.parametrize(
    ("place", "options", "said"),
    [
        ("nowhere/one.tar", {}, "no folder"),
        ("one.tar", {"keep": 1}, "folder"),
        ("", {"keep": 0}, "1 or"),
    ],
)
def test_what_cannot_be_is_refused(filled, tmp_path, place, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("backup", tmp_path / place, **options)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a small disc")
def test_on_a_full_disc_nothing_is_left_and_it_is_said(filled, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small],  # noqa: S607 - as found
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("no small disc can be made here")
    try:
        with pytest.raises(CommandError, match="No space left"):
            call_command("backup", small)
        assert [*small.iterdir()] == []
    finally:
        subprocess.run(["umount", small], check=True)  # noqa: S607 - as found


def test_programs_that_are_too_old_are_said_with_what_to_install(tmp_path):
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.9 (Debian 14.9-1)'\n")
    old.chmod(0o755)

    with pytest.raises(NoProgram, match=r"17 or newer is needed.*newest here is 14.*client-17"):
        program("pg_dump", at_least=17, places=[tmp_path])
    assert program("pg_dump", at_least=13, places=[tmp_path]).version == 14


def test_no_password_is_on_a_command_line():
    variables = connection_variables(
        {"host": "db", "password": "hidden", "sslmode": "require", "context": object(), "port": ""}
    )

    own = {"PGHOST": "db", "PGPASSWORD": "hidden", "PGSSLMODE": "require"}
    assert own.items() <= variables.items()
