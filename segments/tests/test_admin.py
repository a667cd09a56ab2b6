"""Segments in the administration: every problem of a definition at its path, nothing by the back door."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from segmentflow.roles import CAMPAIGN_MANAGERS, MARKETERS
from segmentflow.tests.made import enter
from segments import services
from segments.models import Membership, Segment
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    make_user,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

LIST = reverse("admin:segments_segment_changelist")
ADD = reverse("admin:segments_segment_add")
VERSIONS = reverse("admin:segments_segmentversion_changelist")

BAD = {
    "kind": "group",
    "match": "all",
    "children": [
        {"kind": "field", "field": "nothing", "operator": "equals", "value": "x"},
        {"kind": "group", "match": "any", "children": []},
    ],
}


def change(segment):
    return reverse("admin:segments_segment_change", args=[segment.pk])


def delete(segment):
    return reverse("admin:segments_segment_delete", args=[segment.pk])


def filled(definition=None, **values):
    text = definition if isinstance(definition, str) else json.dumps(definition)
    form = {"key": "vips", "name": "Vips", "description": "", "kind": "dynamic", "status": "live"}
    return form | {"definition": "" if definition is None else text} | values


def edited(segment, definition, **values):
    form = {"name": segment.name, "description": "", "status": segment.status}
    return form | {"definition": json.dumps(definition)} | values


@pytest.fixture
def marketer(client):
    user = make_user(MARKETERS)
    enter(client, user)
    return user


def test_a_valid_definition_goes_live(client, marketer):
    make_contact("u1")

    response = client.post(ADD, filled(EVERYONE))

    assert response.status_code == 302
    segment = settled(Segment.objects.get(key="vips"))
    assert segment.member_count == 1
    assert segment.owner == marketer
    assert segment.versions.get().author == marketer


def test_every_problem_of_a_definition_is_shown_at_its_path(client, marketer):
    page = client.post(ADD, filled(BAD)).content.decode()

    assert "<code>children[0].field</code>: " in page
    assert "<code>children[1].children</code>: " in page
    assert not Segment.objects.exists()


def test_what_was_typed_is_still_there_beside_its_problems(client, marketer):
    page = client.post(ADD, filled("{ not json")).content.decode()

    assert "{ not json" in page
    assert "line 1, column 3" in page


@pytest.mark.parametrize("text", ["NaN", '{"a": Infinity}', "[" * 3000, '"\\u0000"', "1" * 5000])
def test_odd_json_is_refused_with_a_sentence(client, marketer, text):
    response = client.post(ADD, filled(text))

    assert response.status_code == 200
    assert response.context["adminform"].form.errors["definition"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"key": "a b"}, "key"),
        ({"key": ""}, "key"),
        ({"name": ""}, "name"),
        ({"status": "paused"}, "status"),
        ({"kind": "static"}, "definition"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(client, marketer, values, field):
    response = client.post(ADD, filled(EVERYONE, **values))

    assert list(response.context["adminform"].form.errors) == [field]


def test_a_key_that_is_taken_is_said_once(client, marketer):
    make_segment()

    response = client.post(ADD, filled(EVERYONE))

    assert response.context["adminform"].form.errors == {
        "key": ["Segment with this Key already exists."]
    }


def test_a_draft_may_be_incomplete(client, marketer):
    client.post(ADD, filled({"kind": "group"}, status="draft"))

    assert Segment.objects.get().draft == {"kind": "group"}


def test_an_edited_definition_is_a_new_version(client, marketer):
    make_field()
    segment = settled(make_segment())

    response = client.post(change(segment), edited(segment, GOLD))

    assert response.status_code == 302
    assert [v.definition for v in segment.versions.order_by("number")] == [EVERYONE, GOLD]


def test_saving_without_a_change_publishes_nothing(client, marketer):
    segment = settled(make_segment())

    client.post(change(segment), edited(segment, EVERYONE, name="Everybody"))

    segment.refresh_from_db()
    assert segment.name == "Everybody"
    assert segment.versions.count() == 1


def test_a_bad_edit_shows_its_problems_and_changes_nothing(client, marketer):
    segment = settled(make_segment())

    page = client.post(change(segment), edited(segment, BAD, name="Other")).content.decode()

    assert "<code>children[0].field</code>: " in page
    segment.refresh_from_db()
    assert (segment.name, segment.versions.count()) == ("Vips", 1)


def test_the_key_cannot_be_changed(client, marketer):
    segment = make_segment()

    client.post(change(segment), edited(segment, EVERYONE, key="other"))

    segment.refresh_from_db()
    assert segment.key == "vips"


def test_pausing_works_and_archiving_what_is_used_is_refused(client, marketer):
    used = make_segment("all")
    make_segment("some", in_segment("all"))

    client.post(change(used), edited(used, EVERYONE, status="paused"))
    page = client.post(change(used), edited(used, EVERYONE, status="archived")).content.decode()

    used.refresh_from_db()
    assert used.status == "paused"
    assert "is used by “Some”" in page


def test_deleting_forgets_the_members_too(client, marketer):
    make_contact("u1")
    segment = settled(make_segment())

    page = client.get(delete(segment)).content.decode()
    client.post(delete(segment), {"post": "yes"})

    assert "“Vips” with 1 member" in page
    assert not Segment.objects.exists()
    assert not Membership.objects.exists()


def test_what_is_used_is_not_deleted(client, marketer):
    used = make_segment("all")
    make_segment("some", in_segment("all"))

    page = client.get(delete(used)).content.decode()
    client.post(delete(used), {"post": "yes"})

    assert "“Some”, which uses “All”" in page
    assert Segment.objects.filter(key="all").exists()


def test_several_are_deleted_at_once(client, marketer):
    segments = [make_segment("one"), make_segment("two")]
    chosen = [segment.pk for segment in segments]

    client.post(LIST, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert not Segment.objects.exists()


def test_a_campaign_manager_reads_only(client):
    segment = make_segment()
    enter(client, make_user(CAMPAIGN_MANAGERS))

    page = client.get(change(segment))

    assert page.status_code == 200
    assert b"everyone" in page.content
    assert b"<textarea" not in page.content
    assert client.post(change(segment), edited(segment, EVERYONE, name="x")).status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.post(delete(segment), {"post": "yes"}).status_code == 403


def test_segments_are_found_and_filtered(client, marketer):
    make_segment("one")
    services.update_segment(segment=make_segment("two"), status="paused", author=None, now=NOW)

    searched = client.get(LIST, {"q": "one"}).context["cl"].queryset
    paused = client.get(LIST, {"status__exact": "paused"}).context["cl"].queryset

    assert [segment.key for segment in searched] == ["one"]
    assert [segment.key for segment in paused] == ["two"]


def test_versions_are_there_to_read(client, marketer):
    version = make_segment().versions.get()
    address = reverse("admin:segments_segmentversion_change", args=[version.pk])

    page = client.get(address)

    assert b"everyone" in page.content
    assert client.post(address, {"number": 7}).status_code == 403
    assert client.get(VERSIONS).status_code == 200


def test_a_version_cannot_be_deleted(client, marketer):
    version = make_segment().versions.get()
    address = reverse("admin:segments_segmentversion_delete", args=[version.pk])

    assert client.post(address, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("address", [LIST, VERSIONS])
def test_a_list_costs_the_same_for_more(client, marketer, address):
    def add(count):
        for number in range(count):
            make_segment(f"s-{count}-{number}")

    add(3)
    client.get(address)
    few = queries_of(lambda: client.get(address))
    add(6)

    assert queries_of(lambda: client.get(address)) == few
