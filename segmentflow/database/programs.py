"""PostgreSQL's programs for a server of any version, and how they get to it without a password in sight."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from segmentflow.database.binaries import PROGRAMS, site_of_programs
from segmentflow.database.identity import NoIdentity
from segmentflow.database.server import environment

VARIABLES: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
}
"""Parameters of a connection, and the variables that say the same. A command line is read by everybody."""


class NoProgram(Exception):
    """None on this machine is new enough; the message says what to install."""


@dataclass(frozen=True)
class Program:
    path: Path
    version: int
    """The major one."""


def program(
    name: str, *, at_least: int, newest: bool = False, places: Iterable[Path] | None = None
) -> Program:
    """One that is new enough: the oldest of these, unless the `newest` is wanted."""
    found = [
        Program(path, version)
        for path in _paths(name, places if places is not None else _places())
        if (version := _version(path)) is not None
    ]
    fitting = [one for one in found if one.version >= at_least]
    if fitting:
        return (max if newest else min)(fitting, key=lambda one: one.version)
    best = max(found, key=lambda one: one.version, default=None)
    there = f"the newest here is {best.version} ({best.path})" if best else "there is none"
    raise NoProgram(
        f"{name} of PostgreSQL {at_least} or newer is needed, and {there}."
        f" Install PostgreSQL's client programs (Debian: postgresql-client-{at_least})."
    )


def connection_variables(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The environment in which a program gets to where `parameters` of psycopg lead."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith("PG")}
    own = {
        VARIABLES[name]: str(value)
        for name, value in parameters.items()
        if name in VARIABLES and value not in (None, "")
    }
    return environment() | inherited | own


def _places() -> Iterator[Path]:
    with contextlib.suppress(NoIdentity):
        yield site_of_programs() / PROGRAMS
    for folder in os.get_exec_path():
        yield Path(folder)
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin"):
        yield from sorted(Path("/").glob(pattern))


def _paths(name: str, places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        if found := shutil.which(name, path=str(place)):
            yield Path(found)


def _version(path: Path) -> int | None:
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=False, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(number[1]) if number else None
