"""What people see of overlap and suggestions, and what they can do with it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.changes import Change, Kind, record_changes
from contacts.models import Contact
from segmentflow.clock import current_time
from segmentflow.limits import TooSlow
from segments.models import Segment
from segments.overlap.findings import findings
from segments.overlap.matrix import current_matrix
from segments.tests.made import (
    EVERYONE,
    GOLD,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    settled,
)

pytestmark = pytest.mark.django_db

COMPARE = reverse("overlap_compare")
MATRIX = reverse("overlap_matrix")
BEGIN = reverse("segment_begin")
LIST = reverse("segment_list")
HASTE = "segments.views.overlap"


@pytest.fixture
def segments():
    """Everybody, some gold ones, and a draft."""
    make_field()
    for name, tier in (("anna", "Gold"), ("bert", "Gold"), ("carl", "Silver")):
        make_contact(name, attributes={"tier": tier})
    now = current_time()
    return [
        settled(make_segment("all", EVERYONE, name="Everybody"), now=now),
        settled(make_segment("gold", GOLD, name="Golden <ones>"), now=now),
        make_segment("draft", GOLD, status="draft"),
    ]


def text(client, path, **asked):
    return client.get(path, asked).content.decode()


def test_every_combination_is_told_with_a_way_to_those_in_it(client, reader, segments):
    answer = client.get(COMPARE, {"segment": ["all", "gold"]})
    page = answer.content.decode()

    assert [(row.combination.count, row.words) for row in answer.context["rows"]] == [
        (2, "Everybody and Golden <ones>"),
        (1, "Everybody only"),
    ]
    assert "Golden &lt;ones&gt;" in page
    assert "venn-circle" in page
    [both, _] = answer.context["rows"]
    found = client.get(both.contacts)
    assert {one.external_id for one in Contact.objects.all()} == {"anna", "bert", "carl"}
    assert "carl" not in found.content.decode()


@pytest.mark.parametrize(
    ("keys", "status", "said"),
    [
        ([], 200, "Compare two to five segments"),
        (["all"], 200, "Choose at least one other"),
        (["all", "all", ""], 200, "Choose at least one other"),
        (["all", "nothing"], 404, "There is no segment with the key “nothing”"),
        (["all", "no\0thing"], 404, "There is no segment with the key"),
        (["all", "draft"], 422, "nothing to compare"),
        (list("abcdef"), 422, "Up to 5 segments are compared at once, and these are 6"),
    ],
)
def test_what_cannot_be_compared_is_said(client, reader, segments, keys, status, said):
    answer = client.get(COMPARE, {"segment": keys})

    assert answer.status_code == status
    assert said in answer.content.decode()


def test_five_are_drawn_without_circles(client, reader, segments):
    now = current_time()
    keys = [settled(make_segment(f"s{n}"), now=now).key for n in range(4)]
    page = client.get(COMPARE, {"segment": ["gold", *keys]}).content.decode()

    assert "venn-circle" not in page
    assert page.count("dot-in") == 5 + 4
    assert "29 combinations of nobody" in page


@pytest.mark.parametrize("path", [COMPARE, MATRIX, reverse("segment_overlap", args=["all"])])
def test_too_much_is_said_in_a_sentence(client, reader, segments, monkeypatch, path):
    def fail(*given, **more):
        raise TooSlow

    monkeypatch.setattr(f"{HASTE}.current_matrix", fail)
    monkeypatch.setattr(f"{HASTE}.overlap_of", fail)
    answer = client.get(path, {"segment": ["all", "gold"]})

    assert answer.status_code == 422
    assert "There are too many members" in answer.content.decode()


def test_all_segments_stand_in_a_table(client, reader, segments):
    answer = client.get(MATRIX)

    cells = {
        (row.key, cell.key): cell.percent
        for row, _, found in answer.context["rows"]
        for cell in found
    }
    assert cells == {
        ("all", ""): "100",
        ("all", "gold"): "67",
        ("gold", "all"): "100",
        ("gold", ""): "100",
    }
    assert "Nothing to compare yet" in text(client, MATRIX, tag="none")


def test_a_segment_tells_who_shares_most_with_it(client, reader, segments):
    path = reverse("segment_overlap", args=["gold"])
    [row] = client.get(path).context["rows"]

    assert (row.segment.key, row.shared.both) == ("all", 2)
    assert (row.percent, row.percent_of_other, row.likeness) == ("100 %", "66.7 %", "66.7 %")
    assert "Nothing to compare" in text(client, reverse("segment_overlap", args=["draft"]))


def test_one_click_makes_a_draft_that_opens_in_the_builder(client, marketer, segments):
    where = client.get(COMPARE, {"segment": ["all", "gold"]}).context["rows"][1].where
    answer = client.post(BEGIN, {"where": where})

    made = Segment.objects.latest("pk")
    assert answer["Location"] == reverse("builder", args=[made.key])
    assert made.status == "draft"
    assert (made.draft or {})["children"] == [
        {"kind": "segment", "segment": "all", "member": True},
        {"kind": "segment", "segment": "gold", "member": False},
    ]
    assert "Everybody" in made.name


@pytest.mark.parametrize("where", ["", "no", "[]", '[{"kind": "field", "field": "gone"}]', "[1]"])
def test_what_is_no_condition_begins_nothing(client, marketer, where):
    answer = client.post(BEGIN, {"where": where})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "cannot be used any more" in page
    assert f'action="{reverse("segment_new")}" role="search"' in page, (
        "this address takes no search"
    )
    assert not Segment.objects.exists()


def test_a_long_sentence_is_cut_to_a_name(client, marketer):
    many = [{"kind": "field", "field": "city", "operator": "equals", "value": "x" * 90}] * 3
    client.post(BEGIN, {"where": json.dumps(many)})

    assert len(Segment.objects.get().name) == 100


def test_segments_that_mean_the_same_are_pointed_out(client, reader, segments):
    other = {"kind": "group", "match": "any", "children": [*GOLD["children"], *GOLD["children"]]}
    settled(make_segment("again", other, name="Again"), now=current_time())

    assert "that is the same" in text(client, LIST)
    page = text(client, COMPARE)
    assert "The definitions mean the same, and so do the members." in page


def test_segments_with_the_same_members_are_pointed_out(client, reader, segments):
    settled(make_segment("through", in_segment("gold"), name="Through"), now=current_time())
    current_matrix(now=current_time())
    [found] = findings(matrix=current_matrix(now=current_time()), now=current_time()).alike

    assert [one.key for one in found.segments] == ["gold", "through"]
    assert not found.by_definition
    assert "the very same members" in found.why


def test_empty_segments_are_pointed_out_after_a_while(client, reader, segments):
    nobody = {"kind": "group", "match": "none", "children": EVERYONE["children"]}
    settled(make_segment("nobody", nobody, name="Nobody"), now=current_time())
    assert "always empty" not in text(client, LIST)

    Segment.objects.filter(key="nobody").update(created_at=current_time() - timedelta(days=2))

    assert "1 segment that is always empty" in text(client, LIST)
    assert "Nobody has ever been in it" in text(client, COMPARE)


def test_a_segment_that_was_left_by_all_is_empty_after_thirty_days(segments):
    Contact.objects.all().delete()
    Segment.objects.update(member_count=0)
    now = current_time()

    assert not findings(matrix=None, now=now + timedelta(days=29)).empty
    empty = findings(matrix=None, now=now + timedelta(days=32)).empty
    assert [one.segment.key for one in empty] == ["all", "gold"]
    assert all(one.entered_at for one in empty)


def test_what_distinguishes_members_leads_to_a_segment(client, marketer):
    Contact.objects.bulk_create(
        Contact(external_id=f"u{n}", country="Norway" if n % 2 else "Spain", city="ab"[n % 3 == 0])
        for n in range(120)
    )
    norway = {"kind": "field", "field": "country", "operator": "equals", "value": "Norway"}
    segment = make_segment("north", {"kind": "group", "match": "all", "children": [norway]})
    record_changes(
        [Change(pk, Kind.CREATED) for pk in Contact.objects.values_list("pk", flat=True)]
    )
    settled(segment, now=current_time())
    answer = client.get(reverse("segment_suggestions", args=["north"]))

    assert not answer.context["rows"]
    [row] = answer.context["mentioned"]
    assert (row.suggestion.sentence, row.percent, row.lift) == (
        "Country is Norway",
        "100 %",
        "only here",
    )
    client.post(BEGIN, {"where": row.where})
    assert Segment.objects.get(status="draft").draft == {**GOLD, "children": [norway]}


def test_nobody_and_everybody_are_not_distinguished(client, reader, segments):
    assert "Every contact is in this segment" in text(
        client, reverse("segment_suggestions", args=["all"])
    )
    assert "Nobody is in this segment" in text(
        client, reverse("segment_suggestions", args=["draft"])
    )
