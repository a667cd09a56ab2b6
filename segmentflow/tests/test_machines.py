"""Machines that share a database know of each other, and each looks after its own workers."""

from __future__ import annotations

import pytest
from django.db import connection
from django_q.models import OrmQ

from segmentflow.broker import NotifyBroker
from segmentflow.machines import AnotherKey, check_key, forget_gone, name_for, names_alive
from segmentflow.wakeups import at_work, is_another_waiting, is_cluster_working, mine
from segments.tasks import beat
from segments.wakes import BEAT, wake_beat

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(settings):
    """Makes this process belong to a machine with that key."""
    settings.WAKE_CLUSTER = True

    def become(key: str = "one") -> str:
        settings.MACHINE = name_for(key)
        return settings.MACHINE

    return become


def age(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE segmentflow_wakeup SET asked_at = asked_at - %(s)s * interval '1 s',"
            " begun_at = begun_at - %(s)s * interval '1 s'",
            {"s": seconds},
        )


@pytest.mark.django_db(transaction=True)
def test_a_sign_of_life_is_asked_of_the_workers_of_ones_own_machine(machine):
    machine()
    wake_beat()

    machine()
    assert NotifyBroker().dequeue() is None
    [task] = OrmQ.objects.all()
    assert task.key.startswith("segmentflow@")


@pytest.mark.django_db(transaction=True)
def test_the_workers_of_a_machine_find_what_is_for_them(machine):
    machine()
    wake_beat()

    assert len(NotifyBroker().dequeue() or []) == 1


def test_those_who_gave_a_sign_of_life_a_moment_ago_are_alive(machine):
    first = machine()
    beat()
    age(60)
    second = machine()
    beat()

    assert names_alive() == [second]
    assert first != second


def test_a_worker_at_work_is_one_of_its_own_machine(machine):
    machine()
    with at_work("refresh"):
        here = is_cluster_working(here=True)
        machine()
        assert (here, is_cluster_working(here=True), is_cluster_working()) == (True, False, True)


def test_nobody_yields_to_what_another_machine_is_asked(machine):
    machine()
    wake_beat()
    age(1)

    assert is_another_waiting("rebuild")
    machine()
    assert not is_another_waiting("rebuild")


def test_a_machine_with_another_secret_key_is_refused_while_others_work(machine):
    machine("one")
    beat()

    check_key(["one"])
    check_key(["two", "one"])
    with pytest.raises(AnotherKey, match="SECRET_KEY"):
        check_key(["two"])
    age(60)
    check_key(["two"])


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_a_machine_at_work_stays(machine):
    machine()
    wake_beat()
    machine()
    forget_gone()

    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_left_of_a_machine_is_forgotten_after_a_day(machine):
    machine()
    wake_beat()
    with at_work(mine(BEAT)):
        pass
    with at_work("refresh"):
        pass
    forget_gone()
    assert OrmQ.objects.count() == 1
    age(2 * 86_400)

    forget_gone()

    assert not OrmQ.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM segmentflow_wakeup")
        assert cursor.fetchall() == [("refresh",)]
