"""The builder's other pages: the result, a contact that is tested, publishing, JSON, discarding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from contacts.models import Contact
from events.models import EventType
from segmentflow.roles import CAMPAIGN_MANAGERS
from segments.builder.drafts import open_draft, save_step
from segments.builder.views.counting import one_at_a_time
from segments.conditions.edit import with_ids, without_ids
from segments.models import Membership, Segment, SegmentVersion
from segments.tests.made import (
    GOLD,
    NOW,
    make_contact,
    make_field,
    make_segment,
    make_user,
    settled,
)

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}
SILVER = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "tier", "operator": "equals", "value": "Silver"}],
}
INCOMPLETE = {
    "kind": "group",
    "match": "all",
    "children": [
        *SILVER["children"],
        {"kind": "field", "field": "tier", "operator": "in", "value": []},
    ],
}


BOUGHT = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "event", "event": "Purchase", "operator": "at_least", "value": 3}],
}


@pytest.fixture
def people() -> list[Contact]:
    make_field()
    return [
        make_contact(name, first_name=name.capitalize(), attributes={"tier": tier})
        for name, tier in (("anna", "Gold"), ("jonas", "Silver"), ("lucia", "Silver"))
    ]


@pytest.fixture
def live(people: list[Contact], marketer: Any) -> Segment:
    return settled(make_segment("mine", GOLD))


def draft(segment: Segment, definition: Any, person: Any) -> Any:
    return save_step(
        segment=segment,
        revision=open_draft(segment=segment).revision,
        tree=with_ids(definition),
        label="Changed",
        person=person,
        now=NOW,
    )


def page(client: Any, name: str, /, *, htmx: bool = False, **query: Any) -> str:
    answer = client.get(reverse(name, args=["mine"]), query, headers=HTMX if htmx else {})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_result_counts_the_draft_and_not_what_is_published(client, live, marketer):
    assert '<span class="result-size">1</span>' in page(client, "builder_result")

    draft(live, SILVER, marketer)

    said = page(client, "builder_result")
    assert '<span class="result-size">2</span>' in said
    assert "Jonas" in said
    assert "66.67% of 3" in said


def test_each_condition_is_counted_alone(client, live, marketer):
    node = draft(live, SILVER, marketer).tree["children"][0]["id"]

    assert f'id="count-{node}"' in page(client, "builder_result", htmx=True)


def test_what_is_incomplete_is_left_out_of_the_count_and_that_is_said(client, live, marketer):
    draft(live, INCOMPLETE, marketer)

    said = page(client, "builder_result")

    assert '<span class="result-size">2</span>' in said
    assert "left out" in said


def test_nothing_complete_is_nothing_to_count(client, live, marketer):
    draft(live, {"kind": "group", "match": "all", "children": []}, marketer)

    assert "Nothing to count yet" in page(client, "builder_result")


def test_the_exact_count_can_be_asked_for(client, live, marketer):
    assert client.get(reverse("builder_result", args=["mine"]), {"exact": "1"}).status_code == 200


def test_exact_counts_leave_threads_to_others(client, live):
    address = reverse("builder_result", args=["mine"])

    with one_at_a_time:
        assert client.get(address, {"exact": "1"}).status_code == 204
        assert client.get(address).status_code == 200

    assert client.get(address, {"exact": "1"}).status_code == 200


def test_whoever_has_no_javascript_counts_by_a_link(client, live):
    assert "builder?counted=1" in page(client, "builder")

    assert '<span class="result-size">1</span>' in page(client, "builder", counted="1")


@pytest.mark.parametrize("asked", [{}, {"exact": "1"}])
def test_what_takes_too_long_to_count_is_said(client, live, marketer, monkeypatch, asked):
    EventType.objects.create(key="Purchase")
    draft(live, BOUGHT, marketer)
    for module, name in (
        ("sampling", "SAMPLE_MS"),
        ("sampling", "SMALL_SAMPLE_MS"),
        ("counting", "LONGEST_MS"),
    ):
        monkeypatch.setattr(f"segments.engine.{module}.{name}", 50)

    with events_locked():
        said = page(client, "builder_result", **asked)

    assert ("Counting takes too long here" in said) == bool(asked)
    assert ("Counting exactly" in said) != bool(asked)


@contextmanager
def events_locked() -> Iterator[None]:
    """Whoever wants to read an event waits."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE events_event IN ACCESS EXCLUSIVE MODE")
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def test_real_values_are_suggested_for_a_control_and_for_nothing_else(client, live, marketer):
    node = draft(live, INCOMPLETE, marketer).tree["children"][1]["id"]
    asked = {"node": node, "name": "value", "q": "sil"}

    said = page(client, "builder_values", **asked)
    assert 'data-value="Silver"' in said
    assert "Gold" not in said

    for wrong in ({"name": "operator"}, {"name": "value[0]"}, {"node": "n99"}, {"name": ""}):
        answer = client.get(reverse("builder_values", args=["mine"]), asked | wrong)
        assert answer.status_code == 404


