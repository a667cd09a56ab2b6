"""The watcher: a cluster that has gone silent is noticed, and a clock that is set makes nobody silent."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection

from segmentflow.wakeups import at_work
from segments.engine import turning, watch
from segments.tests.made import NOW, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def silences(monkeypatch):
    monkeypatch.setattr(watch, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(watch, "SILENT_SECONDS", 0.7)
    return []


@pytest.fixture
def heartbeat(silences):
    heartbeat = watch.Heartbeat(on_silence=lambda: silences.append(1))
    heartbeat.check(now=NOW)
    return heartbeat


@pytest.fixture
def woken(monkeypatch):
    calls = []
    monkeypatch.setattr(watch, "wake", lambda: calls.append(1))
    return calls


def test_a_cluster_that_begins_nothing_is_silent(heartbeat, silences):
    time.sleep(0.8)
    heartbeat.check(now=NOW)

    assert silences == [1]


def test_one_that_has_just_begun_something_is_not(heartbeat, silences):
    time.sleep(0.8)
    with at_work("beat"):
        pass
    heartbeat.check(now=NOW)

    assert silences == []


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_makes_nobody_silent(heartbeat, silences, hours):
    heartbeat.check(now=NOW + timedelta(hours=hours))

    assert silences == []


@pytest.mark.parametrize("hours", [1, -1])
def test_a_mark_is_followed_also_when_the_database_has_another_clock(woken, hours):
    make_contact("ann")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_pendingmark SET created_at = %s", [NOW])

    watch.look(now=NOW + timedelta(hours=hours))

    assert woken == [1]


def test_a_clock_that_was_put_back_is_noticed_also_when_nothing_happens(heartbeat, woken):
    turning.note_time(now=NOW)
    heartbeat.check(now=NOW - timedelta(seconds=4))
    assert woken == []

    heartbeat.check(now=NOW - timedelta(hours=1))

    assert woken == [1]
