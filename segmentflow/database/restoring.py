"""A backup or a dump back into a database that nothing else uses meanwhile."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from signal import SIGKILL
from typing import IO, Final

from django.db import Error, connection, transaction

from segmentflow.database.location import Location
from segmentflow.database.programs import connection_variables, program
from segmentflow.database.sources import Source, check_not_newer
from segmentflow.database.tables import EMPTY, count_rows, migrations_applied, run, server_version
from segmentflow.database.temporary import TemporaryServer
from segmentflow.processes.lifeline import die_with

LOCK_SECONDS: Final = 10
OTHERS: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
KNOWN_SINCE_17: Final = "SET transaction_timeout = 0;\n"
"""pg_restore says it to every server, and one that is older would refuse."""


class RestoreFailed(Exception):
    """Everything is as before; the message says why."""


@contextmanager
def alone(location: Location) -> Iterator[None]:
    """The embedded database runs, and nothing but this process uses it. Raises lock.Taken."""
    server = TemporaryServer(location)
    server.start()
    try:
        yield
    finally:
        server.stop()


def restore(source: Source, *, before_it_counts: Callable[[], None]) -> None:
    """In place of what was there, as a whole or not at all. Raises RestoreFailed, NoProgram, TooNew.

    `before_it_counts` changes what was restored before anybody sees it.
    """
    try:
        with transaction.atomic():
            _refuse_company()
            run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            run("SET LOCAL statement_timeout = 0")
            run(EMPTY)
            _load(source)
            run("RESET search_path")  # pg_restore works without one
            check_not_newer(migrations_applied())
            _compare(source)
            before_it_counts()
    except Error as problem:
        raise RestoreFailed(str(problem).strip()) from problem
    finally:
        connection.close()  # and with it whatever pg_restore has set


def _refuse_company() -> None:
    [(others,)] = run(OTHERS)
    if others:
        raise RestoreFailed(
            f"{others} other connections use the database. Stop SegmentFlow, everywhere it runs, first."
            if others > 1
            else "Another connection uses the database. Stop SegmentFlow, everywhere it runs, first."
        )


def _compare(source: Source) -> None:
    wanted = source.manifest.get("rows")
    if wanted is None or (found := count_rows()) == wanted:
        return
    [name, *_] = sorted(name for name, _ in wanted.items() ^ found.items())
    raise RestoreFailed(
        f"{name} has {found.get(name, 0):,} rows now and had {wanted.get(name, 0):,}."
    )


def _load(source: Source) -> None:
    # A newer one reads what older ones wrote.
    restorer = program("pg_restore", at_least=server_version(), newest=True).path
    for section in ("pre-data", "data", "post-data"):
        options = ["--no-owner", "--no-privileges", f"--section={section}", "--file=-"]
        with _script([str(restorer), *options], source.dump()) as lines:
            if section == "data":
                _run_data(lines)
            else:
                _run_text(lines)


def _run_data(lines: IO[bytes]) -> None:
    """Statements, and after each COPY its rows up to a line with `\\.`"""
    text: list[bytes] = []
    for line in lines:
        if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
            _run_text(text)
            text = []
            with connection.cursor() as cursor, cursor.copy(line.decode()) as copy:
                for rows in _rows(lines):
                    copy.write(rows)
        else:
            text.append(line)
    _run_text(text)


def _rows(lines: IO[bytes]) -> Iterator[bytes]:
    some: list[bytes] = []
    size = 0
    for line in lines:
        if line == b"\\.\n":
            break
        some.append(line)
        size += len(line)
        if size > 1 << 18:
            yield b"".join(some)
            some, size = [], 0
    yield b"".join(some)


def _run_text(lines: Iterable[bytes]) -> None:
    # Lines with a backslash are for psql: that none below may be another command of it.
    text = b"".join(
        line for line in lines if not line.startswith((b"\\restrict ", b"\\unrestrict "))
    ).decode()
    if server_version() < 17:
        text = text.replace(KNOWN_SINCE_17, "", 1)
    if text.strip():
        run(text)


@contextmanager
def _script(command: list[str], dump: Iterator[bytes]) -> Iterator[IO[bytes]]:
    """What pg_restore makes of a dump. Raises RestoreFailed with what it said."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            env=connection_variables({}),
            preexec_fn=partial(die_with, os.getpid(), SIGKILL),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            bufsize=1 << 20,
        )
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - asked for
        feeder = threading.Thread(target=_feed, args=(process.stdin, dump))
        feeder.start()
        try:
            yield process.stdout
            status = process.wait()
        finally:
            process.kill()
            process.wait()
            feeder.join()
        if status != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()[-2000:]
            raise RestoreFailed(f"pg_restore ended with status {status}: {words}")


def _feed(pipe: IO[bytes], dump: Iterator[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):  # it has read what it wanted
        try:
            for chunk in dump:
                pipe.write(chunk)
        finally:
            pipe.close()
