"""The embedded PostgreSQL starts from whatever was left behind, as whoever runs it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from segmentflow.database import binaries, identity
from segmentflow.database.location import LONGEST_SOCKET_DIRECTORY, Location
from segmentflow.database.lock import Taken
from segmentflow.database.server import processes_in
from segmentflow.database.temporary import TemporaryServer

pytestmark = pytest.mark.slow


@pytest.fixture
def location(tmp_path):
    location = Location(tmp_path / "data")
    yield location
    assert processes_in(location.cluster) == []


@pytest.fixture
def start(location):
    """Start a server, to be stopped at the end of the test."""
    servers = []

    def started() -> TemporaryServer:
        server = TemporaryServer(location)
        server.start()
        servers.append(server)
        return server

    yield started
    for server in servers:
        server.stop(patience=0)


def rows(location: Location, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(location.url) as connection:
        return connection.execute(query).fetchall()


def test_it_sorts_and_folds_the_same_way_on_every_machine(location, start):
    start()

    kept = "SELECT datcollate, datlocprovider::text, datlocale FROM pg_database WHERE datname = 'segmentflow'"
    assert rows(location, kept) == [("C.UTF-8", "b", "C.UTF-8")]
    assert rows(location, "SELECT upper('é'), lower('ÅÉ'), 'a' > 'B'") == [("É", "åé", True)]


def test_what_was_committed_is_there_after_the_server_was_killed(location, start):
    server = start()
    with psycopg.connect(location.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    os.kill(min(processes_in(location.cluster)), signal.SIGKILL)
    server.stop()

    start()

    assert rows(location, "SELECT count(*) FROM kept") == [(1000,)]


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(location, start):
    start().stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    lines = [str(stranger.pid), str(location.cluster), "1", "5432", str(location.sockets), "", ""]
    (location.cluster / "postmaster.pid").write_text("\n".join(lines))
    (location.sockets / ".s.PGSQL.5432.lock").write_text("\n".join(lines))

    start()

    assert rows(location, "SELECT 1") == [(1,)]
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_first_start_that_was_interrupted_begins_anew(location, start):
    half_made = location.root / "postgres.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")

    start()

    assert rows(location, "SELECT 1") == [(1,)]
    assert not half_made.exists()


def test_the_data_has_one_owner_at_a_time(location, start):
    start()

    with pytest.raises(Taken, match=str(os.getpid())):
        TemporaryServer(location).start()


def test_a_long_path_gets_its_socket_elsewhere(tmp_path):
    location = Location(tmp_path / ("long" * 30))
    server = TemporaryServer(location)

    server.start()

    try:
        assert len(os.fsencode(location.sockets)) <= LONGEST_SOCKET_DIRECTORY
        assert stat.S_IMODE(location.sockets.stat().st_mode) == 0o700
        assert rows(location, "SELECT 1") == [(1,)]
    finally:
        server.stop(patience=0)
        location.sockets.rmdir()


@pytest.fixture
def owner(location):
    """Another process that has started the server."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from segmentflow.database.location import Location\n"
        "from segmentflow.database.temporary import TemporaryServer\n"
        "TemporaryServer(Location(Path(sys.argv[1]))).start(); print('up', flush=True)\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(location.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        yield owner
        owner.kill()


def ends(location: Location) -> bool:
    deadline = time.monotonic() + 8
    while processes_in(location.cluster) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes_in(location.cluster)


def test_it_ends_with_the_process_that_started_it(location, owner):
    owner.kill()

    assert ends(location)


@pytest.mark.parametrize("pause", [0, 0.05])
def test_it_ends_while_it_recovers_from_the_death_of_a_backend(location, owner, pause):
    """Told to shut down fast at such a moment, PostgreSQL 18 waits for itself for ever."""
    with psycopg.connect(location.url) as connection:
        connection.execute("CREATE TABLE big AS SELECT generate_series(1, 200000) AS n")
        connection.commit()
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        time.sleep(pause)

        owner.kill()

    assert ends(location)


def test_the_operators_settings_win(location, start):
    location.root.mkdir()
    location.overrides.write_text("work_mem = '23MB'\n")

    start()

    assert rows(location, "SHOW work_mem") == [("23MB",)]
    assert rows(location, "SHOW jit") == [("off",)]
    assert rows(location, "SHOW listen_addresses") == [("",)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_may_run_it_as_another_user_who_reaches_nothing_of_roots(location, start, monkeypatch):
    system = Path(tempfile.mkdtemp(prefix="segmentflow-system-")) / "ours"
    system.parent.chmod(0o755)
    monkeypatch.setattr(binaries, "SYSTEM_DIRECTORY", system)
    monkeypatch.setattr(identity, "SYSTEM_DIRECTORY", system)
    monkeypatch.setenv("SEGMENTFLOW_POSTGRES_USER", "nobody")
    closed = location.root
    closed.mkdir(mode=0o700)

    try:
        server = start()

        owner = location.cluster.resolve().stat().st_uid
        assert owner == pwd.getpwnam("nobody").pw_uid
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert rows(location, "SELECT 1") == [(1,)]
        server.stop()
    finally:
        shutil.rmtree(system.parent)
