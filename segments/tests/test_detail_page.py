"""One segment's page: what its numbers mean, how it developed, who is in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from segments import services
from segments.models import Rebuild, Segment, Transition
from segments.searching import FEW
from segments.tests.made import (
    GOLD,
    NOW,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    settled,
)
from segments.views.detail import LATEST, MEMBERS_A_PAGE

pytestmark = pytest.mark.django_db

DETAIL = reverse("segment_detail", args=["vips"])
CSV = reverse("segment_csv", args=["vips"])
ACTIVITY = reverse("segment_activity", args=["vips"])
HTMX = {"HX-Request": "true", "HX-Target": "now"}


@pytest.fixture(autouse=True)
def in_utc(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    """The day on which things happen in these tests."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def segment():
    make_contact("u1", email="anna@example.com", first_name="Anna")
    return settled(make_segment())


def update(segment, **changes):
    return services.update_segment(segment=segment, author=None, now=NOW, **changes)


def text(client, **asked):
    return client.get(DETAIL, asked).content.decode()


def test_it_says_what_the_segment_is(client, reader):
    make_field()
    settled(make_segment(definition=GOLD, description="Ours", tags=["retail"], author=reader))

    page = text(client)

    assert "Tier is Gold" in page
    assert "Ours" in page
    assert "?tag=retail" in page
    assert "ada" in page
    assert "Contacts enter and leave by themselves" in page


def test_members_lead_to_their_profile(client, reader, segment):
    page = text(client)

    assert "anna@example.com" in page
    assert reverse("contact_detail", args=[Transition.objects.get().contact_id]) in page
    assert "20 November 2026, 12:00:00 UTC" in page


def test_who_came_and_why_is_listed(client, reader, segment):
    page = text(client)

    assert "Definition v1" in page
    assert f'href="{ACTIVITY}"' in page


def test_only_the_latest_moves_are_listed(client, reader):
    for number in range(LATEST + 1):
        make_contact(f"u{number}")
    settled(make_segment())

    assert len(client.get(DETAIL).context["latest"]) == LATEST


@pytest.mark.parametrize("few", [FEW, 0])
def test_a_member_is_found_by_the_beginning_of_a_word(client, reader, segment, few, monkeypatch):
    """Whether few or many contacts have it."""
    monkeypatch.setattr("segments.searching.FEW", few)
    make_contact("u2", email="bert@example.com")
    settled(segment)

    page = client.get(DETAIL, {"q": "ann"})

    assert [member["external_id"] for member in page.context["page"].rows] == ["u1"]


def test_nobody_found_says_so(client, reader, segment):
    page = text(client, q="nobody")

    assert "Nobody found" in page
    assert "Nobody is in it" not in page


def test_pages_of_members_lead_forth_and_back(client, reader):
    for number in range(2 * MEMBERS_A_PAGE + 1):
        make_contact(f"u{number:03}")
    settled(make_segment())

    def shown(**asked):
        page = client.get(DETAIL, asked).context["page"]
        return page, [member["external_id"] for member in page.rows]

    page, one = shown()
    assert one[0] == "u000"
    assert page.is_first
    page, two = shown(after=page.next)
    assert not set(one) & set(two)
    page, three = shown(after=page.next)
    assert three == [f"u{2 * MEMBERS_A_PAGE:03}"]
    assert page.next is None
    page, back = shown(before=page.previous)
    assert back == two
    page, start = shown(before=page.previous)
    assert start == one
    assert page.is_first


def test_pages_of_a_search_keep_it(client, reader):
    for number in range(MEMBERS_A_PAGE + 1):
        make_contact(f"a{number:03}", first_name="Anna")
        make_contact(f"b{number:03}")
    settled(make_segment())

    page = client.get(DETAIL, {"q": "anna"})

    assert f"?q=anna&amp;after={page.context['page'].next}" in page.content.decode()
    second = client.get(DETAIL, {"q": "anna", "after": page.context["page"].next})
    last = f"a{MEMBERS_A_PAGE:03}"
    assert [member["external_id"] for member in second.context["page"].rows] == [last]


def test_each_number_of_a_day_leads_to_the_moves_of_that_day(client, reader, segment):
    page = text(client)

    assert f"{ACTIVITY}?moved=entered&amp;first=2026-11-20&amp;last=2026-11-20" in page


@pytest.mark.parametrize(
    ("asked", "grain", "rows"),
    [
        ("", "day", 30),
        ("24h", "hour", 24),
        ("7d", "hour", 168),
        ("365d", "day", 365),
        ("all", "day", 1),
        ("12", "day", 30),
    ],
)
def test_the_time_shown_is_of_choice(client, reader, segment, asked, grain, rows):
    found = client.get(DETAIL, {"range": asked}).context["development"]

    assert (found.grain, len(found.points)) == (grain, rows)
    assert found.points[-1].first == NOW.date()
    assert found.points[-1].members == 1


