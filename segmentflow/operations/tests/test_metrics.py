"""/metrics: who may read it, and that it tells what is stored."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families

from campaigns.delivery.counted import note_results
from campaigns.models import Message
from segmentflow.api.keys import create_key, revoke_key
from segmentflow.clock import current_time
from segmentflow.counting import Counts, store
from segmentflow.models import ApiKey
from segmentflow.sightings import tell
from segmentflow.tests.made import queries
from segments.engine.refresh import refresh_pending
from segments.engine.settle import settle
from segments.tests.made import EVERYONE, make_contact, make_segment

NEAR = {"REMOTE_ADDR": "10.1.2.3"}


@pytest.fixture(autouse=True)
def _counts(monkeypatch):
    monkeypatch.setattr("segmentflow.counting.COUNTS", Counts())


@pytest.fixture
def read(client, settings):
    """Everything, by name and labels."""
    settings.METRICS_ALLOW = [ip_network("127.0.0.1/32")]

    def read() -> dict[tuple[str, ...], float]:
        store(now=current_time())
        answer = client.get("/metrics")
        assert answer.status_code == 200
        return {
            (sample.name.removeprefix("segmentflow_"), *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return read


@pytest.mark.django_db
@pytest.mark.parametrize("scope", ApiKey.Scope.values)
def test_any_key_may_read_it(client, scope):
    _, key = create_key(name="prometheus", scopes=[scope])

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert b"# TYPE segmentflow_events_accepted_total counter" in answer.content


@pytest.mark.django_db
def test_nobody_else_may(client, admin_client):
    row, key = create_key(name="prometheus", scopes=["read"])
    revoke_key(row, now=current_time())

    for answer in (
        client.get("/metrics"),
        admin_client.get("/metrics"),
        client.get("/metrics", headers={"Authorization": f"Bearer {key}"}),
        client.get("/metrics", headers={"Authorization": "Bearer sf_no"}),
        client.get("/metrics", headers={"Authorization": "Basic eDp5"}),
        client.get("/metrics", **NEAR),
    ):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_programs_near_by_may_read_it_without_a_key_but_not_through_a_proxy(client, settings):
    settings.METRICS_ALLOW = [ip_network("10.1.0.0/16")]

    assert client.get("/metrics", **NEAR, HTTP_HOST="whatever").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.2.0.1").status_code == 401
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP"):
        answer = client.get("/metrics", headers={header: "10.1.2.4"}, **NEAR)
        assert answer.status_code == 401, header


@pytest.mark.django_db
def test_events_are_told_by_the_way_they_came(client, read):
    _, key = create_key(name="x", scopes=["ingest"])
    event = {"contact": {"external_id": "anna"}, "type": "Visit", "message_id": "m1"}
    before = read()
    for _ in range(2):
        client.post(
            "/api/v1/events",
            {"events": [event, {**event, "message_id": "m2"}, {"type": "Visit"}]},
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    found = read()

    assert found["events_accepted_total", "api"] == 2
    assert found["events_duplicate_total", "api"] == 2
    assert found["events_refused_total", "api"] == 2
    assert found["events_accepted_total", "website"] == 0
    assert found["http_requests_total", "events", "2xx"] == 2
    assert found["http_request_seconds_count", "events"] == 2
    assert found["events",] == before["events",] + 2
    assert found["pending_contacts",] == 1
    assert found["oldest_pending_seconds", "live"] > 0


@pytest.mark.plain_server("how long a segment takes is not measured on a cluster")
@pytest.mark.django_db
def test_what_the_engine_does_is_told(read, django_capture_on_commit_callbacks):
    now = current_time()
    make_segment("vips")
    with django_capture_on_commit_callbacks(execute=True):
        settle(now=now)
    contact = make_contact("anna")
    with django_capture_on_commit_callbacks(execute=True):
        refresh_pending(now=now + timedelta(seconds=20))

    found = read()

    assert found["memberships_entered_total", "vips"] == 1
    assert found["members", "vips"] == 1
    assert found["evaluation_seconds_count", "vips"] == 1
    assert 0 < found["evaluation_seconds_sum", "vips"] < 5
    assert found["membership_latency_seconds_count", "live"] == 1
    assert found["membership_latency_seconds_bucket", "live", "10.0"] == 0
    assert found["membership_latency_seconds_bucket", "live", "30.0"] == 1
    assert found["pending_contacts",] == 0

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_deadline (contact_id, segment_id, due_at)"
            " SELECT %s, id, %s FROM segments_segment",
            [contact.pk, now],
        )
    assert read()["deadlines_overdue",] == 1
    with django_capture_on_commit_callbacks(execute=True):
        refresh_pending(now=now + timedelta(seconds=45))

    found = read()
    assert found["deadline_lateness_seconds_bucket", "30.0"] == 0
    assert found["deadline_lateness_seconds_bucket", "60.0"] == 1
    assert found["deadlines_overdue",] == 0


@pytest.mark.django_db
def test_messages_are_told_by_channel_and_by_what_came_of_them(read):
    state = Message.State
    note_results("sms", [state.SENT, state.SENT, state.UNCLEAR, state.WAITING])

    found = read()

    assert found["messages_total", "sms", "sent"] == 2
    assert found["messages_total", "sms", "unclear"] == 1
    assert found["messages_total", "sms", "failed"] == 0
    assert found["messages_total", "email", "sent"] == 0
    assert found["webhook_moves_waiting",] == 0


@pytest.mark.django_db
def test_where_it_runs_is_told(read):
    tell(is_watcher=True)

    found = read()

    assert found["build_info", "0.1.0"] == 1
    assert found["database_up",] == 1
    assert found["database_size_bytes",] > 1_000_000
    assert found["watcher_silent_seconds",] < 10
    assert any(name[0] == "disk_free_bytes" and value > 0 for name, value in found.items())
    assert found["scrape_failed", "engine"] == 0


@pytest.mark.django_db
def test_a_part_that_cannot_be_read_does_not_take_the_others_with_it(read):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbound_webhook RENAME TO elsewhere")

    found = read()

    assert found["scrape_failed", "sending"] == 1
    assert found["scrape_failed", "engine"] == 0
    assert ("tasks", "waiting") in found


@pytest.mark.django_db
def test_many_segments_cost_no_more_queries(read):
    for number in range(3):
        make_segment(f"first-{number}", EVERYONE)
    read()  # what was counted until now is stored
    few = queries(read)
    for number in range(6):
        make_segment(f"second-{number}", EVERYONE)

    assert queries(read) <= few
