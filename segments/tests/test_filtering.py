"""Lists of contacts filtered by conditions: in the address, on the pages that choose them, as a segment."""

from __future__ import annotations

import json
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from contacts.exporting import export_lines
from contacts.models import Contact
from contacts.selecting import Selection
from contacts.views import listing
from events.models import Event, EventType
from segmentflow.clock import current_time
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS
from segments import filtering
from segments.builder.drafts import open_draft
from segments.conditions.edit import without_ids
from segments.filtering import LONGEST, MOST, read_filter, written
from segments.models import Segment
from segments.tests.made import (
    EVERYONE,
    NOW,
    make_contact,
    make_field,
    make_segment,
    make_user,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

LIST = reverse("contact_list")
CHOOSE, EDIT = reverse("filter_choose"), reverse("filter_edit")
NEW = reverse("segment_new")
HTMX = {"HX-Request": "true"}

OSLO = {"kind": "field", "field": "city", "operator": "equals", "value": "Oslo"}
GOLD = {"kind": "field", "field": "tier", "operator": "in", "value": ["Gold"]}
BOUGHT = {
    "kind": "event",
    "event": "Purchase",
    "operator": "at_least",
    "value": 1,
    "window": {"kind": "last", "amount": 30, "unit": "day"},
}
GONE = {"kind": "field", "field": "gone", "operator": "is_set"}


@pytest.fixture(autouse=True)
def people():
    make_field("tier")
    purchase = EventType.objects.create(key="Purchase", label="Purchase")
    anna = make_contact("anna", first_name="Anna", city="Oslo", attributes={"tier": "Gold"})
    make_contact("bob", first_name="Bob", city="Oslo")
    make_contact("cy", first_name="Cy", attributes={"tier": "gold"})
    # The pages ask the clock.
    lately = current_time() - timedelta(days=3)
    Event.objects.create(contact_id=anna.pk, message_id="m1", type=purchase, occurred_at=lately)


def where(*conditions):
    return written(conditions)


def names(response):
    return sorted(contact.external_id for contact in response.context["page"].rows)


def listed(client, *conditions, **others):
    return client.get(LIST, {"where": where(*conditions), **others})


def text_of(response):
    return unescape(" ".join(response.content.decode().split()))


def asked_where(response):
    """What the address that an answer leads to filters by."""
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return json.loads(query["where"][0])


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([OSLO], ["anna", "bob"]),
        ([GOLD], ["anna", "cy"]),
        ([OSLO, GOLD], ["anna"]),
        ([{**OSLO, "operator": "not_equals"}], ["cy"]),
        ([{"kind": "field", "field": "tier", "operator": "is_not_set"}], ["bob"]),
        ([{**OSLO, "operator": "starts_with", "value": "OS"}], ["anna", "bob"]),
        ([{**BOUGHT, "operator": "equals", "value": 0}], ["bob", "cy"]),
    ],
)
def test_all_conditions_must_hold(client, reader, conditions, expected):
    assert names(listed(client, *conditions)) == expected


def test_time_is_looked_at_exactly():
    first = Event.objects.get().occurred_at + timedelta(days=30)

    def bought(now):
        found = read_filter(where(BOUGHT), now)
        return Selection(filtered=found).contacts().count()

    assert bought(first) == 1
    assert bought(first + timedelta(microseconds=1)) == 0


def test_a_filter_goes_with_search_segment_and_order(client, reader):
    settled(make_segment("all", EVERYONE))

    page = listed(client, GOLD, q="an", segment="all", sort="-name")

    assert names(page) == ["anna"]
    for kept in ('name="where"', 'name="segment"', 'name="sort"'):
        assert kept in page.content.decode()


def test_each_condition_is_told_in_words_and_can_be_removed(client, reader):
    response = listed(client, OSLO, GOLD)
    chips = response.context["selection"].filtered.chips

    assert [chip.words for chip in chips] == ["City is Oslo", "Tier is Gold"]
    assert json.loads(chips[0].without) == [GOLD]
    assert names(client.get(LIST, {"where": chips[1].without})) == ["anna", "bob"]
    assert "Remove the filter “City is Oslo”" in text_of(response)


