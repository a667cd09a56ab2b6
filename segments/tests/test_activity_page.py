"""Who entered and left: everything, or what is asked for, and why."""

from __future__ import annotations

import csv
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.db import transaction
from django.urls import reverse

from contacts.changes import Change, Kind, record_changes
from events.rows import ContactRef, EventRow
from events.services import record_events
from segments import services
from segments.activity import newest_transitions
from segments.engine.settle import settle
from segments.models import Segment, Transition
from segments.searching import FEW
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    make_contact,
    make_field,
    make_segment,
    queries_of,
    settled,
)
from segments.views.activity import ENTRIES_A_PAGE

pytestmark = pytest.mark.django_db

ACTIVITY = reverse("segment_activity", args=["vips"])
LAPSED = {
    "kind": "group",
    "match": "all",
    "children": [
        {
            "kind": "occurrence",
            "event": "purchase",
            "which": "last",
            "window": {"kind": "before_ago", "amount": 90, "unit": "day"},
        }
    ],
}


@pytest.fixture(autouse=True)
def in_utc(settings):
    settings.TIME_ZONE = "UTC"


def entries(client, **asked):
    """External ids with + for who entered and - for who left."""
    found = client.get(ACTIVITY, asked).context["entries"]
    return [f"{'+' if entry.entered else '-'}{entry.contact.external_id}" for entry in found]


@pytest.fixture
def moved():
    """u1 and u2 entered on the 20th, u3 a day later; u1 left two days later."""
    make_field()
    first = make_contact("u1", first_name="Anna", attributes={"tier": "Gold"})
    make_contact("u2", first_name="Bert", attributes={"tier": "Gold"})
    segment = settled(make_segment(definition=GOLD))
    make_contact("u3", first_name="Annabel", attributes={"tier": "Gold"})
    settle(now=NOW + timedelta(days=1))
    become_tin(first)
    settle(now=NOW + timedelta(days=2))
    return segment


@transaction.atomic
def become_tin(contact):
    contact.attributes = {"tier": "Tin"}
    contact.save()
    record_changes([Change(contact.pk, Kind.FIELD, "tier")])


def test_all_moves_are_listed_the_newest_first(client, reader, moved):
    found = entries(client)

    assert found[:2] == ["-u1", "+u3"]
    assert sorted(found[2:]) == ["+u1", "+u2"]


def test_each_entry_leads_to_the_contact(client, reader, moved):
    page = client.get(ACTIVITY).content.decode()

    for transition in Transition.objects.all():
        assert reverse("contact_detail", args=[transition.contact_id]) in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"moved": "left"}, ["-u1"]),
        ({"moved": "entered", "first": "2026-11-21"}, ["+u3"]),
        ({"first": "2026-11-21", "last": "2026-11-21"}, ["+u3"]),
        ({"first": "2026-11-22"}, ["-u1"]),
        ({"last": "2026-11-20", "q": "bert"}, ["+u2"]),
        ({"q": "ann"}, ["-u1", "+u3", "+u1"]),
        ({"q": "nobody"}, []),
        ({"first": "2027-01-01"}, []),
    ],
)
@pytest.mark.parametrize("few", [FEW, 0])
def test_the_list_is_narrowed(client, reader, moved, asked, found, few, monkeypatch):
    """Whether few or many contacts are searched for."""
    monkeypatch.setattr("segments.searching.FEW", few)

    assert entries(client, **asked) == found


@pytest.mark.parametrize(
    ("asked", "counted"),
    [
        ({}, (3, 1)),
        ({"first": "2026-11-21"}, (1, 1)),
        ({"last": "2026-11-20"}, (2, 0)),
        ({"first": "2026-11-22", "last": "2026-11-22"}, (0, 1)),
    ],
)
def test_how_many_moved_is_told_from_stored_numbers(client, reader, moved, asked, counted):
    found = client.get(ACTIVITY, asked).context["counted"]

    assert (found.entered, found.left) == counted


