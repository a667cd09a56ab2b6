"""The page of the state, and the banner that everybody sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import Failure, OrmQ

from segmentflow.clock import current_time
from segmentflow.counting import WAITING
from segmentflow.fresh_minutes import Worst
from segmentflow.models import TallySubject
from segmentflow.operations.failures import last_failures
from segmentflow.operations.recent import freshness_of_last_hour, slowest_segments
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.sightings import tell
from segmentflow.tallies import add
from segmentflow.tests.made import HTMX, queries, sign_in
from segmentflow.wakeups import at_work
from segments.models import Rebuild
from segments.tests.made import make_segment

NOW = datetime(2026, 11, 20, 12, 34, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def page(client, **headers):
    answer = client.get("/settings/status", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def make_failure(name="1", **values):
    given = {
        "id": name.rjust(32, "0"),
        "name": "refresh",
        "func": "segments.tasks.refresh",
        "started": timezone.now(),
        "stopped": timezone.now(),
        "success": False,
        "result": "no anna@example.com : Traceback (most recent call last):\n  File x",
    }
    return Failure.objects.create(**given | values)


@pytest.fixture
def _all_is_well():
    with at_work("beat"):
        pass
    tell(is_watcher=True)


@pytest.mark.usefixtures("_all_is_well")
def test_it_says_so_when_all_is_well(client):
    sign_in(client, ADMINS)

    assert "Everything runs" in page(client)
    assert "No worker is alive" not in page(client)


def test_each_thing_that_is_wrong_says_what_to_do(client):
    sign_in(client, ADMINS)

    text = page(client)

    assert "No worker is alive" in text
    assert "Look at the lines of “cluster” in the log" in text
    assert "The watcher is not alive" in text


@pytest.mark.usefixtures("_all_is_well")
def test_segments_that_cannot_be_computed_are_told(client):
    sign_in(client, ADMINS)
    segment = make_segment()
    Rebuild.objects.filter(segment=segment).update(state=Rebuild.State.FAILED)

    assert "1 segment cannot be computed" in page(client)


def test_only_the_part_that_changes_is_sent_to_a_page_that_is_open(client):
    sign_in(client, ADMINS)

    part = page(client, **HTMX)

    assert part.strip().startswith('<div id="now">')
    assert "<html" not in part


def test_a_failed_task_says_what_happened_and_nothing_of_people(client):
    sign_in(client, ADMINS)
    make_failure(group="from-the-shop")

    text = page(client)

    assert "1 task failed in the last 24 hours" in text
    assert "no [email]" in text
    assert "from-the-shop" in text
    assert "anna@example.com" not in text


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (" : Traceback (most recent call last):\n  File x\nValueError", "ValueError"),
        ("one\ntwo : Traceback (most recent call last):\n  File x", "one"),
        ("", "It said nothing."),
        (None, "It said nothing."),
    ],
)
def test_whatever_a_failed_task_said_is_shown_in_one_line(result, said):
    make_failure(result=result)

    [failed] = last_failures()

    assert failed.said == said


def test_a_failed_task_is_done_again(client):
    sign_in(client, ADMINS)
    failure = make_failure()

    for _ in range(2):
        assert client.post(f"/settings/status/failures/{failure.pk}/again").status_code == 302

    assert not Failure.objects.exists()
    assert OrmQ.objects.count() == 1
    assert OrmQ.objects.get().func() == "segments.tasks.refresh"


def test_failed_tasks_are_dismissed_one_by_one_or_all(client):
    sign_in(client, ADMINS)
    one, _, _ = (make_failure(name) for name in ("1", "2", "3"))

    client.post(f"/settings/status/failures/{one.pk}/dismiss")
    assert Failure.objects.count() == 2
    client.post("/settings/status/failures/dismiss")
    assert not Failure.objects.exists()
    assert not OrmQ.objects.exists()


def test_more_of_everything_costs_no_more_queries(client):
    sign_in(client, ADMINS)
    make_failure("1")
    few = queries(lambda: page(client))
    for name in "2345":
        make_failure(name)
        make_segment(f"s{name}")

    assert queries(lambda: page(client)) <= few


def test_the_last_hour_is_told_minute_by_minute():
    worst = Worst()
    for minutes, seconds in ((0, 1), (5, 9), (70, 99)):
        at = NOW - timedelta(minutes=minutes)
        worst.see(now=at, oldest_at=at - timedelta(seconds=seconds), due_at=None)
    worst.store(now=NOW)
    add(TallySubject.LATENCY, 0, {NOW: 90})
    add(TallySubject.LATENCY, 4, {NOW: 8})
    add(TallySubject.LATENCY, len(WAITING.bounds), {NOW: 2, NOW - timedelta(hours=2): 500})

    found = freshness_of_last_hour(now=NOW)

    assert len(found.bars) == 60
    assert (found.worst.worst_ms, found.worst.at) == (9_000, NOW.replace(second=0, minute=29))
    assert [bar.worst_ms for bar in found.bars[-6:]] == [9_000, None, None, None, None, 1_000]
    assert (found.within, found.is_longer, found.changes) == (1, False, 100)


def test_segments_are_ordered_by_what_they_cost():
    for number, key in enumerate(("cheap", "dear")):
        segment = make_segment(key)
        add(TallySubject.EVALUATIONS, segment.pk, {NOW: 10})
        add(TallySubject.EVALUATING, segment.pk, {NOW: 1_000_000 * (number + 1)})
    add(TallySubject.EVALUATING, 10**9, {NOW: 9})

    dear, cheap = slowest_segments(now=NOW)

    assert (dear.segment.key, dear.times, dear.seconds, dear.each_ms) == ("dear", 10, 2.0, 200.0)
    assert cheap.segment.key == "cheap"


def test_everybody_sees_a_banner_while_something_is_wrong(client):
    sign_in(client, MARKETERS)

    text = client.get("/freshness").content.decode()

    assert 'id="trouble" role="status" hx-swap-oob="true"' in text
    assert "No worker is alive" in text
    assert "1 other thing is wrong" in text
    assert "An administrator has to look at it" in text
    assert "/settings/status" not in text


def test_admins_are_led_to_what_they_can_do(client):
    sign_in(client, ADMINS)

    assert 'href="/settings/status"' in client.get("/freshness").content.decode()


@pytest.mark.usefixtures("_all_is_well")
def test_there_is_no_banner_while_all_is_well(client):
    sign_in(client, MARKETERS)

    text = client.get("/freshness").content.decode()

    assert "Up to date" in text
    assert "alert" not in text


def test_it_is_asked_for_often_so_it_costs_little(client, django_assert_max_num_queries):
    sign_in(client, MARKETERS)
    client.get("/freshness")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE segmentflow_wakeup SET begun_at = %s", [current_time()])

    with django_assert_max_num_queries(15):
        client.get("/freshness")
