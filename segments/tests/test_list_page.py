"""The list of segments: what a row says, and finding the one that is wanted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from segmentflow.clock import current_time
from segments import services
from segments.models import Rebuild, Segment
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    settled,
)
from segments.views.listing import SEGMENTS_A_PAGE

pytestmark = pytest.mark.django_db

LIST = reverse("segment_list")


def rows(client, **asked):
    return {row.segment.key: row for row in client.get(LIST, asked).context["rows"]}


def keys(client, **asked):
    return list(rows(client, **asked))


def test_a_row_says_what_a_segment_is(client, marketer):
    make_field()
    make_contact("u1", attributes={"tier": "Gold"})
    settled(make_segment("gold", GOLD, name="Golden ones", tags=["retail"], author=marketer))

    page = client.get(LIST).content.decode()

    assert "Golden ones" in page
    assert "Tier is Gold" in page
    assert "Live" in page
    assert "?tag=retail" in page
    assert "mia" in page


def test_the_size_leads_to_the_members(client, reader):
    settled(make_segment())
    Segment.objects.update(member_count=1234567)

    page = client.get(LIST).content.decode()

    assert "1,234,567" in page
    assert f'href="{reverse("segment_detail", args=["vips"])}#members-title"' in page


def test_the_change_of_a_week_is_told(client, reader):
    make_contact("u1")
    make_contact("u2")
    settled(make_segment(), now=current_time())

    [row] = rows(client).values()

    assert row.development.change == row.segment.member_count == 2
    assert row.development.words == "From 0 to 2 in 7 days"
    assert "?first=" in client.get(LIST).content.decode()


def test_who_refers_to_it_is_counted(client, reader):
    settled(make_segment("vips"))
    settled(make_segment("one", in_segment("vips")))
    settled(make_segment("two", in_segment("vips")))

    found = rows(client)

    assert [use.name for use in found["vips"].uses] == ["One", "Two"]
    assert found["one"].uses == []


@pytest.mark.parametrize(
    ("given", "status", "label"),
    [
        ({"definition": {"kind": "group"}, "status": "draft"}, "draft", "Draft"),
        ({"kind": "static"}, "live", "Static list"),
        ({}, "paused", "Paused"),
        ({}, "archived", "Archived"),
        ({}, "live", "Live"),
    ],
)
def test_each_state_says_what_it_is(client, reader, given, status, label):
    segment = settled(make_segment(**given))
    services.update_segment(segment=segment, status=status, author=None, now=NOW)
    settled(segment)

    [row] = rows(client, status=status).values()

    assert row.standing.label == label


def test_what_is_being_built_says_how_far(client, reader):
    make_segment()
    Rebuild.objects.update(done=1, total=4)

    assert b"Building 25 %" in client.get(LIST).content


def test_where_nobody_was_looked_for_yet_no_number_is_told(client, reader):
    make_segment()

    assert "segment-size" not in client.get(LIST).content.decode()


def test_what_failed_says_so(client, reader):
    settled(make_segment())
    Rebuild.objects.update(state="failed", error="out of range")

    [row] = rows(client).values()

    assert (row.standing.label, row.standing.error) == ("Failed", "out of range")


def test_a_draft_that_is_not_complete_says_so(client, reader):
    make_segment(definition={"kind": "group"}, status="draft")

    assert b"not complete yet" in client.get(LIST).content


def test_an_empty_list_says_what_to_do(client, marketer):
    page = client.get(LIST).content

    assert b"No segments yet" in page
    assert b"Describe the first segment" in page


def test_nothing_found_leads_back(client, reader):
    make_segment()

    page = client.get(LIST, {"q": "nothing"}).content

    assert b"No segment fits" in page
    assert b"No segments yet" not in page


def test_the_archive_is_shown_when_asked_for(client, reader):
    segment = settled(make_segment())
    services.update_segment(segment=segment, status="archived", author=None, now=NOW)

    assert keys(client) == []
    assert keys(client, status="archived") == ["vips"]


@pytest.mark.parametrize("search", ["inact", "VIPS", " Inactive ", "sleep", "winter s"])
def test_a_search_finds_names_keys_and_tags_in_any_case(client, reader, search):
    make_segment("sleepy", name="Inactive VIPs", tags=["winter sale"])
    make_segment("others")

    assert keys(client, q=search) == ["sleepy"]


@pytest.mark.parametrize("search", ["%", "_", "\\"])
def test_a_search_takes_every_character_as_it_is(client, reader, search):
    make_segment("others")

    assert keys(client, q=search) == []


def test_one_tag_is_found_exactly(client, reader):
    make_segment("one", tags=["sale"])
    make_segment("two", tags=["winter sale"])

    assert keys(client, tag="sale") == ["one"]
    assert client.get(LIST).context["tags"] == ["sale", "winter sale"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["a", "b", "c"]),
        ("name", ["a", "b", "c"]),
        ("-name", ["c", "b", "a"]),
        ("size", ["b", "a", "c"]),
        ("-size", ["c", "a", "b"]),
        ("updated", ["c", "b", "a"]),
        ("-updated", ["a", "b", "c"]),
    ],
)
def test_segments_are_sorted(client, reader, sort, order):
    for age, (key, name, size) in enumerate([("a", "a", 2), ("b", "B", 1), ("c", "c", 3)]):
        made = make_segment(key, definition=None, name=name)
        at = NOW - timedelta(days=age)
        Segment.objects.filter(pk=made.pk).update(member_count=size, updated_at=at)

    assert keys(client, sort=sort) == order


def test_segments_are_sorted_by_their_change(client, reader):
    make_contact("u1")
    make_segment("none", GOLD_OF_NOBODY)
    settled(make_segment("all", EVERYONE), now=current_time())

    assert keys(client, sort="change") == ["none", "all"]
    assert keys(client, sort="-change") == ["all", "none"]


GOLD_OF_NOBODY = {
    "kind": "group",
    "match": "none",
    "children": [{"kind": "everyone"}],
}


def test_a_long_list_has_pages_that_keep_what_was_asked_for(client, reader):
    for number in range(SEGMENTS_A_PAGE + 1):
        make_segment(f"s{number:03}", definition=None)

    first = client.get(LIST, {"status": "draft", "sort": "name"}).content.decode()

    assert "?status=draft&amp;sort=name&amp;page=2" in first
    assert keys(client, status="draft", page=2) == [f"s{SEGMENTS_A_PAGE:03}"]


def test_who_may_is_shown_where_segments_are_made(client, marketer):
    make_segment()

    assert b"New segment" in client.get(LIST).content


def test_readers_are_not_shown_what_they_may_not_do(client, reader):
    make_segment()

    assert b"New segment" not in client.get(LIST).content
