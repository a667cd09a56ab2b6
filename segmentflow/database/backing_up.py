"""One file with all that an installation is, as it was at one moment while it went on."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from signal import SIGKILL
from typing import Any, Final

from django.db import connection, transaction

from segmentflow import __version__
from segmentflow.database.archive import CHUNK, NAME, ArchiveWriter
from segmentflow.database.files import whole_or_not_at_all
from segmentflow.database.programs import Program, connection_variables, program
from segmentflow.database.tables import count_rows, migrations_applied, run, server_version
from segmentflow.processes.lifeline import die_with

FORMAT: Final = 1
DUMP: Final = "segmentflow.dump"
KEYS: Final = "secret_key"
FILES: Final = "files"


class BackupFailed(Exception):
    """Nothing was made; the message says why."""


@dataclass(frozen=True)
class Contents:
    """What belongs to an installation besides its database."""

    keys: tuple[str, ...]
    """The secret key, then those of before; none when they are kept elsewhere."""
    folders: Mapping[str, Path]
    """By what they are called in the backup."""


@dataclass(frozen=True)
class Made:
    path: Path
    size: int
    rows: int
    files: int
    has_keys: bool
    seconds: float


def back_up(path: Path, *, contents: Contents, now: datetime) -> Made:
    """Into `path`, in place of what may be there once it is whole. Raises BackupFailed, NoProgram, OSError."""
    begun = time.monotonic()
    with whole_or_not_at_all(path) as file:
        writer = ArchiveWriter(file, now=now)
        rows = _write(writer, contents, now=now)
    return Made(
        path=path,
        size=path.stat().st_size,
        rows=rows,
        files=sum(name.startswith(f"{FILES}/") for name in writer.parts),
        has_keys=KEYS in writer.parts,
        seconds=time.monotonic() - begun,
    )


@transaction.atomic
def _write(writer: ArchiveWriter, contents: Contents, *, now: datetime) -> int:
    """Everything is read as it was when this transaction began; answers the number of rows."""
    run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    run("SET LOCAL statement_timeout = 0")
    run("SET LOCAL idle_in_transaction_session_timeout = 0")
    [(snapshot, size)] = run("SELECT pg_export_snapshot(), pg_database_size(current_database())")
    migrations = migrations_applied()
    if not migrations:
        raise BackupFailed("The database is empty: SegmentFlow has not been started with it yet.")
    if contents.keys:
        writer.add(KEYS, ["\n".join([*contents.keys, ""]).encode()])
    # Before the dump, which takes long: what an import goes through now may be gone by then.
    for name, path in _files(contents.folders):
        _add_file(writer, name, path)
    dumper = program("pg_dump", at_least=server_version())
    writer.add(DUMP, _dump(dumper, snapshot))
    counts = count_rows()
    writer.finish(
        {
            "format": FORMAT,
            "version": __version__,
            "at": now.isoformat(),
            "postgresql": {
                "server": server_version(),
                "pg_dump": dumper.version,
            },
            "database_bytes": size,
            "migrations": migrations,
            "rows": counts,
        }
    )
    return sum(counts.values())


def _files(folders: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for called, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            name = f"{FILES}/{called}/{path.relative_to(folder).as_posix()}"
            if path.is_file() and not path.is_symlink() and NAME.fullmatch(name):
                yield name, path


def _add_file(writer: ArchiveWriter, name: str, path: Path) -> None:
    """One that has gone meanwhile belonged to something that has ended."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        writer.add(name, iter(partial(file.read, CHUNK), b""))


def _dump(dumper: Program, snapshot: str) -> Iterator[bytes]:
    parameters: dict[str, Any] = connection.get_connection_params()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [dumper.path, "--format=custom", f"--snapshot={snapshot}", "--no-password"],
            env=connection_variables(parameters),
            preexec_fn=partial(die_with, os.getpid(), SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            yield from iter(partial(process.stdout.read, CHUNK), b"")
            status = process.wait()
        finally:
            process.kill()
            process.wait()
        if status != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()[-2000:]
            raise BackupFailed(f"pg_dump ended with status {status}: {words}")
