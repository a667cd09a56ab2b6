"""A disc of limited size that something else fills up."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from bench.faults.world import World
from tests.system.installation import wait_until

SIZE = "2500m"
MARK = "SEGMENTFLOW_FAULTS_ALONE"
TOP_UP_SECONDS = 0.1
NOTE = 4_000
"""Characters that do not compress."""
ROWS, BAD_EACH = 30_000, 500
IMPORT = "SELECT state, created, refused, error FROM contacts_contactimport WHERE name = %s"


def see_mounts_alone() -> None:
    """Begins this program anew where what it mounts is seen by nobody else, and goes with it."""
    if os.geteuid() == 0 and MARK not in os.environ:
        os.environ[MARK] = "1"
        command = ["unshare", "--mount", "--propagation", "private", sys.executable]
        os.execvp(command[0], [*command, "-m", "bench.faults", *sys.argv[1:]])  # noqa: S606 - this program


def make_small(folder: Path) -> bool:
    """False: we may not mount anything here."""
    folder.mkdir(mode=0o700)
    if MARK not in os.environ:
        return False
    options = f"size={SIZE},mode=0700"
    command = ["mount", "-t", "tmpfs", "-o", options, "segmentflow-faults", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def fill_up(world: World, chance: random.Random) -> str:
    """Long events need room at once; sometimes a new piece of PostgreSQL's log does, too, which ends it."""
    seconds, ends = chance.uniform(5, 12), chance.random() < 0.5
    world.stream.note_characters = NOTE
    try:
        with _full(world, left=chance.choice((0, 64 * 1024, 2 * 1024 * 1024))):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if ends:
                    _begin_new_log(world)
                time.sleep(TOP_UP_SECONDS)
    finally:
        world.stream.note_characters = 0
    return f"{seconds:.0f} s; PostgreSQL had ended {_ends(world)} times so far"


def _begin_new_log(world: World) -> None:
    with suppress(psycopg.Error), psycopg.connect(world.url, connect_timeout=2) as connection:
        connection.execute("SELECT pg_switch_wal()")


def fill_up_importing(world: World, chance: random.Random) -> str:
    """An import that is under way waits; a file that is brought is refused with a sentence."""
    name = f"i{time.time_ns()}"
    page = world.person.upload("/contacts/imports", name=f"{name}.csv", content=_file(name))
    world.person.post(page, action="run")
    time.sleep(chance.uniform(0, 1.5))
    with _full(world, left=0):
        until = time.monotonic() + chance.uniform(5, 10)
        refusals, more = 0, _file("more")
        while time.monotonic() < until:
            refusals += _is_refused(world, more)
            time.sleep(TOP_UP_SECONDS)
    wait_until(
        lambda: _state(world, name)[0] != "running", what="the end of the import", seconds=120
    )
    bad = ROWS // BAD_EACH
    if (ended := _state(world, name)) != ("done", ROWS - bad, bad, ""):
        raise AssertionError(f"the import ended as {ended}")
    return f"{ROWS:,} rows were imported all the same; another file was refused {refusals} times"


@contextmanager
def _full(world: World, *, left: int) -> Iterator[None]:
    """Gives what fills up whatever has become free meanwhile."""
    ballast = world.installation.data / "somebody-elses"

    def top_up() -> None:
        free = os.statvfs(ballast.parent)
        wanted = free.f_bavail * free.f_frsize - left
        if wanted > 0:
            with ballast.open("ab") as file:
                size = file.tell()
                with suppress(OSError):  # somebody else was quicker
                    os.posix_fallocate(file.fileno(), size, wanted)

    ended = threading.Event()

    def keep_full() -> None:
        while not ended.wait(TOP_UP_SECONDS):
            top_up()

    filling = threading.Thread(target=keep_full, daemon=True)
    try:
        top_up()
        filling.start()
        yield
    finally:
        ended.set()
        filling.join()
        ballast.unlink(missing_ok=True)


def _ends(world: World) -> int:
    return world.installation.said().count("database ended with status")


def _file(name: str) -> bytes:
    rows = (
        f"{name}-{n},{name}-{n}@example.com,Oslo" if (n + 1) % BAD_EACH else ",,Oslo"
        for n in range(ROWS)
    )
    return "\n".join(["id,Email,City", *rows]).encode()


def _state(world: World, name: str) -> tuple[str, int, int, str]:
    return world.query(IMPORT, f"{name}.csv")[0]


def _is_refused(world: World, content: bytes) -> bool:
    """A page on its way in has no form while the database is away; that is honest as well."""
    try:
        world.person.upload("/contacts/imports", name="more.csv", content=content)
    except AssertionError as problem:
        if "The disk is full" in str(problem) or "does not answer" in str(problem):
            return True
        raise
    except OSError:
        return False
    return False
