"""What was backed up comes back as it was, as a whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection

from contacts.models import ContactImport
from segmentflow.database.archive import ArchiveWriter, read_archive
from segmentflow.database.backing_up import KEYS
from segmentflow.database.last_backup import failed_backup, last_backup
from segmentflow.database.programs import NoProgram, connection_variables, program
from segments.tests.made import EVERYONE, make_contact, make_segment, settled
from tests.fingerprints import differing, fingerprints

pytestmark = pytest.mark.django_db(transaction=True)

TRICKY = 'a\ttab, a\nline, \\., \\N, "quotes", \u2028 and 🦊'
KEY, OTHER_KEY = "the key of before", "another one"
CAMPAIGN = """
    INSERT INTO campaigns_campaign
        (name, channel, status, kind, is_local, delay_minutes, holdout_percent, ignores_cap,
         ignores_quiet_hours, content, revision, updated_at)
    VALUES ('Going', 'email', 'live', 'entering', false, 0, 0, false, false, '{}', 0, now())
"""
OTHER_THINGS = """
    CREATE TABLE of_a_newer_program (contact_id bigint PRIMARY KEY);
    CREATE VIEW seen_by_it AS SELECT * FROM of_a_newer_program;
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE TABLE contacts_contact (id bigint PRIMARY KEY, feels mood);
    CREATE FUNCTION search_words(t text) RETURNS text LANGUAGE sql AS 'SELECT t';
    INSERT INTO contacts_contact VALUES (7, 'good');