def test_a_contact_is_tested_against_the_draft(client, live, marketer, people):
    draft(live, SILVER, marketer)

    said = page(client, "builder_test", contact=people[0].pk)
    assert "is not in the segment" in said
    assert "Tier: Gold" in said
    assert "is in the segment" in page(client, "builder_test", contact=people[1].pk)


def test_contacts_to_test_are_found_by_name(client, live):
    assert "Lucia" in page(client, "builder_test", htmx=True, q="luc")


def test_a_contact_that_is_gone_cannot_be_tested(client, live):
    for contact in ("999999999", "9" * 18):
        answer = client.get(reverse("builder_test", args=["mine"]), {"contact": contact})
        assert answer.status_code == 404


def test_before_publishing_it_is_said_who_enters_and_leaves(client, live, marketer):
    draft(live, SILVER, marketer)
    make_segment("other", {**GOLD, "children": [{"kind": "segment", "segment": "mine"}]})

    said = page(client, "builder_publish", htmx=True)

    assert ">2<" in said.split("Enter")[1][:120]
    assert ">1<" in said.split("Leave")[1][:120]
    assert "Tier is Silver" in said
    assert "Other" in said


def test_publishing_makes_the_draft_the_definition(client, live, marketer):
    opened = draft(live, SILVER, marketer)

    answer = client.post(reverse("builder_publish", args=["mine"]), {"revision": opened.revision})

    assert answer.headers["Location"] == "/segments/mine"
    assert SegmentVersion.objects.get(segment=live, number=2).definition == SILVER
    names = Membership.objects.filter(segment=settled(live)).values_list("contact__external_id")
    assert sorted(name for (name,) in names) == ["jonas", "lucia"]


def test_what_is_not_complete_is_not_published(client, live, marketer):
    opened = draft(live, INCOMPLETE, marketer)
    assert "cannot be published yet" in page(client, "builder_publish")

    answer = client.post(reverse("builder_publish", args=["mine"]), {"revision": opened.revision})

    assert answer.status_code == 422
    assert SegmentVersion.objects.filter(segment=live).count() == 1


def test_an_empty_canvas_is_no_problem_and_cannot_be_published(client, live, marketer):
    opened = draft(live, {"kind": "group", "match": "all", "children": []}, marketer)

    assert "To be completed before publishing" not in page(client, "builder")
    assert "There is nothing to publish yet" in page(client, "builder_publish")
    answer = client.post(reverse("builder_publish", args=["mine"]), {"revision": opened.revision})
    assert answer.status_code == 422


def test_what_somebody_changed_meanwhile_is_not_published(client, live, marketer):
    opened = draft(live, SILVER, marketer)
    draft(live, INCOMPLETE, make_user(CAMPAIGN_MANAGERS, name="ben"))

    answer = client.post(reverse("builder_publish", args=["mine"]), {"revision": opened.revision})

    assert answer.status_code == 409
    assert "ben changed this draft meanwhile" in answer.content.decode()
    assert SegmentVersion.objects.filter(segment=live).count() == 1


def test_nothing_is_published_unseen(client, live, marketer):
    draft(live, SILVER, marketer)

    answer = client.post(reverse("builder_publish", args=["mine"]), follow=True)

    assert "Look at what will happen first" in answer.content.decode()
    assert SegmentVersion.objects.filter(segment=live).count() == 1


