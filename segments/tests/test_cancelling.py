"""Counts that are given up: on real connections, and never the wrong one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Thread

import pytest
from django.db import connection, transaction

from events.models import EventType
from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine import counting
from segments.engine.cancelling import own_connection
from segments.engine.counting import Cancelled, TooSlow, cancel_counts, count_all, count_exactly
from segments.tests.made import EVERYONE, NOW, make_contact

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20


@contextmanager
def elsewhere(call: Callable[[], object]) -> Iterator[Queue[object]]:
    """Runs it in a thread; what it answers or raises arrives in the queue."""
    answers: Queue[object] = Queue()

    def run() -> None:
        try:
            answers.put(call())
        except (Cancelled, TooSlow) as error:
            answers.put(error)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    try:
        yield answers
    finally:
        thread.join(PATIENCE)


def sleeping(token: str, seconds: float = PATIENCE, **values: int) -> Callable[[], object]:
    def sleep() -> object:
        with own_connection(token, **values) as own, own.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])
        return "slept"

    return sleep


def wait_for(token: str) -> None:
    """Until its statement runs."""
    for _ in range(PATIENCE * 50):
        if running(token):
            return
        time.sleep(0.02)
    pytest.fail(f"Nothing runs as {token}.")


def running(token: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND state = 'active'",
            [f"count {token}"],
        )
        return cursor.fetchone()[0]


def test_a_count_is_given_up_when_somebody_says_so():
    make_contact()
    group = parse(EVERYONE, current_catalog())
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The count has to wait for this transaction.
            cursor.execute("LOCK TABLE contacts_contact IN ACCESS EXCLUSIVE MODE")
        with elsewhere(lambda: count_exactly(group, now=NOW, token="12-3")) as answers:
            wait_for("12-3")
            cancel_counts(token="12-3")
            assert isinstance(answers.get(timeout=PATIENCE), Cancelled)


def test_only_what_has_the_token_is_given_up():
    with elsewhere(sleeping("12-4", 1)) as others, elsewhere(sleeping("12-3")) as answers:
        wait_for("12-3")
        wait_for("12-4")
        cancel_counts(token="12-3")
        assert isinstance(answers.get(timeout=PATIENCE), Cancelled)
        assert others.get(timeout=PATIENCE) == "slept"


def test_both_counts_of_a_token_are_given_up():
    with elsewhere(sleeping("7-1")) as one, elsewhere(sleeping("7-1")) as other:
        while running("7-1") < 2:
            time.sleep(0.02)
        cancel_counts(token="7-1")
        assert isinstance(one.get(timeout=PATIENCE), Cancelled)
        assert isinstance(other.get(timeout=PATIENCE), Cancelled)


def test_many_contacts_are_counted_by_halves(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "MANY", 1)
    for _ in range(7):
        make_contact()
    group = parse(EVERYONE, current_catalog())

    found = count_exactly(group, now=NOW, token="12-3")

    assert found == count_all(group, now=NOW)
    assert (found.count, found.total) == (7, 7)


def test_both_halves_are_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "MANY", 1)
    EventType.objects.create(key="Visit")
    for _ in range(2):
        make_contact()
    visited = {"kind": "group", "match": "all", "children": [{"kind": "event", "event": "Visit"}]}
    group = parse(visited, current_catalog())
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The halves wait for this transaction; to see who there is, they need not.
            cursor.execute("LOCK TABLE events_event IN ACCESS EXCLUSIVE MODE")
        with elsewhere(lambda: count_exactly(group, now=NOW, token="12-3")) as answers:
            while running("12-3") < 2:
                time.sleep(0.02)
            cancel_counts(token="12-3")
            assert isinstance(answers.get(timeout=PATIENCE), Cancelled)


def test_giving_up_too_late_hits_nothing():
    group = parse(EVERYONE, current_catalog())
    assert count_exactly(group, now=NOW, token="12-3").is_exact

    cancel_counts(token="12-3")

    assert count_exactly(group, now=NOW, token="12-3").is_exact
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_nothing_of_a_count_stays_behind():
    group = parse(EVERYONE, current_catalog())
    count_exactly(group, now=NOW, token="12-3")

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('application_name')")
        assert "count" not in cursor.fetchone()[0]
        # Servers take a moment to end what was closed.
        for _ in range(PATIENCE * 50):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'count 12-3'"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.02)
    pytest.fail("The connection is still there.")


def test_a_count_without_end_is_too_slow():
    with pytest.raises(TooSlow):
        sleeping("12-3", longest_ms=50)()


@pytest.mark.parametrize(
    "token", ["a' OR '1'='1", "%", "_" * 500, "", "żółw 12", "a\x00b", "12-3\n", "count 12-3"]
)
def test_a_strange_token_is_a_name_like_any_other(token: str):
    with elsewhere(sleeping("12-3", 1)) as answers:
        wait_for("12-3")
        if not token.startswith("12-3"):
            cancel_counts(token=token)
            assert answers.get(timeout=PATIENCE) == "slept"
        group = parse(EVERYONE, current_catalog())
        assert count_exactly(group, now=NOW, token=token).is_exact
