"""The first page and the search: what changed, what is still to do, and finding things."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segmentflow.clock import current_time
from segmentflow.models import TallySubject, User
from segmentflow.pages.beginning import steps
from segmentflow.pages.home import movers
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tallies import add
from segmentflow.users import give_role
from segmentflow.workspace import update_workspace
from segments.history import size_changes
from segments.models import Segment

pytestmark = pytest.mark.django_db


def person(role):
    user = User.objects.create_user(role or "nobody")
    give_role(user=user, role=role)
    return user


def segment(key, **values):
    return Segment.objects.create(key=key, name=key.capitalize(), status="live", **values)


def moved(key, *, entered=0, left=0, days_ago=0):
    found = segment(key)
    at = current_time() - timedelta(days=days_ago)
    add(TallySubject.ENTERED, found.pk, {at: entered})
    add(TallySubject.LEFT, found.pk, {at: left})
    return found


def bring(**built_in):
    upsert_contacts(rows=[ContactRow(built_in=built_in)], now=current_time())


def titles(user, *, done):
    return [step.title for step in steps(user=user) if step.is_done == done]


def queries(client, path):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_segments_that_changed_most_come_first_whichever_way():
    moved("grew", entered=5, left=1)
    moved("shrank", entered=10, left=19)
    moved("still", entered=3, left=3)
    moved("long-ago", entered=500, days_ago=30)

    found = movers(size_changes(days=7))

    assert [(mover.segment.key, mover.change) for mover in found] == [("shrank", -9), ("grew", 4)]
    assert found[0].sizes[-1] == -9
    assert found[0].label == "-9 in 7 days"


def test_a_segment_in_the_archive_is_not_news():
    moved("old", entered=5)
    Segment.objects.update(status=Segment.Status.ARCHIVED)

    assert movers(size_changes(days=7)) == []


def test_the_page_tells_numbers_and_leads_to_what_they_count(client):
    client.force_login(person(MARKETERS))
    bring(external_id="anna")
    vips = moved("vips", entered=1)

    page = client.get("/").content.decode()

    assert f'href="{reverse("contact_list")}"><span class="figure">1</span>' in page
    assert reverse("segment_detail", args=[vips.key]) in page
    assert reverse("event_feed") in page


def test_a_refresh_gets_only_what_is_live(client):
    client.force_login(person(MARKETERS))

    part = client.get("/", headers={"hx-request": "true"}).content.decode()

    assert part.strip().startswith('<div id="now">')
    assert "Getting started" not in part


def test_whoever_may_see_nothing_sees_nothing(client):
    client.force_login(person(""))
    moved("vips", entered=1)

    page = client.get("/").content.decode()

    assert "vips" not in page.lower()
    assert "events in the last minute" not in page


def test_twice_the_segments_cost_no_more_queries(client):
    client.force_login(person(ADMINS))
    moved("one", entered=1)
    before = queries(client, "/")
    for number in range(5):
        moved(f"more-{number}", entered=number + 1)

    assert queries(client, "/") == before


def test_the_first_steps_are_ticked_off_as_they_are_done():
    ada = person(ADMINS)
    assert titles(ada, done=True) == []

    bring(external_id="anna")
    person(MARKETERS)

    assert titles(ada, done=True) == ["Bring in your contacts", "Invite your colleagues"]


def test_demonstration_data_ticks_nothing_off():
    bring(external_id="demo-1")
    segment("demo")
    update_workspace(demo_loaded_at=current_time() + timedelta(seconds=1))

    assert titles(person(ADMINS), done=True) == []


def test_a_step_leads_only_where_one_may_go():
    links = {step.title: step.url for step in steps(user=person(MARKETERS))}

    assert links["Define your fields"] == ""
    assert links["Invite your colleagues"] == ""
    assert links["Describe a segment"]


@pytest.mark.parametrize("words", ["anna", "KOWAL", "anna@exa", "+48 600", "crm-7"])
def test_a_contact_is_found_by_the_beginning_of_what_it_is_known_by(client, words):
    client.force_login(person(MARKETERS))
    bring(
        external_id="crm-77",
        first_name="Anna",
        last_name="Kowalska",
        email="anna@example.com",
        phone="+48600100200",
    )

    assert "Anna Kowalska" in client.get("/search", {"q": words}).content.decode()


def test_segments_and_contacts_are_found_together(client):
    client.force_login(person(MARKETERS))
    segment("vips")
    bring(first_name="Vipin", external_id="v")

    page = client.get("/search", {"q": "vip"}, headers={"hx-request": "true"}).content.decode()

    assert "<html" not in page
    assert "Vips" in page
    assert "Vipin" in page


def test_search_shows_nobody_to_those_who_may_not_see_contacts(client):
    client.force_login(person(""))
    bring(first_name="Anna", external_id="a")

    assert "Anna" not in client.get("/search", {"q": "ann"}).content.decode().replace("“ann”", "")


@pytest.mark.parametrize("words", ["zzz", "%", "'", "\0", "&|!:*()", "a" * 5000, "<script>"])
def test_whatever_is_searched_for_gets_an_answer(client, words):
    client.force_login(person(MARKETERS))

    page = client.get("/search", {"q": words}).content.decode()

    assert "<script>" not in page.partition("<main")[2]


def test_freshness_says_when_nobody_works(client):
    client.force_login(person(MARKETERS))

    assert b"Nothing is being processed" in client.get("/freshness").content