@pytest.mark.parametrize(
    ("cause", "found"),
    [
        ("definition", ["+u1", "+u2"]),
        ("created", ["+u3"]),
        ("field", ["-u1"]),
        ("field:tier", ["-u1"]),
        ("field:other", []),
        ("event:purchase", []),
        ("manual", []),
        ("nonsense", ["+u1", "+u2", "+u3", "-u1"]),
        ("time:x", ["+u1", "+u2", "+u3", "-u1"]),
        ("field:\0", ["+u1", "+u2", "+u3", "-u1"]),
    ],
)
def test_the_list_is_narrowed_by_cause(client, reader, moved, cause, found):
    assert sorted(entries(client, cause=cause)) == sorted(found)


def test_causes_to_choose_are_what_the_definition_depends_on(client, reader, moved):
    page = client.get(ACTIVITY, {"cause": "event:Gone"}).content.decode()

    assert '<option value="field:tier">Tier</option>' in page
    assert '<option value="event:Gone" selected>Gone</option>' in page


@pytest.mark.plain_server(
    "it is made slow with pg_sleep, which is not computed on several machines"
)
def test_what_takes_too_long_says_so(client, reader, moved, monkeypatch):
    slow = partial(newest_transitions, limit_ms=10)
    monkeypatch.setattr("segments.views.activity.newest_transitions", slow)
    monkeypatch.setattr("segments.activity.few_found", lambda words: None)
    sleeping = ("SELECT 1 FROM pg_sleep(0.5)", ())
    monkeypatch.setattr("segments.activity.found_as_sql", lambda words: sleeping)

    page = client.get(ACTIVITY, {"q": "ann"})

    assert page.status_code == 200
    assert "This takes too long to find" in page.content.decode()


class TestFile:
    def lines(self, client, path=f"{ACTIVITY}.csv", **asked):
        answer = client.get(path, asked)
        rows = csv.DictReader(StringIO(b"".join(answer.streaming_content).decode()))
        return [(row["moved"], row["external_id"], row["why"]) for row in rows]

    def test_it_holds_what_is_narrowed(self, client, reader, moved, monkeypatch):
        monkeypatch.setattr("segments.activity.BITE", 2)

        assert self.lines(client)[:2] == [
            ("left", "u1", "Tier changed"),
            ("entered", "u3", "New contact"),
        ]
        assert len(self.lines(client)) == 4
        assert self.lines(client, cause="field", moved="left", first="2026-11-01") == [
            ("left", "u1", "Tier changed")
        ]
        assert self.lines(client, cause="time") == []

    def test_of_all_segments_it_goes_from_one_to_the_next(self, client, reader, moved):
        settled(make_segment("all"), now=NOW + timedelta(days=3))
        everything = reverse("activity_csv")

        assert len(self.lines(client, everything)) == 4 + 3
        assert len(self.lines(client, everything, segment="all")) == 3
        assert client.get(everything, {"segment": "gone"}).status_code == 404


