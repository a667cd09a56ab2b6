"""The list of segments and one segment's page: who sees them, what they show, what they cost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from segmentflow.roles import CAMPAIGN_MANAGERS, MARKETERS
from segments import services
from segments.engine.settle import settle
from segments.models import Segment
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    make_contact,
    make_field,
    make_segment,
    make_user,
    queries_of,
    settled,
)
from segments.views import MEMBERS_A_PAGE, SEGMENTS_A_PAGE

pytestmark = pytest.mark.django_db

LIST = reverse("segment_list")
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/segments?q=a"}


def detail(key="vips"):
    return reverse("segment_detail", args=[key])


def csv(key="vips"):
    return reverse("segment_csv", args=[key])


PAGES = [LIST, detail(), csv()]


@pytest.fixture(autouse=True)
def in_utc(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def reader(client):
    user = make_user(CAMPAIGN_MANAGERS)
    client.force_login(user)
    return user


@pytest.fixture
def segment():
    make_contact("u1", email="anna@example.com")
    return settled(make_segment())


@pytest.mark.parametrize("address", PAGES)
def test_a_page_works(client, reader, segment, address):
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_a_page_needs_someone_signed_in(client, segment, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('login')}?next={address}"


@pytest.mark.parametrize("address", PAGES)
def test_a_page_needs_a_role(client, segment, address):
    client.force_login(make_user())

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_a_page_only_shows(client, reader, segment, address):
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", [detail("nobody"), csv("nobody")])
def test_an_unknown_segment_is_a_404(client, reader, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(("address", "part"), [(LIST, 'id="segments"'), (detail(), 'id="live"')])
def test_htmx_gets_the_part_alone(client, reader, segment, address, part):
    whole, piece = client.get(address), client.get(address, headers=HTMX)

    assert b"<html" in whole.content
    assert (
        piece.content.decode().split(">")[0].endswith(part) or part in piece.content.decode()[:80]
    )
    assert b"<html" not in piece.content
    assert "HX-Request" in whole.headers["Vary"]
    assert "HX-Request" in piece.headers["Vary"]


def test_a_page_gone_back_to_is_whole(client, reader, segment):
    response = client.get(LIST, headers=HTMX | {"HX-History-Restore-Request": "true"})

    assert b"<html" in response.content


def test_whoever_was_signed_out_meanwhile_is_sent_to_sign_in_as_a_whole(client, segment):
    response = client.get(LIST, headers=HTMX)

    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == f"{reverse('login')}?next=/segments%3Fq%3Da"


def test_the_list_shows_name_sentence_size_and_state(client, reader):
    make_field()
    make_contact("u1", attributes={"tier": "Gold"})
    settled(make_segment("gold", GOLD, name="Golden ones"))

    page = client.get(LIST).content.decode()

    assert "Golden ones" in page
    assert "Tier" in page
    assert '<span class="segment-size">1</span>' in page
    assert "Up to date" in page


def test_numbers_are_grouped(client, reader, segment):
    Segment.objects.update(member_count=1234567)

    assert b"1,234,567" in client.get(LIST).content


def test_what_is_being_built_says_so(client, reader):
    make_segment()

    assert b"Building 0" in client.get(LIST).content


def test_a_draft_that_is_not_complete_says_so(client, reader):
    make_segment(definition={"kind": "group"}, status="draft")

    assert b"not complete yet" in client.get(LIST).content


def test_names_are_shown_as_text(client, reader):
    make_segment(name="<script>alert(1)</script>")

    assert b"<script>alert" not in client.get(LIST).content


def test_an_empty_list_says_what_to_do(client, reader):
    assert b"No segments yet" in client.get(LIST).content


def test_the_archive_is_shown_when_asked_for(client, reader, segment):
    services.update_segment(segment=segment, status="archived", author=None, now=NOW)

    assert b"Vips" not in client.get(LIST).content
    assert b"Vips" in client.get(LIST, {"status": "archived"}).content


@pytest.mark.parametrize("search", ["vip", "VIPS", " vips "])
def test_a_search_finds_names_in_any_case(client, reader, segment, search):
    make_segment("others")

    page = client.get(LIST, {"q": search}).content.decode()

    assert "Vips" in page
    assert "Others" not in page


@pytest.mark.parametrize(
    "query", ["?q=%00", "?page=x", "?page=0", "?page=99999999999999999999", "?status=odd", "?q=%ff"]
)
def test_odd_questions_to_the_list_get_an_answer(client, reader, segment, query):
    assert client.get(LIST + query).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["?after=x", "?after=-1", "?after=" + "9" * 30, "?before=", "?after=%C2%B2", "?before=1"],
)
def test_odd_questions_to_a_segment_get_an_answer(client, reader, segment, query):
    assert client.get(detail() + query).status_code == 200


def test_a_long_list_has_pages(client, reader):
    for number in range(SEGMENTS_A_PAGE + 1):
        make_segment(f"s{number:03}", definition=None)

    first = client.get(LIST, {"status": "draft"}).content.decode()
    second = client.get(LIST, {"status": "draft", "page": 2}).content.decode()

    assert "?status=draft&amp;page=2" in first
    assert f"S{SEGMENTS_A_PAGE:03}" in second
    assert f"S{SEGMENTS_A_PAGE:03}" not in first


def test_members_are_listed_with_when_they_entered(client, reader, segment):
    page = client.get(detail()).content.decode()

    assert "anna@example.com" in page
    assert "20 November 2026, 12:00:00 UTC" in page


def test_who_came_and_why_is_listed(client, reader, segment):
    page = client.get(detail()).content.decode()

    assert "entered" in page
    assert "Definition v1" in page


def test_pages_of_members_lead_forth_and_back(client, reader):
    contacts = [make_contact(f"u{number:03}") for number in range(2 * MEMBERS_A_PAGE + 1)]
    settled(make_segment())
    first, last = contacts[0], contacts[-1]

    def shown(address):
        page = client.get(detail() + address)
        names = [member["external_id"] for member in page.context["members"]]
        return page.context, names

    page, one = shown("")
    assert one[0] == first.external_id
    assert page["previous"] is None
    page, two = shown(f"?after={page['next']}")
    assert not set(one) & set(two)
    page, three = shown(f"?after={page['next']}")
    assert three == [last.external_id]
    assert page["next"] is None
    page, back = shown(f"?before={page['previous']}")
    assert back == two
    page, start = shown(f"?before={page['previous']}")
    assert start == one
    assert page["previous"] is None


def test_a_page_whose_members_have_left_leads_back(client, reader, segment):
    assert b"Back to the first ones" in client.get(detail() + "?after=999999").content


def test_marketers_who_may_change_segments_are_shown_where(client, segment):
    client.force_login(make_user(MARKETERS))

    assert b"New segment" in client.get(LIST).content
    assert b">Edit<" in client.get(detail()).content


def test_readers_are_not_shown_what_they_may_not_do(client, reader, segment):
    assert b"New segment" not in client.get(LIST).content
    assert b">Edit<" not in client.get(detail()).content


def test_the_file_has_a_line_for_each_member(client, reader, segment):
    response = client.get(csv())

    lines = response.getvalue().decode().splitlines()
    assert lines[0] == "id,external_id,email,entered_at"
    assert lines[1].endswith(",u1,anna@example.com,2026-11-20T12:00:00+00:00")
    assert response.headers["Content-Disposition"] == 'attachment; filename="vips.csv"'


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_file_is_a_formula(client, reader, begin):
    make_contact(f"{begin}1+1")
    settled(make_segment())

    assert f"'{begin}1+1" in client.get(csv()).getvalue().decode()


@pytest.mark.parametrize("address", [LIST, detail()])
def test_a_page_costs_the_same_for_twice_as_much(client, reader, segment, address):
    def add(count):
        for number in range(count):
            make_contact(f"more-{count}-{number}")
            make_segment(f"s-{count}-{number}", EVERYONE)
            make_segment(f"d-{count}-{number}", EVERYONE, status="draft")
        settle(now=NOW)
        client.get(address)  # a process reads each version once

    add(3)
    few = queries_of(lambda: client.get(address))
    add(6)
    many = queries_of(lambda: client.get(address))

    assert few == many <= 20