def test_what_is_not_understood_leaves_nobody_and_is_marked(client, reader):
    response = listed(client, GONE, OSLO)
    page = text_of(response)

    assert response.status_code == 200
    assert names(response) == []
    assert "There is no field “gone”." in page
    assert "City is Oslo" in page
    assert "Not every filter is understood" in page
    assert "Save as segment" not in page


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[]",
        "{}",
        "null",
        "[1]",
        "[null]",
        "[[]]",
        "[{}]",
        '[{"kind":"field"}]',
        '[{"kind":"everyone","x":1}]',
        '[{"kind":"group","match":"all","children":[]}]',
        '[{"kind":["field"],"field":{}}]',
        '[{"kind":"field","field":"city","operator":"equals","value":"\\u0000"}]',
        '[{"kind":"field","field":"city","operator":"equals","value":"\\ud800"}]',
        '[{"kind":"field","field":"\\ud800","operator":"is_set"}]',
        '[{"kind":"random","percent":1e999999,"salt":""}]',
        '[{"kind":"random","percent":NaN,"salt":""}]',
        f'[{{"kind":"random","percent":{"9" * 5000},"salt":""}}]',
        "[" * 3000,
        f"[{'[' * 2900}{']' * 2900}]",
        " " * (LONGEST + 1),
        "\0",
        "[" + ",".join(['{"kind":"everyone"}'] * (MOST + 1)) + "]",
    ],
)
def test_nothing_odd_in_the_address_shows_everybody_or_breaks(client, text):
    client.force_login(make_user(ADMINS, name="boss"))
    for address in (LIST, reverse("contact_count"), reverse("contact_export"), CHOOSE):
        response = client.get(address, {"where": text})
        assert response.status_code in (200, 422)
        assert b"Anna" not in response.content
    assert client.get(NEW, {"where": text}).status_code in (200, 404)
    asked = {"where": text, "place": "0", "condition": text}
    assert client.get(EDIT, asked).status_code in (200, 404)
    response = client.post(
        f"{reverse('contact_bulk')}?do=erase&all=1", query_params={"where": text}
    )
    assert Contact.objects.count() == 3


def test_an_export_has_whom_the_list_has(reader):
    selection = Selection(filtered=read_filter(where(OSLO, GOLD), NOW))

    lines = list(export_lines(kind="jsonl", columns=["external_id"], selection=selection))

    assert lines == ['{"external_id":"anna"}\n']


def test_an_export_of_what_is_not_understood_is_refused(client, reader):
    address = f"{reverse('contact_export')}?where={where(GONE)}"

    response = client.post(address, {"kind": "csv", "column": "id"})

    assert response.status_code == 422
    assert "Nobody is exported" in text_of(response)


def test_who_may_not_see_events_cannot_filter(client, reader):
    Group.objects.get(name=CAMPAIGN_MANAGERS).permissions.remove(
        Permission.objects.get(codename="view_eventtype")
    )

    response = listed(client, OSLO)

    assert names(response) == []
    assert "Your role does not include filtering" in text_of(response)
    assert client.get(CHOOSE).status_code == 403


@pytest.mark.plain_server(
    "it is made slow with pg_sleep, which is not computed on several machines"
)
def test_what_takes_too_long_offers_a_segment(client, marketer, monkeypatch):
    monkeypatch.setattr(listing, "PATIENCE_MS", 1)
    monkeypatch.setattr(filtering, "TABLE", "(SELECT contacts_contact FROM pg_sleep(0.1))")

    page = text_of(listed(client, OSLO))

    assert "This takes too long" in page
    assert "Save them as a segment" in page
    assert "Anna" not in page


def test_a_list_of_one_page_is_counted_without_asking(client, reader):
    assert "2 contacts" in text_of(listed(client, OSLO))


@pytest.mark.plain_server(
    "it is made slow with pg_sleep, which is not computed on several machines"
)
def test_a_count_is_exact_when_it_is_quick_and_about_when_it_is_not(client, reader, monkeypatch):
    address = f"{reverse('contact_count')}?where={where(OSLO)}"

    assert text_of(client.get(address)).strip() == "2 contacts"

    monkeypatch.setattr(listing, "COUNT_MS", 1)
    monkeypatch.setattr(filtering, "TABLE", "(SELECT contacts_contact FROM pg_sleep(0.1) LIMIT 1)")
    assert text_of(client.get(address)).strip() in ("2 contacts", "about 2 contacts")


def test_filtering_costs_no_more_queries_for_more_contacts(client, reader):
    listed(client, OSLO, BOUGHT)  # a cluster is asked once what it takes
    few = queries_of(lambda: listed(client, OSLO, BOUGHT))
    for number in range(5):
        make_contact(f"x{number}", city="Oslo")

    assert queries_of(lambda: listed(client, OSLO, BOUGHT)) == few <= 30


def test_everything_that_can_be_filtered_by_is_offered(client, reader):
    settled(make_segment("vips", EVERYONE))
    page = text_of(client.get(CHOOSE, {"where": where(OSLO), "q": "an"}))

    for offered in ("Tier", "City", "Creation date", "Purchase", "Vips", "Last or first event"):
        assert f"<span>{offered}</span>" in page
    assert "Subsegment" not in page
    assert "add=field%3Acity" in page
    assert client.get(CHOOSE, headers=HTMX).content.strip().startswith(b'<div id="filter"')


