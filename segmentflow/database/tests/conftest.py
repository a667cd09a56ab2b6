"""A database beside that of the tests, and an installation's folder that is nobody else's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from segmentflow.database.location import Location


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
