"""/healthz and /readyz, as load balancers and people with curl ask them."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client

from segmentflow.broker import NotifyBroker
from segmentflow.clock import current_time
from segmentflow.operations.behind import how_far
from segmentflow.operations.migrating import is_ahead, pending_migrations
from segmentflow.operations.patience import NoAnswer, Patient
from segmentflow.operations.probes import find_troubles
from segmentflow.operations.troubles import severe_troubles, spell
from segmentflow.sightings import tell
from segmentflow.wakeups import at_work
from segments.tests.made import make_contact, make_segment

ANY_NAME = {"HTTP_HOST": "10.1.2.3:8000"}


def codes():
    return [trouble.code for trouble in severe_troubles()]


@pytest.fixture
def _all_is_well():
    with at_work("beat"):
        pass
    tell(is_watcher=True)


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_process_answers_without_a_database_by_any_name(client):
    """pytest would fail a test that asked the database."""
    answer = client.get("/healthz", **ANY_NAME)

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer


def test_whoever_wants_json_gets_it(client):
    answer = client.get("/healthz", headers={"Accept": "application/json"})

    assert json.loads(answer.content) == {"status": "ok", "troubles": []}


def test_it_is_asked_over_plain_http_where_pages_are_not(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client = Client()

    assert client.get("/sign-in").status_code == 301
    assert client.get("/healthz").status_code == 200


def test_nothing_can_be_sent_there(client):
    answer = client.post("/healthz")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_is_listed_for_people_and_programs(client):
    as_text = client.get("/readyz", **ANY_NAME)
    as_json = client.get("/readyz", headers={"Accept": "application/json"})

    assert (as_text.status_code, as_json.status_code) == (503, 503)
    assert "No worker is alive" in as_text.content.decode()
    told = json.loads(as_json.content)
    assert told["status"] == "not ready"
    assert [one["code"] for one in told["troubles"]] == ["workers", "watcher"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_all_is_well")
def test_it_is_ready_when_all_is_well(client):
    assert client.get("/readyz").content == b"ok\n"


@pytest.mark.django_db
@pytest.mark.usefixtures("_all_is_well")
class TestWhatIsWrong:
    def test_nothing(self):
        assert codes() == []

    def test_workers_that_began_nothing_for_long(self):
        execute("UPDATE segmentflow_wakeup SET begun_at = now() - interval '40 s'")
        assert codes() == ["workers"]

    def test_but_one_that_is_at_work_is_alive(self):
        with at_work("rebuild"):
            execute("UPDATE segmentflow_wakeup SET begun_at = now() - interval '40 s'")
            assert codes() == []

    def test_a_silent_watcher(self):
        execute("UPDATE segmentflow_sighting SET watched_at = now() - interval '40 s'")
        assert codes() == ["watcher"]

    def test_changes_that_wait(self):
        make_contact("anna")
        execute("UPDATE contacts_pendingmark SET created_at = now() - interval '5 minutes'")
        assert codes() == ["changes"]
        assert "for 5 minutes" in severe_troubles()[0].text

    def test_but_those_of_an_import_may_wait(self):
        make_contact("anna")
        execute(
            "UPDATE contacts_pendingmark SET is_bulk = true, created_at = now() - interval '1 hour'"
        )
        assert codes() == []

    def test_deadlines_that_are_late(self):
        contact, segment = make_contact("anna"), make_segment()
        execute("DELETE FROM contacts_pendingmark")
        execute(
            "INSERT INTO segments_deadline (contact_id, segment_id, due_at) VALUES (%s, %s, %s)",
            contact.pk,
            segment.pk,
            current_time() - timedelta(minutes=3),
        )
        assert codes() == ["deadlines"]

    def test_tasks_that_nobody_takes(self):
        execute(
            "INSERT INTO django_q_ormq (key, payload, lock) VALUES ('segmentflow', '', %s)",
            current_time() - timedelta(minutes=3),
        )
        assert codes() == ["tasks"]

    def test_a_task_that_was_just_queued_waits_since_then(self):
        NotifyBroker().enqueue("one")
        assert 0 <= how_far().task_age < 5
        assert codes() == []

        execute("UPDATE django_q_ormq SET lock = lock - interval '3 minutes'")
        assert 180 <= how_far().task_age < 185
        assert codes() == ["tasks"]

    def test_a_full_disk(self):
        execute(
            "UPDATE segmentflow_sighting SET machine = 'alpha',"
            " report = jsonb_set(report, '{disk}', '{\"free\": 1000000, \"total\": 1000000000000}')"
        )
        assert codes() == ["disk"]
        assert "alpha is full: 977 KB of 931.3 GB are left" in severe_troubles()[0].text

    def test_migrations_that_were_not_applied(self):
        assert pending_migrations() == []
        execute("DELETE FROM django_migrations WHERE name = '0012_operations'")
        assert pending_migrations() == [("segmentflow", "0012_operations")]
        assert codes() == ["migrations"]

    def test_a_newer_program_that_migrated_already_is_no_trouble(self):
        assert not is_ahead()
        execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('segments', '9999_later', now())"
        )
        assert is_ahead()
        assert codes() == []

    def test_looking_costs_few_queries(self, django_assert_max_num_queries):
        severe_troubles()
        with django_assert_max_num_queries(5):
            severe_troubles()


def test_a_database_that_hangs_is_told_in_time_and_asked_once():
    asked, released = [], threading.Event()

    def hangs():
        asked.append(1)
        released.wait(10)
        return []

    patient = Patient(hangs, seconds=0.05)
    for _ in range(3):
        assert [one.text for one in find_troubles(patient)] == [
            "The database does not answer within 3 seconds."
        ]
    assert len(asked) == 1
    released.set()


def test_a_database_that_is_away_is_told_without_its_address():
    def fails():
        raise OperationalError('connection to server at "db.internal", port 5432 failed')

    [trouble] = find_troubles(Patient(fails, seconds=1))

    assert (trouble.code, trouble.text) == ("database", "The database cannot be reached.")


def test_a_question_that_was_answered_late_is_asked_again():
    answers = iter([0.2, 0.0])

    def slow():
        threading.Event().wait(next(answers))
        return "answer"

    patient = Patient(slow, seconds=0.05)
    with pytest.raises(NoAnswer):
        patient.ask()
    threading.Event().wait(0.3)

    assert patient.ask() == "answer"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "less than a second"),
        (1, "1 second"),
        (90, "90 seconds"),
        (300, "5 minutes"),
        (7_300, "2 hours"),
        (2e6, "23 days"),
    ],
)
def test_times_are_said_as_people_do(seconds, said):
    assert spell(seconds) == said
