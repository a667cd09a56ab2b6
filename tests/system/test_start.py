"""What `manage.py up` does when it starts, stops, and is not allowed to start."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime

import psycopg
import pytest

from segmentflow.database.location import Location
from tests.system.installation import TOP, Installation, free_port, wait_until

pytestmark = pytest.mark.slow

MAKE_A_SEGMENT = """
from segmentflow.clock import current_time
from segments.services import create_segment

everyone = {"kind": "group", "match": "all", "children": [{"kind": "everyone"}]}
create_segment(key="all", name="All", definition=everyone, author=None, now=current_time())
"""


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_one_on_the_same_data_says_whose_it_is_and_ends(running, tmp_path):
    first = running.output
    running.output = tmp_path / "second.output"
    try:
        status = running.up("--port", "0").wait(60)
        said = running.said()
    finally:
        running.output = first

    assert status == 1
    assert str(running.pid) in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_said_and_ends_it(installation):
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()

        status = installation.up().wait(60)

    assert status == 1
    assert f"port {installation.port}" in installation.said()
    assert "Traceback" not in installation.said()


def test_only_the_owner_reads_the_socket_and_the_key(running):
    assert mode_of(running.data) == 0o700
    assert mode_of(running.data / "run") == 0o700
    assert mode_of(running.data / "run" / ".s.PGSQL.5432") == 0o700
    assert mode_of(running.data / "secret_key") == 0o600


def test_other_commands_find_the_running_database(running):
    shown = running.manage("showmigrations", "contacts")

    assert shown.returncode == 0, shown.stderr
    assert "[X] 0001_initial" in shown.stdout


def is_healthy(port: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, TOP / "script" / "healthy", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def test_what_a_container_asks_tells_one_that_is_well_from_one_that_is_not(running):
    wait_until(lambda: is_healthy(running.port) == (0, "ok"), what="a healthy one")

    with psycopg.connect(Location(running.data).url, autocommit=True) as own:
        own.execute("UPDATE django_migrations SET app = 'x' || app WHERE id = 1")
        try:
            sick = is_healthy(running.port)
        finally:
            own.execute("UPDATE django_migrations SET app = substr(app, 2) WHERE id = 1")

    said = "The database is older than this program: 1 migration is not applied."
    assert sick == (1, said)
    assert is_healthy(running.port) == (0, "ok")
    status, said = is_healthy(port := free_port())
    assert (status, said.startswith(f"SegmentFlow does not answer on port {port}: ")) == (1, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_to_the_whole_group_stops_everything(installed, number):
    installed.start()

    assert installed.signal_group(number) == 0
    assert installed.processes() == {}
    assert not (installed.data / "postgres" / "postmaster.pid").exists()


def test_the_password_is_said_once_and_all_ends_with_a_killed_supervisor_and_starts_again_quickly(
    installation,
):
    first = installation.start()
    assert installation.status_of("/sign-in") == 200
    assert installation.said().count("with the password") == 1
    installation.kill()

    again = installation.start()

    assert again < first
    assert "with the password" not in installation.said()
    assert installation.status_of("/sign-in") == 200


def test_segments_are_computed_anew_after_a_start_in_another_time_zone_and_only_then(installed):
    installed.environment["TIME_ZONE"] = "UTC"
    installed.start()
    made = installed.manage("shell", "-c", MAKE_A_SEGMENT)
    assert made.returncode == 0, made.stderr
    installed.stop()

    said = []
    for zone in ("UTC", "Europe/Warsaw", "Europe/Warsaw"):
        installed.environment["TIME_ZONE"] = zone
        installed.start()
        said.append("computing 1 segment anew" in installed.said())
        installed.stop()

    assert said == [False, True, False]


def test_no_permission_of_a_directory_above_changes(installation):
    above = [*installation.data.parents]
    before = [(mode_of(path), path.stat().st_uid) for path in above]

    installation.start()

    assert [(mode_of(path), path.stat().st_uid) for path in above] == before


def test_a_command_starts_the_database_for_itself_when_nothing_runs(installation):
    installation.data.mkdir()

    migrated = installation.manage("migrate")
    shown = installation.manage("showmigrations", "contacts")

    assert migrated.returncode == 0, migrated.stderr
    assert "[X] 0001_initial" in shown.stdout
    assert installation.processes() == {}


@pytest.mark.parametrize("part", ["processes.web", "processes.cluster", "manage.py watch"])
def test_a_killed_process_is_started_again(running, part):
    before = running.main_of(part)

    os.kill(before, signal.SIGKILL)

    wait_until(
        lambda: any(part in c and p != before for p, c in running.processes().items()),
        what=part,
    )
    wait_until(lambda: running.status_of("/sign-in") == 200, what="a page")


def test_a_killed_database_is_started_again(running):
    postmaster = int((running.data / "postgres" / "postmaster.pid").read_text().split()[0])

    os.kill(postmaster, signal.SIGKILL)

    wait_until(lambda: running.status_of("/sign-in") == 200, what="a page")
    wait_until(lambda: running.manage("migrate", "--check").returncode == 0, what="the database")


def test_a_cluster_that_fell_silent_is_replaced(running):
    """What an out-of-memory killer does: the cluster lives on, and no task is ever begun."""
    wait_until(lambda: began_after(running, datetime.min.replace(tzinfo=UTC)), what="a first task")
    # One that another test had killed may be beginning anew.
    wait_until(lambda: workers_of(running), what="workers")

    for worker in workers_of(running):
        os.kill(worker, signal.SIGKILL)
    killed_at = datetime.now(UTC)

    wait_until(lambda: began_after(running, killed_at), what="a task", seconds=40)


def workers_of(installation: Installation) -> list[int]:
    sentinels = installation.below(installation.main_of("processes.cluster"))
    return installation.below(min(sentinels)) if sentinels else []


def began_after(installation: Installation, moment: datetime) -> bool:
    with psycopg.connect(Location(installation.data).url) as connection:
        row = connection.execute("SELECT max(begun_at) FROM segmentflow_wakeup").fetchone()
    return row is not None and row[0] is not None and row[0] > moment


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_data_directory_that_is_closed_to_us_is_said(installation):
    installation.data.mkdir(mode=0o500)

    status = installation.up().wait(60)

    assert status == 1
    assert str(installation.data) in installation.said()
    assert "Traceback" not in installation.said()


def test_a_data_directory_that_is_a_file_is_said(installation):
    installation.data.touch()

    status = installation.up().wait(60)

    assert status == 1
    assert str(installation.data) in installation.said()
    assert "Traceback" not in installation.said()


@pytest.mark.parametrize("seconds", [0.6, 1.2, 2.4])
def test_a_start_that_is_interrupted_leaves_nothing_running(installation, seconds):
    process = installation.up()
    time.sleep(seconds)

    process.terminate()

    process.wait(20)
    assert installation.processes() == {}
    assert "Traceback" not in installation.said()
