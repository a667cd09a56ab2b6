"""Processes tell where they run and how it goes there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from segmentflow.database.location import Location
from segmentflow.fresh_minutes import KEPT, Worst, worst_since
from segmentflow.processes.child import Child, Program
from segmentflow.processes.listing import Listed, read_listing, write_listing
from segmentflow.sightings import Disk, places, tell

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
SINCE = "2026-11-20T10:00:00+00:00"


@pytest.fixture
def root(settings, tmp_path):
    settings.DATA = Location(tmp_path)
    return tmp_path


def later(seconds):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE segmentflow_sighting SET seen_at = seen_at - make_interval(secs => %s),"
            " watched_at = watched_at - make_interval(secs => %s)",
            [seconds, seconds],
        )


@pytest.mark.django_db
def test_a_place_is_told_with_its_processes_and_its_disk(root):
    write_listing(root, [Listed("web", os.getpid(), SINCE, 2)])

    tell(is_watcher=True)
    tell(is_watcher=False)

    [place] = places()
    assert place.processes == [Listed("web", os.getpid(), SINCE, 2, "running")]
    assert place.watched_for is not None
    assert place.watched_for < 5
    assert place.disk is not None
    assert 0 < place.disk.free < place.disk.total


@pytest.mark.django_db
def test_one_that_is_silent_stays_for_an_hour(root):
    tell(is_watcher=True)
    later(600)
    assert 599 < places()[0].silent_for < 700

    later(3_600)
    assert places() == []


def test_a_process_that_ended_or_was_stopped_is_told_from_one_that_runs(tmp_path):
    asleep = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    write_listing(tmp_path, [Listed("one", asleep.pid, SINCE, 0), Listed("two", None, SINCE, 0)])
    try:
        assert [one.state for one in read_listing(tmp_path)] == ["running", "gone"]
    finally:
        asleep.kill()
        asleep.wait()
    assert read_listing(tmp_path)[0].state == "gone"


@pytest.mark.django_db
def test_what_a_newer_version_tells_is_read_as_far_as_it_is_known(root):
    tell(is_watcher=True)
    process: dict[str, Any] = {
        "name": "web",
        "pid": 1,
        "since": SINCE,
        "restarts": 0,
        "state": "running",
    }
    told = {
        "processes": [{**process, "memory": 7}, {"name": "odd"}, {**process, "since": ""}],
        "disk": {"free": 1, "total": 2, "kind": "ssd"},
    }
    with connection.cursor() as cursor:
        cursor.execute("UPDATE segmentflow_sighting SET report = %s", [json.dumps(told)])

    [place] = places()

    assert place.processes == [Listed(**process)]
    assert place.disk == Disk(free=1, total=2)


@pytest.mark.parametrize("text", ["", "[", "{}", '[{"name": "web"}]', "[1]"])
def test_a_list_that_cannot_be_read_is_none(tmp_path, text):
    (tmp_path / "processes.json").write_text(text)

    assert read_listing(tmp_path) == []


def test_a_child_knows_since_when_it_runs_and_how_often_it_began():
    child = Child(Program("true", ["/bin/true"], {}))
    for _ in range(2):
        child.start()
        assert child.process is not None
        child.process.wait()
        assert child.process.stdout is not None
        child.process.stdout.close()
        child.ended()

    assert child.listed.restarts == 1
    assert child.listed.pid is None
    assert datetime.fromisoformat(child.listed.since).tzinfo is not None


@pytest.mark.django_db
def test_of_each_minute_the_worst_is_kept_whoever_saw_it():
    one, other = Worst(), Worst()
    one.see(now=NOW, oldest_at=NOW - timedelta(seconds=2), due_at=None)
    other.see(now=NOW, oldest_at=None, due_at=NOW - timedelta(seconds=1))
    one.see(now=NOW, oldest_at=NOW - timedelta(seconds=1), due_at=NOW + timedelta(hours=1))
    one.store(now=NOW)
    other.store(now=NOW)

    assert worst_since(NOW - timedelta(hours=1)) == [(NOW.replace(second=0), 2_000, 1_000)]
    one.store(now=NOW + KEPT + timedelta(minutes=1))
    assert worst_since(NOW - timedelta(hours=1)) == []
