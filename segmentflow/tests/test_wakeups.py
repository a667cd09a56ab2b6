"""At most one wake-up waits, whoever asks, and a lost one does not silence the rest."""

from __future__ import annotations

import pytest
from django.db import connection
from django_q.models import OrmQ

from segmentflow.wakeups import ask_for, at_work, is_cluster_working, seconds_since_begun

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wakes(settings):
    settings.WAKE_CLUSTER = True


def ask() -> bool:
    return ask_for("refresh", "segments.tasks.refresh")


def test_only_the_first_of_many_enqueues():
    assert [ask(), ask(), ask()] == [True, False, False]
    assert OrmQ.objects.count() == 1


def test_asking_while_one_waits_costs_one_statement(django_assert_num_queries):
    ask()

    with django_assert_num_queries(1):
        ask()


def test_once_it_has_begun_another_may_wait():
    ask()

    with at_work("refresh"):
        assert ask()


def test_different_tasks_do_not_keep_each_other_out():
    ask()

    assert ask_for("rebuild", "segments.tasks.rebuild")


def test_a_lost_one_is_asked_for_again():
    ask()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE segmentflow_wakeup SET asked_at = asked_at - interval '3 s'")

    assert ask()


def test_one_that_was_asked_for_before_the_clock_was_put_back_is_asked_for_again():
    ask()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE segmentflow_wakeup SET asked_at = asked_at + interval '1 hour'")

    assert [ask(), ask()] == [True, False]


def test_nobody_is_woken_when_it_is_turned_off(settings):
    settings.WAKE_CLUSTER = False

    assert not ask()
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_does_not_reach_the_asker():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE segmentflow_wakeup RENAME TO gone")
    try:
        assert not ask()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO segmentflow_wakeup")


def test_the_cluster_counts_as_working_while_a_task_runs():
    before = is_cluster_working()
    with at_work("refresh"):
        during = is_cluster_working()

    assert (before, during, is_cluster_working()) == (False, True, False)
    assert 0 <= (seconds_since_begun() or -1) < 60


def test_what_was_begun_before_the_clock_was_put_back_is_no_sign_of_life():
    with at_work("refresh"), at_work("rebuild"):
        pass
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE segmentflow_wakeup SET begun_at = begun_at +
                CASE name WHEN 'refresh' THEN interval '1 hour' ELSE interval '-1 minute' END
            """
        )

    assert 60 <= (seconds_since_begun() or 0) < 120
