"""A database beside that of the tests, and an installation's folder that is nobody else's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from contacts.models import ContactImport
from segmentflow.database.location import Location
from segments.tests.made import EVERYONE, make_contact, make_segment, settled
from tests.keeping.doing import KEY

TRICKY = 'a\ttab, a\nline, \\., \\N, "quotes", \u2028 and 🦊'
CAMPAIGN = """
    INSERT INTO campaigns_campaign
        (name, channel, status, kind, is_local, delay_minutes, holdout_percent, ignores_cap,
         ignores_quiet_hours, content, revision, updated_at)
    VALUES ('Going', 'email', 'live', 'entering', false, 0, 0, false, false, '{}', 0, now())
"""


@pytest.fixture
def data(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    settings.DATA = Location(folder)
    settings.IMPORTS_DIR = settings.DATA.imports
    return folder


@pytest.fixture
def scratch(transactional_db: None) -> Iterator[str]:
    """The address of an empty database."""
    name = f"scratch_{os.getpid()}"
    server = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(server.geturl(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        yield server._replace(path=f"/{name}").geturl()
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def into() -> Callable[[str], object]:
    """`with into(url):` Django works on another database of the same server."""

    @contextmanager
    def into(url: str) -> Iterator[None]:
        connection.close()
        own = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = urlsplit(url).path.removeprefix("/")
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own

    return into


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