"""


def own_url() -> str:
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def filled(data):
    """Contacts, a segment with its members, a campaign that is live, an import under way."""
    for number in range(5):
        make_contact(f"c-{number}", first_name=TRICKY)
    settled(make_segment("all", EVERYONE))
    with connection.cursor() as cursor:
        cursor.execute(CAMPAIGN)
    ContactImport.objects.create(name="some.csv", token="12ab", kind="csv", size=3, state="running")
    (data / "imports" / "12ab").mkdir(parents=True)
    (data / "imports" / "12ab" / "rows").write_text("a,b\n")
    (data / "secret_key").write_text(f"{KEY}\n")


@pytest.fixture
def backup(filled, data, tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    path = tmp_path / "one.tar"
    call_command("backup", path, quiet=True)
    return path


def changed(path: Path, **values: object) -> Path:
    """The same with another manifest, and checksums that are right."""
    archive = read_archive(path)
    other = path.with_name("changed.tar")
    with other.open("w+b") as file:
        writer = ArchiveWriter(file, now=last_backup().at)
        for name in [*archive.parts][:-2]:
            writer.add(name, archive.chunks(name))
        writer.finish(archive.manifest | values)
    return other


def run(command: str, *arguments: object, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, project.BASE_DIR / "manage.py", command, *map(str, arguments)],
        env=os.environ | {"DATABASE_URL": url, "SEGMENTFLOW_DATA_DIR": str(project.DATA.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def wait_for(happened) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextmanager
def locked(table: str):
    """Nobody reads it meanwhile."""
    with psycopg.connect(own_url()) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def test_every_row_comes_back_with_campaigns_paused_and_the_files_of_imports(
    backup, scratch, into, data, capsys
):
    before = fingerprints(own_url())
    (data / "secret_key").unlink()
    (data / "imports" / "12ab" / "rows").unlink()

    with into(scratch):
        call_command("restore", backup)

    assert differing(before, fingerprints(scratch)) == ["campaigns_campaign"]
    assert "“Going”, was live." in capsys.readouterr().out
    assert (data / "imports" / "12ab" / "rows").read_text() == "a,b\n"
    assert (data / "secret_key").read_text() == f"{KEY}\n"
    with into(scratch):
        call_command("check_memberships")


def test_it_comes_in_place_of_whatever_was_there(backup, scratch, into, data, capsys):
    with psycopg.connect(scratch) as other:
        other.execute(OTHER_THINGS)
    (data / "secret_key").write_text(f"{OTHER_KEY}\n")
    (data / "imports" / "12ab" / "rows").write_text("changed since\n")

    with into(scratch):
        call_command("restore", backup)

    assert differing(fingerprints(own_url()), fingerprints(scratch)) == ["campaigns_campaign"]
    assert (data / "secret_key").read_text() == f"{KEY}\n"
    assert (data / "secret_key.before").read_text() == f"{OTHER_KEY}\n"
    assert (data / "imports" / "12ab" / "rows").read_text() == "a,b\n"
    assert "now lies in secret_key.before" in capsys.readouterr().out


def test_a_dump_by_itself_comes_back_as_well_unless_a_newer_program_made_it(
    filled, scratch, into, tmp_path
):
    dump = tmp_path / "segmentflow.dump"
    dumper = program("pg_dump", at_least=connection.pg_version // 10_000).path
    make_dump = [dumper, "-Fc", "-f", dump]
    variables = connection_variables(connection.get_connection_params())
    subprocess.run(make_dump, env=variables, check=True)
    with into(scratch):
        call_command("restore", dump)
    before = fingerprints(scratch)
    assert differing(fingerprints(own_url()), before) == ["campaigns_campaign"]

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('contacts', '9999_x', now())"
        )
        subprocess.run(make_dump, env=variables, check=True)
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x'")
    with into(scratch), pytest.raises(CommandError, match=r"newer SegmentFlow .*contacts\.9999_x"):
        call_command("restore", dump)
    assert fingerprints(scratch) == before


def test_nothing_changes_when_it_is_not_whole_or_not_alone(backup, scratch, into):
    with psycopg.connect(scratch) as other:
        other.execute(OTHER_THINGS)
    before = fingerprints(scratch)
    half = backup.with_name("half.tar")
    half.write_bytes(backup.read_bytes()[:-2048])
    fewer = changed(backup, rows=read_archive(backup).manifest["rows"] | {"contacts_contact": 6})

    with into(scratch):
        with pytest.raises(CommandError, match=r"Nothing was restored .*ends before"):
            call_command("restore", half)
        with pytest.raises(CommandError, match="contacts_contact has 5 rows now and had 6"):
            call_command("restore", fewer)
        with (
            psycopg.connect(scratch),
            pytest.raises(CommandError, match="Another connection uses the database"),
        ):
            call_command("restore", backup)

    assert fingerprints(scratch) == before


@pytest.mark.slow
def test_nothing_changes_when_it_is_killed_in_the_middle(backup, scratch):
    with psycopg.connect(scratch) as other:
        other.execute(OTHER_THINGS)
    before = fingerprints(scratch)
    busy = "SELECT FROM pg_stat_activity WHERE datname = %s AND query ~ %s"
    name = urlsplit(scratch).path.removeprefix("/")

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as watcher:
        for doing in ("^COPY", "ADD CONSTRAINT"):
            restoring = run("restore", backup, url=scratch)
            wait_for(lambda doing=doing: watcher.execute(busy, [name, doing]).rowcount)
            restoring.kill()
            restoring.communicate()
            wait_for(lambda: not watcher.execute(busy, [name, ""]).rowcount)
            assert fingerprints(scratch) == before

    restored = run("restore", backup, url=scratch)
    assert restored.wait(60) == 0, restored.stderr.read()
    restored.stderr.close()
    assert differing(fingerprints(own_url()), fingerprints(scratch)) == ["campaigns_campaign"]


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
            going.stderr.close()
            assert not [*tmp_path.glob("*.tar")]
        assert not [*tmp_path.glob(".*.unfinished")]

    call_command("backup", tmp_path, quiet=True)

    [made] = tmp_path.glob("*.tar")
    read_archive(made)


def test_a_backup_is_as_it_was_at_one_moment(filled, tmp_path):
    with locked("segments_membership"):
        going = run("backup", tmp_path / "one.tar", url=own_url())
        with psycopg.connect(own_url(), autocommit=True) as watcher:
            waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'segments_membership'::regclass"
            wait_for(lambda: watcher.execute(waiting).rowcount)
        make_contact("came later")
    assert going.wait(60) == 0, going.stderr.read()
    going.stderr.close()

    assert read_archive(tmp_path / "one.tar").manifest["rows"]["contacts_contact"] == 5


def test_without_the_secret_key_it_is_said_on_both_ways(filled, scratch, into, tmp_path, capsys):
    call_command("backup", tmp_path / "one.tar", without_secret_key=True)

    assert "The secret key is not in it" in capsys.readouterr().out
    assert KEYS not in read_archive(tmp_path / "one.tar").parts
    with into(scratch):
        call_command("restore", tmp_path / "one.tar")
    assert "The backup has no secret key" in capsys.readouterr().out


def test_with_a_key_of_the_environment_the_one_of_the_backup_is_laid_aside(
    backup, scratch, into, data, monkeypatch, capsys
):
    monkeypatch.setenv("SECRET_KEY", OTHER_KEY)

    with into(scratch):
        call_command("restore", backup)

    assert (data / "secret_key.from-backup").read_text() == f"{KEY}\n"
    assert "SECRET_KEY_FALLBACKS" in capsys.readouterr().out


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


def test_a_database_that_is_larger_than_the_disc_is_refused(backup, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")

    with pytest.raises(CommandError, match=r"takes about 1,000,000\.00 GB, and .* are free"):
        call_command("restore", changed(backup, database_bytes=10**15))


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
