"""The task queue hands every task to one reader, at once, and forgets none."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django_q.conf import Conf
from django_q.models import OrmQ

from segmentflow import broker as broker_module
from segmentflow.broker import NotifyBroker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(monkeypatch):
    monkeypatch.setattr(broker_module, "LISTEN_SECONDS", 0.05)
    return NotifyBroker("test")


def test_tasks_come_in_their_order(broker):
    first, second = broker.enqueue("one"), broker.enqueue("two")

    assert broker.dequeue() == [(first, "one")]
    assert broker.dequeue() == [(second, "two")]


def test_an_empty_queue_gives_nothing_after_a_while(broker):
    assert broker.dequeue() is None


def test_a_task_in_somebodys_hands_is_not_given_to_another(broker):
    broker.enqueue("one")
    broker.dequeue()

    assert NotifyBroker("test").dequeue() is None
    assert (broker.queue_size(), broker.lock_size()) == (0, 1)


def test_a_task_that_was_never_acknowledged_comes_again(broker):
    task = broker.enqueue("one")
    broker.dequeue()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET lock = lock - %s * interval '1 s'", [Conf.RETRY])

    assert broker.dequeue() == [(task, "one")]


def test_an_acknowledged_task_is_gone(broker):
    task = broker.enqueue("one")
    broker.dequeue()

    broker.acknowledge(task)

    assert not OrmQ.objects.exists()


def test_a_task_from_before_the_clock_was_put_back_is_free(broker):
    task = broker.enqueue("one")

    assert OrmQ.objects.get().lock < datetime.now(UTC) - timedelta(days=365)
    assert broker.dequeue() == [(task, "one")]


def test_queues_do_not_mix(broker):
    NotifyBroker("other").enqueue("theirs")

    assert broker.dequeue() is None


def test_a_reader_that_waits_is_woken_by_the_task(broker, monkeypatch):
    monkeypatch.setattr(broker_module, "LISTEN_SECONDS", 20)
    received = []

    def read() -> None:
        received.append(broker.dequeue())
        connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    wait_for_listener()
    begun = time.monotonic()
    NotifyBroker("test").enqueue("one")
    reader.join(30)

    assert received[0][0][1] == "one"
    assert time.monotonic() - begun < 5


def test_a_reader_survives_the_loss_of_its_connection(broker):
    broker.dequeue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()

    assert broker.dequeue() is None
    task = broker.enqueue("one")
    assert broker.dequeue() == [(task, "one")]


def wait_for_listener() -> None:
    """Until the reader's session has nothing more to do than to listen."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND state = 'idle' AND query LIKE '%%django_q_ormq%%'
                """
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("the reader never waited")
