"""The page of the log, its file, how long it is kept, and the log for programs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from segmentflow.api.keys import create_key
from segmentflow.audit.keeping import months_kept
from segmentflow.audit.models import AuditEntry
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tests.made import HTMX, queries, sign_in

pytestmark = pytest.mark.django_db

LOG = "/settings/audit"
API = "/api/v1/audit"


@pytest.fixture
def ada(client):
    return sign_in(client, ADMINS)


def made(number: int, **values) -> None:
    for place in range(number):
        record(**{"action": "changed", "kind": "user", "name": f"user {place}", **values})


def test_what_a_person_does_stands_in_it_with_where_from(client, ada):
    client.post(
        "/settings/websites/new",
        {"name": "Shop", "origins": "https://shop.example"},
        REMOTE_ADDR="192.0.2.7",
    )

    entry = AuditEntry.objects.get(kind="website")
    assert (entry.actor_kind, entry.actor_id, entry.address) == ("user", ada.pk, "192.0.2.7")
    page = client.get(LOG).content.decode()
    assert "created the website “Shop”" in page
    assert f"/settings/websites/{entry.key}" in page


def test_a_proxy_of_ours_tells_where_from_and_nobody_else_does(client, ada, settings):
    sent = {"name": "Shop", "origins": "https://shop.example"}
    forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    client.post("/settings/websites/new", sent, headers=forwarded)
    client.post(
        "/settings/websites/new", {**sent, "name": "B"}, headers=forwarded, REMOTE_ADDR="192.0.2.7"
    )

    found = AuditEntry.objects.filter(kind="website").order_by("pk")
    assert [one.address for one in found] == ["198.51.100.4", "192.0.2.7"]


def test_a_key_that_changes_something_is_named(client):
    _, key = create_key(name="Robot", scopes=["write"])

    sent = {"key": "size", "type": "number"}
    headers = {"Authorization": f"Bearer {key}"}
    client.post("/api/v1/fields", sent, content_type="application/json", headers=headers)

    entry = AuditEntry.objects.get(kind="field")
    assert (entry.actor_kind, entry.actor_name) == ("key", "Robot")


def test_it_is_narrowed_by_person_kind_action_day_and_words(client, ada):
    record(action="deleted", kind="segment", key="vips", name="VIPs")
    record(action="created", kind="segment", key="new", name="Newcomers")

    def shown(**asked) -> tuple[bool, bool]:
        page = client.get(LOG, asked).content.decode()
        return "“VIPs”" in page, "“Newcomers”" in page

    tomorrow = (current_time() + timedelta(days=2)).date().isoformat()
    assert shown() == (True, True)
    assert shown(action="deleted") == (True, False)
    assert shown(q="newcomers") == (False, True)
    assert shown(kind="segment", key="vips") == (True, False)
    assert shown(kind="field") == (False, False)
    assert shown(who=f"user-{ada.pk}") == (False, False)
    assert shown(who="system") == (True, True)
    assert shown(first=tomorrow) == (False, False)
    assert shown(last=tomorrow) == (True, True)


@pytest.mark.parametrize(
    "asked",
    [
        {"who": "user-99999999999999999999999"},
        {"who": "\0", "kind": "\0", "q": "\0"},
        {"first": "0000-00-00", "last": "9999-12-31"},
        {"after": "99999999999999999999", "before": "x"},
    ],
)
def test_what_makes_no_sense_narrows_nothing_and_breaks_nothing(client, ada, asked):
    assert client.get(LOG, asked).status_code == 200
    assert client.get(f"{LOG}.csv", asked).status_code == 200


def test_it_is_paged_and_longer_ones_cost_no_more_queries(client, ada):
    made(60)
    few = queries(lambda: client.get(LOG, headers=HTMX))
    made(60)

    assert queries(lambda: client.get(LOG, headers=HTMX)) == few
    first = client.get(LOG).content.decode()
    assert first.count('<li class="audit-entry">') == 50
    assert "after=" in first


def test_what_is_gone_has_no_link(client, ada):
    record(action="created", kind="segment", key="old", name="Old")
    assert 'href="/segments/old"' in client.get(LOG).content.decode()

    record(action="deleted", kind="segment", key="old", name="Old")

    assert 'href="/segments/old"' not in client.get(LOG).content.decode()


def test_the_file_has_all_that_is_found_and_taking_it_is_told(client, ada):
    made(1_100)

    lines = b"".join(client.get(f"{LOG}.csv?kind=user").streaming_content).decode().splitlines()

    assert len(lines) == 1_100 + 1
    assert AuditEntry.objects.latest("pk").action == "downloaded"


def test_how_long_it_is_kept_is_seen_before_it_is_chosen(client, ada):
    made(2, now=current_time() - timedelta(days=100))

    page = client.get(f"{LOG}/retention?months=1").content.decode()
    assert "2 entries" in page
    assert months_kept() == 24
    client.post(f"{LOG}/retention", {"months": "1"})

    assert months_kept() == 1
    assert client.post(f"{LOG}/retention", {"months": "0"}).status_code == 422


def test_programs_read_it_with_a_key_of_their_own_from_where_they_ended(client):
    made(3)
    _, key = create_key(name="SIEM", scopes=["audit"])
    headers = {"Authorization": f"Bearer {key}"}

    first = client.get(f"{API}?limit=2&kind=user", headers=headers).json()
    second = client.get(first["next"], headers=headers).json()

    names = [one["name"] for one in first["results"] + second["results"]]
    assert names == ["user 0", "user 1", "user 2"]
    assert second["next"] is None
    assert first["results"][0]["in_words"] == "SegmentFlow changed the user “user 0”"
    assert client.get(f"{API}?since=yesterday", headers=headers).status_code == 400


def test_who_reads_everything_else_does_not_read_it(client):
    _, key = create_key(name="Reader", scopes=["read", "write", "ingest"])

    answer = client.get(API, headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 403


def test_it_is_for_admins_alone(client):
    sign_in(client, MARKETERS)

    assert client.get(LOG).status_code == 403
    assert client.get(API).status_code == 403
