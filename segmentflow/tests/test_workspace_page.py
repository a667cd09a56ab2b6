"""The page of the workspace: its time zone, the demonstration data, what runs here."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from contacts.models import Contact
from segmentflow.models import User
from segmentflow.pages import zone_form
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS
from segmentflow.tests.made import HTMX, queries, sign_in
from segmentflow.workspace import current_workspace, update_workspace
from segments.models import Rebuild, Segment, SegmentVersion
from tests.site.world import make_world

pytestmark = pytest.mark.django_db

PAGE = "/settings/workspace"
LOAD, STREAM, REMOVE = (f"{PAGE}/demo/{what}" for what in ("load", "stream", "remove"))
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def ada(client):
    return sign_in(client, ADMINS)


def read(client) -> str:
    return client.get(PAGE).content.decode()


def start_rebuild(key):
    segment = Segment.objects.create(key=key, name=key)
    version = SegmentVersion.objects.create(segment=segment, number=1, definition={})
    Rebuild.objects.create(segment=segment, version=version)


def test_the_page_says_what_runs_here(client, ada):
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        database = cursor.fetchone()[0].split()[0]

    page = read(client)

    assert f"<dd>{database}</dd>" in page
    assert "UTC" in page


def test_another_time_zone_holds_for_the_times_on_pages(client, ada):
    response = client.post(PAGE, {"time_zone": "Asia/Tokyo"}, follow=True)

    assert current_workspace().time_zone == "Asia/Tokyo"
    assert "The time zone is Asia/Tokyo" in response.content.decode()
    assert response.context["local_time"].utcoffset().total_seconds() == 9 * 3600


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd"])
def test_what_is_no_time_zone_is_refused(client, ada, name):
    response = client.post(PAGE, {"time_zone": name})

    assert response.status_code == 422
    assert current_workspace().time_zone == ""


def test_segments_that_do_not_follow_yet_are_said(client, ada):
    assert "All in this time zone" in read(client)
    start_rebuild("vips")
    assert "Being computed" in read(client)
    Rebuild.objects.update(cause={"kind": "zone", "zone": "Asia/Tokyo"})
    assert "Following the new time zone" in read(client)


def test_a_zone_that_the_database_does_not_know_is_refused(client, ada, monkeypatch):
    monkeypatch.setattr(zoneinfo, "available_timezones", lambda: {"Mars/Olympus"})
    monkeypatch.setattr(zone_form, "zone_choices", lambda: [("Mars/Olympus", "Mars/Olympus")])

    response = client.post(PAGE, {"time_zone": "Mars/Olympus"})

    assert response.status_code == 422
    assert "“Mars/Olympus” is no time zone" in response.content.decode()


def test_live_segments_are_computed_anew_in_another_zone(client, ada):
    make_world(now=NOW)

    page = client.post(PAGE, {"time_zone": "Asia/Tokyo"}, follow=True).content.decode()

    assert "2 live segments are being computed anew" in page
    assert Rebuild.objects.filter(state="building", cause__kind="zone").count() == 2


def test_demonstration_data_is_asked_for_where_there_is_nobody(client, ada):
    assert "Load demonstration data" in read(client)

    client.post(LOAD)

    assert "Coming in" in read(client)
    assert "Load demonstration data" not in read(client)


def test_demonstration_data_never_mixes_with_contacts_of_ones_own(client, ada):
    Contact.objects.create(external_id="anna")

    page = client.post(LOAD, follow=True).content.decode()

    assert "alert-danger" in page
    assert current_workspace().demo_asked_at is None
    assert "Load demonstration data" not in page


def test_the_stream_is_switched_off_and_on(client, ada):
    update_workspace(demo_asked_at=NOW, demo_loaded_at=NOW)

    client.post(STREAM, {"on": "0"})
    assert not current_workspace().demo_streams
    assert "No new events arrive" in read(client)

    client.post(STREAM, {"on": "1"})
    assert current_workspace().demo_streams
    assert "New events keep arriving" in read(client)


def test_removing_asks_first_and_is_done_by_the_task_cluster(client, ada):
    update_workspace(demo_asked_at=NOW, demo_loaded_at=NOW)

    question = client.get(REMOVE).content.decode()
    assert "Remove the demonstration data" in question
    assert current_workspace().demo_streams

    assert client.post(REMOVE).headers["Location"] == PAGE
    assert not current_workspace().demo_streams


def test_what_is_not_there_cannot_be_removed(client, ada):
    assert '<button class="btn btn-danger"' not in client.get(REMOVE).content.decode()


def test_whoever_may_only_look_finds_no_buttons_and_changes_nothing(client):
    user = User.objects.create_user("eve")
    user.user_permissions.add(Permission.objects.get(codename="view_workspace"))
    client.force_login(user)

    page = read(client)

    assert "Set time zone" not in page
    assert "Load demonstration data" not in page
    for path in (PAGE, LOAD, STREAM, REMOVE):
        assert client.post(path, {"time_zone": "Asia/Tokyo"}).status_code == 403
    assert current_workspace().time_zone == ""


@pytest.mark.parametrize("path", [PAGE, LOAD, STREAM, REMOVE])
def test_the_workspace_is_for_admins_only(client, path):
    assert client.post(path).headers["Location"].startswith("/sign-in")
    for role in (MARKETERS, CAMPAIGN_MANAGERS, ""):
        sign_in(client, role, role or "nobody")
        assert client.post(path).status_code == 403
        assert client.get(path).status_code in (403, 405)


def test_nothing_else_is_answered(client, ada):
    assert client.get(LOAD).status_code == 405
    assert client.get(STREAM).status_code == 405
    assert client.delete(PAGE).status_code == 405


def test_the_part_that_refreshes_is_answered_to_htmx(client, ada):
    content = client.get(PAGE, headers=HTMX).content.decode()

    assert content.strip().startswith('<div id="now"')


def test_the_page_costs_the_same_for_more_rebuilds(client, ada):
    start_rebuild("one")
    few = queries(lambda: client.get(PAGE))
    for number in range(4):
        start_rebuild(f"more_{number}")

    assert queries(lambda: client.get(PAGE)) == few
