"""What was backed up comes back as it was, as a whole or not at all."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from segmentflow.audit.models import AuditEntry
from segmentflow.audit.words import sentence
from segmentflow.database.archive import ArchiveWriter, read_archive
from segmentflow.database.backing_up import KEYS
from segmentflow.database.last_backup import last_backup
from segmentflow.database.programs import connection_variables, program
from segmentflow.database.tables import server_version
from tests.keeping.doing import KEY, own_url, run, wait_for
from tests.keeping.fingerprints import differing, fingerprints

pytestmark = pytest.mark.django_db(transaction=True)

CHANGED = ["campaigns_campaign", "segmentflow_auditentry"]
"""Campaigns are paused, and the log tells of the restoring; of the making it was told after the backup."""
OTHER_KEY = "another one"
OTHER_THINGS = """
    CREATE TABLE of_a_newer_program (contact_id bigint PRIMARY KEY);
    CREATE VIEW seen_by_it AS SELECT * FROM of_a_newer_program;
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE TABLE contacts_contact (id bigint PRIMARY KEY, feels mood);
    CREATE FUNCTION search_words(t text) RETURNS text LANGUAGE sql AS 'SELECT t';
    INSERT INTO contacts_contact VALUES (7, 'good');
"""


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


def test_every_row_comes_back_with_campaigns_paused_and_the_files_of_imports(
    backup, scratch, into, data, capsys
):
    before = fingerprints(own_url())
    (data / "secret_key").unlink()
    (data / "imports" / "12ab" / "rows").unlink()

    with into(scratch):
        call_command("restore", backup)

    assert differing(before, fingerprints(scratch)) == CHANGED
    assert "“Going”, was live." in capsys.readouterr().out
    assert (data / "imports" / "12ab" / "rows").read_text() == "a,b\n"
    assert (data / "secret_key").read_text() == f"{KEY}\n"
    with into(scratch):
        call_command("check_memberships")
        told = sentence(AuditEntry.objects.latest("pk"))
    assert told.startswith(f"Command line restored the backup “{backup.name}”: made at 20")


def test_it_comes_in_place_of_whatever_was_there(backup, scratch, into, data, capsys):
    with psycopg.connect(scratch) as other:
        other.execute(OTHER_THINGS)
    (data / "secret_key").write_text(f"{OTHER_KEY}\n")
    (data / "imports" / "12ab" / "rows").write_text("changed since\n")

    with into(scratch):
        call_command("restore", backup)

    assert differing(fingerprints(own_url()), fingerprints(scratch)) == CHANGED
    assert (data / "secret_key").read_text() == f"{KEY}\n"
    assert (data / "secret_key.before").read_text() == f"{OTHER_KEY}\n"
    assert (data / "imports" / "12ab" / "rows").read_text() == "a,b\n"
    assert "now lies in secret_key.before" in capsys.readouterr().out


def test_a_dump_by_itself_comes_back_as_well_unless_a_newer_program_made_it(
    filled, scratch, into, tmp_path
):
    dump = tmp_path / "segmentflow.dump"
    dumper = program("pg_dump", at_least=server_version()).path
    make_dump = [dumper, "-Fc", "-f", dump]
    variables = connection_variables(connection.get_connection_params())
    subprocess.run(make_dump, env=variables, check=True)
    with into(scratch):
        call_command("restore", dump)
    before = fingerprints(scratch)
    assert differing(fingerprints(own_url()), before) == CHANGED

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
@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.8])
def test_nothing_changes_or_all_of_it_when_it_is_killed_in_the_middle(backup, scratch, seconds):
    with psycopg.connect(scratch) as other:
        other.execute(OTHER_THINGS)
    before = fingerprints(scratch)

    restoring = run("restore", backup, url=scratch)
    assert restoring.stdout.readline().startswith(b"A whole backup")
    time.sleep(seconds)
    restoring.kill()
    restoring.communicate()

    wait_for(lambda: nobody_uses(scratch))
    found = fingerprints(scratch)
    assert found == before or differing(fingerprints(own_url()), found) == CHANGED


def nobody_uses(url: str) -> bool:
    with psycopg.connect(os.environ["DATABASE_URL"]) as watcher:
        found = watcher.execute(
            "SELECT FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
            [urlsplit(url).path.removeprefix("/")],
        )
        return not found.rowcount


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


def test_a_database_that_is_larger_than_the_disc_is_refused(backup, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")

    with pytest.raises(CommandError, match=r"takes about 1,000,000\.00 GB, and .* are free"):
        call_command("restore", changed(backup, database_bytes=10**15))