class TestAllSegments:
    @pytest.fixture
    def both(self, moved):
        return settled(make_segment("all"), now=NOW + timedelta(days=3))

    def found(self, client, **asked):
        rows = client.get(reverse("activity_list"), asked).context["entries"]
        return [(row.segment.key, row.contact.external_id, row.entered) for row in rows]

    def test_the_newest_of_all_come_first(self, client, reader, both):
        found = self.found(client)

        assert sorted(found[:3]) == [("all", one, True) for one in ("u1", "u2", "u3")]
        assert found[3:5] == [("vips", "u1", False), ("vips", "u3", True)]
        assert len(found) == 7

    @pytest.mark.parametrize("few", [FEW, 0])
    def test_they_are_narrowed(self, client, reader, both, monkeypatch, few):
        monkeypatch.setattr("segments.searching.FEW", few)

        assert len(self.found(client, segment="vips")) == 4
        assert self.found(client, q="bert") == [("all", "u2", True), ("vips", "u2", True)]
        assert self.found(client, q="bert", segment="vips") == [("vips", "u2", True)]
        assert self.found(client, cause="field") == [("vips", "u1", False)]
        assert len(self.found(client, segment="gone")) == 7

    def test_they_are_counted_from_stored_numbers(self, client, reader, both):
        everything = client.get(reverse("activity_list")).context["counted"]
        days = client.get(reverse("activity_list"), {"first": "2026-11-22"}).context["counted"]

        assert (everything.entered, everything.left) == (6, 1)
        assert (days.entered, days.left) == (3, 1)

    def test_the_number_of_queries_does_not_grow_with_segments(self, client, reader, both):
        def ask():
            client.get(reverse("activity_list"))

        ask()
        before = queries_of(ask)
        for number in range(5):
            settled(make_segment(f"s{number}"), now=NOW + timedelta(days=4))

        assert queries_of(ask) == before

    def test_pages_lead_forth_and_back(self, client, reader, both, monkeypatch):
        monkeypatch.setattr("segments.views.activity.ENTRIES_A_PAGE", 3)
        address = reverse("activity_list")

        first = client.get(address).context["page"]
        second = client.get(address, {"after": first.next}).context["page"]
        back = client.get(address, {"before": second.previous}).context["page"]

        assert [row.seq for row in first.rows] > [row.seq for row in second.rows]
        assert [row.seq for row in back.rows] == [row.seq for row in first.rows]


def test_a_search_is_not_counted(client, reader, moved):
    assert client.get(ACTIVITY, {"q": "ann"}).context["counted"] is None


def test_a_field_is_told_by_its_label(client, reader, moved):
    assert "Tier changed" in client.get(ACTIVITY).content.decode()


def test_nothing_yet_says_why(client, reader):
    make_segment(definition=None)

    page = client.get(ACTIVITY).content.decode()

    assert "Nobody has entered or left yet" in page
    assert "Not published yet" in page


def test_nothing_found_leads_back(client, reader, moved):
    page = client.get(ACTIVITY, {"q": "nobody"}).content.decode()

    assert "Nothing found" in page
    assert "Show all activity" in page


def test_pages_lead_forth_and_back_and_keep_what_was_asked_for(client, reader):
    for number in range(2 * ENTRIES_A_PAGE + 1):
        make_contact(f"u{number:03}")
    settled(make_segment())

    def shown(**asked):
        response = client.get(ACTIVITY, {"moved": "entered"} | asked)
        return response.context["page"], [row.seq for row in response.context["page"].rows]

    page, one = shown()
    content = client.get(ACTIVITY, {"moved": "entered"}).content.decode()
    assert f"?moved=entered&amp;after={page.next}" in content
    page, two = shown(after=page.next)
    assert max(two) < min(one)
    page, three = shown(after=page.next)
    assert len(three) == 1
    assert page.next is None
    page, back = shown(before=page.previous)
    assert back == two
    page, start = shown(before=page.previous)
    assert start == one
    assert page.is_first


class TestTime:
    @pytest.fixture
    def lapsed(self):
        """Entered because 90 days have passed."""
        buyer = ContactRef("external_id", "u1")
        record_events(rows=[EventRow(buyer, "purchase", NOW, "m1")], now=NOW)
        segment = settled(make_segment(definition=LAPSED))
        settle(now=NOW + timedelta(days=91))
        return segment

    def why(self, client):
        return client.get(ACTIVITY).context["entries"][0].why

    def test_it_is_told_what_passed(self, client, reader, lapsed):
        assert self.why(client) == "90 days passed since the last purchase"

    def test_an_older_definition_is_not_answered_for(self, client, reader, lapsed):
        services.update_segment(segment=lapsed, definition=EVERYONE, author=None, now=NOW)
        settle(now=NOW + timedelta(days=92))
        Transition.objects.filter(cause__kind="definition").delete()

        assert Segment.objects.get().live_version.number == 2
        assert self.why(client) == "Time passed"

    def test_a_definition_that_cannot_be_read_any_more_is_not_asked(self, client, reader, lapsed):
        lapsed.refresh_from_db()
        lapsed.live_version = None
        lapsed.save()

        assert self.why(client) == "Time passed"