def test_a_filter_is_added_without_scripts(client, reader):
    begun = client.get(EDIT, {"where": where(OSLO), "q": "a", "add": "field:tier"})
    condition = begun.context["condition"]
    assert begun.status_code == 200

    asked = {"where": where(OSLO), "q": "a", "condition": condition}
    added = client.get(EDIT, {**asked, "c.value+": "Gold", "do": "apply"})

    assert asked_where(added) == [OSLO, GOLD]
    assert "q=a" in added.headers["Location"]


def test_a_filter_that_is_not_complete_is_marked_and_not_applied(client, reader):
    begun = client.get(EDIT, {"add": "field:tier"})
    assert "Choose at least one value" not in text_of(begun)

    refused = client.get(EDIT, {"condition": begun.context["condition"], "do": "apply"})

    assert refused.status_code == 422
    assert "Choose at least one value" in text_of(refused)


def test_a_filter_is_changed_where_it_stands(client, reader):
    asked = {"where": where(OSLO, GOLD), "place": "0"}

    redrawn = client.get(EDIT, {**asked, "c.operator": "is_not_set"})
    condition = redrawn.context["condition"]
    applied = client.get(EDIT, {**asked, "condition": condition, "do": "apply"})

    assert asked_where(applied) == [
        {"kind": "field", "field": "city", "operator": "is_not_set"},
        GOLD,
    ]


def test_htmx_is_sent_to_the_list(client, reader):
    asked = {"condition": where(OSLO), "do": "apply"}

    response = client.get(EDIT, asked, headers=HTMX)

    assert response.headers["HX-Redirect"].startswith(f"{LIST}?where=")


def test_whoever_asks_to_change_nothing_chooses_first(client, reader):
    assert client.get(EDIT, {"where": "[]"})["Location"] == f"{CHOOSE}?where=%5B%5D"


@pytest.mark.parametrize(
    "asked",
    [
        {"add": ""},
        {"add": "nonsense"},
        {"add": "field:gone"},
        {"place": "7", "where": "[]"},
        {"condition": '[{"kind":"group","match":"all","children":[]}]'},
    ],
)
def test_what_is_not_there_cannot_be_changed(client, reader, asked):
    assert client.get(EDIT, asked).status_code == 404


@pytest.mark.parametrize(
    "sent", [{"c.operator": "drop table"}, {"do": "nonsense"}, {"c.value": "x" * 2000}]
)
def test_what_no_control_sends_is_refused(client, reader, sent):
    response = client.get(EDIT, {"condition": where(OSLO), **sent})

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_no_more_filters_than_a_list_takes(client, reader):
    asked = {"where": where(*[OSLO] * MOST), "condition": where(GOLD), "do": "apply"}

    assert client.get(EDIT, asked).status_code == 422


def test_values_that_contacts_have_are_suggested(client, reader):
    address = reverse("filter_values")
    condition = where({**OSLO, "operator": "in", "value": []})

    found = client.get(address, {"condition": condition, "name": "value", "q": "o"})

    assert 'data-value="Oslo"' in found.content.decode()
    for odd in ({}, {"condition": "x"}, {"condition": condition, "name": "x"}):
        assert b"data-value" not in client.get(address, odd).content


def test_filters_become_a_segment_of_exactly_that(client, marketer):
    settled(make_segment("vips", EVERYONE))
    address = f"{NEW}?where={where(OSLO, BOUGHT)}&segment=vips"

    asked = text_of(client.get(address))
    assert "in the segment Vips, and City is Oslo, and has performed Purchase" in asked
    response = client.post(address, {"name": "Oslo buyers"})

    segment = Segment.objects.get(name="Oslo buyers")
    assert response.headers["Location"] == reverse("builder", args=[segment.key])
    assert segment.status == "draft"
    member = {"kind": "segment", "segment": "vips", "member": True}
    tree = without_ids(open_draft(segment=segment).tree)
    assert tree == {"kind": "group", "match": "all", "children": [member, OSLO, BOUGHT]}
    assert client.get(response.headers["Location"]).status_code == 200


def test_words_that_were_searched_for_are_said_to_stay_behind(client, marketer):
    page = text_of(client.get(NEW, {"where": where(OSLO), "q": "anna"}))

    assert "The words that you searched for are no part of it" in page


def test_what_is_not_understood_becomes_no_segment(client, marketer):
    address = f"{NEW}?where={where(GONE)}"

    assert client.get(address).status_code == 404
    assert client.post(address, {"name": "x"}).status_code == 404
    assert not Segment.objects.exists()


def test_who_may_not_make_segments_is_not_offered_one(client, reader):
    assert "Save as segment" not in text_of(listed(client, OSLO))


def test_who_may_is(client, marketer):
    assert "Save as segment" in text_of(listed(client, OSLO))
    assert "Save as segment" not in text_of(client.get(LIST))