def test_the_size_leaves_no_day_out(client, reader, segment):
    Transition.objects.update(at=NOW - timedelta(days=2))

    found = client.get(DETAIL, {"range": "30d"}).context["development"].points

    days = [NOW.date() - timedelta(days=29 - n) for n in range(30)]
    assert [point.first for point in found] == days


def test_a_draft_says_that_nobody_is_in_it(client, reader):
    make_segment(definition=None)

    page = text(client)

    assert "Not published yet" in page
    assert "Not described yet" in page
    assert "Size over time" not in page


def test_the_first_building_says_so(client, reader):
    make_segment()
    Rebuild.objects.update(done=1, total=4)

    page = text(client)

    assert "The first members are being found" in page
    assert "1 of 4" in page


def test_building_anew_says_that_the_members_are_the_old_ones(client, reader, segment):
    make_field()
    update(segment, definition=GOLD)

    assert "Until then those of before stay" in text(client)


def test_what_failed_says_why_and_whose_members_these_are(client, reader, segment):
    Rebuild.objects.update(state="failed", error="value out of range")

    page = text(client)

    assert "value out of range" in page
    assert "The members are the last ones found" in page


def test_what_failed_before_anybody_was_found_says_so(client, reader):
    make_segment()
    Rebuild.objects.update(state="failed", error="value out of range")

    assert "Nobody is in it yet" in text(client)


def test_a_paused_segment_says_that_its_members_stay(client, reader, segment):
    update(segment, status="paused")

    assert "Nobody enters or leaves" in text(client)


def test_a_changed_definition_that_waits_is_told(client, reader, segment):
    make_field()
    update(segment, status="paused", definition=GOLD)

    assert "A changed definition waits" in text(client)


def test_a_static_list_says_how_it_changes(client, reader):
    make_segment(kind="static")

    page = text(client)

    assert "only when the list is changed" in page
    assert "put on this list through the API" in page
    assert reverse("segment_versions", args=["vips"]) not in page


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_a_static_list_at_rest_says_how_it_changes_all_the_same(client, reader, status):
    update(make_segment(kind="static"), status=status)

    assert "only when the list is changed" in text(client)


def test_what_failed_before_anybody_was_found_shows_no_number(client, reader):
    make_segment()
    Rebuild.objects.update(state="failed", error="x")

    page = text(client)

    assert '<span id="size" class="fact-size">–</span>' in page
    assert "Download CSV" not in page
    assert "What went wrong is said above" in page


def test_who_refers_to_it_is_listed(client, reader, segment):
    assert "Not used anywhere yet" in text(client)

    settled(make_segment("others", in_segment("vips")))

    assert reverse("segment_detail", args=["others"]) in text(client)


def test_the_part_that_is_refreshed_brings_the_state_along(client, reader, segment):
    Segment.objects.update(status="paused")

    part = client.get(DETAIL, headers=HTMX).content.decode()

    assert '<span id="state" hx-swap-oob="true">' in part
    assert "Paused" in part
    assert "hx-swap-oob" not in text(client)


def test_who_may_is_shown_what_can_be_done(client, marketer, segment):
    page = text(client)

    for name in ("Pause segment", "Edit details", "Edit definition", "Duplicate", "Archive…"):
        assert name in page
    assert "Resume segment" not in page


def test_what_is_paused_can_be_resumed(client, marketer, segment):
    update(segment, status="paused")

    page = text(client)

    assert "Resume segment" in page
    assert "Pause segment" not in page


def test_what_is_archived_can_be_taken_out(client, marketer, segment):
    update(segment, status="archived")

    page = text(client)

    assert "Take out of the archive" in page
    assert "Archive…" not in page


def test_readers_are_not_shown_what_they_may_not_do(client, reader, segment):
    page = text(client)

    for name in ("Pause segment", "Edit", "More", "Duplicate", "Archive", "Delete"):
        assert name not in page


def test_the_file_has_a_line_for_each_member(client, reader, segment):
    response = client.get(CSV)

    lines = response.getvalue().decode().splitlines()
    assert lines[0] == "id,external_id,email,entered_at"
    assert lines[1].endswith(",u1,anna@example.com,2026-11-20T12:00:00+00:00")
    assert response.headers["Content-Disposition"] == 'attachment; filename="vips.csv"'


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_file_is_a_formula(client, reader, begin):
    make_contact(f"{begin}1+1")
    settled(make_segment())

    assert f"'{begin}1+1" in client.get(CSV).getvalue().decode()