def test_a_definition_is_pasted_as_json(client, live, marketer):
    address = reverse("builder_json", args=["mine"])
    assert "&quot;Gold&quot;" in client.get(address).content.decode()
    revision = open_draft(segment=live).revision

    client.post(address, {"revision": revision, "definition": json.dumps(SILVER)})

    assert without_ids(open_draft(segment=live).tree) == SILVER


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"x"', "NaN", '{"a": 1e999999}', "[" * 5000, '{"children": "\\u0000"}'],
)
def test_what_is_no_definition_is_refused(client, live, text):
    before = open_draft(segment=live)

    answer = client.post(
        reverse("builder_json", args=["mine"]), {"revision": before.revision, "definition": text}
    )

    assert answer.status_code == 422
    assert open_draft(segment=live) == before


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "group", "match": "all", "children": [1, None, "x", [], {"kind": ["y"]}]},
        {"kind": "group", "match": 7, "name": {"a": 1}, "children": [{}]},
        {"kind": "group", "children": [{"kind": "field", "field": {"x": 1}, "value": [[]]}]},
        {"kind": "group", "children": [{"kind": "event", "event": 5, "where": [1], "window": 3}]},
        {
            "kind": "group",
            "children": [{"kind": "event", "measure": 4, "where": {"children": [2]}}],
        },
        {
            "kind": "group",
            "children": [{"kind": "event", "where": {"children": [{"children": 1}]}}],
        },
        {"kind": "group", "children": [{"kind": "sequence", "steps": [1, {"within": 3}, []]}]},
        {"kind": "group", "children": [{"kind": "sequence", "steps": {"a": 1}, "window": []}]},
        {"kind": "group", "children": [{"kind": "occurrence", "which": 3, "check": "x"}]},
        {"kind": "group", "children": [{"kind": "random", "percent": "many", "salt": 4}]},
        {"kind": "group", "children": [{"kind": "segment", "segment": None, "member": "x"}]},
        {"kind": "group", "children": [{"kind": "field", "field": "tier", "operator": ["in"]}]},
        {
            "kind": "group",
            "children": [
                {"kind": "field", "field": "tier", "operator": "in", "value": {"from": 1}}
            ],
        },
        {
            "kind": "group",
            "children": [
                {"kind": "field", "field": "created_at", "operator": "on", "value": {"field": 1}}
            ],
        },
        {"x": "y"},
    ],
)
def test_whatever_a_program_sent_as_a_draft_is_shown_and_can_be_removed(client, marketer, odd):
    make_field()
    make_segment("mine", odd, status="draft")
    segment = Segment.objects.get(key="mine")

    for name in ("builder", "builder_result", "builder_publish", "builder_test", "builder_json"):
        page(client, name)
    for child in list(open_draft(segment=segment).tree["children"]):
        revision = open_draft(segment=segment).revision
        answer = client.post(
            reverse("builder_do", args=["mine"]),
            {"do": "remove", "node": child["id"], "revision": revision},
            headers=HTMX,
        )
        assert answer.status_code == 200
    assert open_draft(segment=segment).tree["children"] == []


def test_whoever_looks_on_is_told_that_somebody_else_has_changed_the_draft(client, live, marketer):
    seen = draft(live, SILVER, marketer).revision
    assert "has changed" not in page(client, "builder_others", revision=seen)

    newer = draft(live, INCOMPLETE, make_user(CAMPAIGN_MANAGERS, name="ben")).revision

    assert "ben has changed this draft" in page(client, "builder_others", revision=seen)
    assert "has changed" not in page(client, "builder_others", revision=newer)
    assert "has changed" not in page(client, "builder_others")


def test_a_draft_is_discarded_after_a_question(client, live, marketer):
    draft(live, SILVER, marketer)
    assert "This cannot be undone" in page(client, "builder_discard")

    client.post(reverse("builder_discard", args=["mine"]))

    assert without_ids(open_draft(segment=live).tree) == GOLD


def test_the_page_of_a_segment_tells_of_changes_that_are_not_published(client, live, marketer):
    address = reverse("segment_detail", args=["mine"])
    assert "not published" not in client.get(address).content.decode()

    draft(live, SILVER, marketer)

    assert "Changes in the builder are not published yet" in client.get(address).content.decode()


def test_a_new_segment_is_named_and_then_built(client, marketer):
    for _ in range(2):
        answer = client.post(reverse("segment_new"), {"name": "Inactive VIPs <b>"})
    assert answer.headers["Location"] == "/segments/inactive-vips-b-2/builder"
    assert client.get(answer.headers["Location"]).status_code == 200

    segment = Segment.objects.get(key="inactive-vips-b")
    assert (segment.status, segment.owner) == ("draft", marketer)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\0b"])
def test_a_segment_without_a_proper_name_is_not_made(client, marketer, name):
    assert client.post(reverse("segment_new"), {"name": name}).status_code == 422
    assert not Segment.objects.exists()


@pytest.mark.parametrize("name", ["Źdźbło", "日本", "---", "new"])
def test_any_name_makes_a_key(client, marketer, name):
    answer = client.post(reverse("segment_new"), {"name": name})

    assert client.get(answer.headers["Location"]).status_code == 200
