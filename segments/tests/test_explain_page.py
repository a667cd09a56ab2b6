"""The pages that tell why a contact is in a segment or not, and why it came and went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.clock import current_time
from segments import services
from segments.engine.settle import settle
from segments.listing import list_contacts
from segments.models import Segment, SegmentVersion, Transition
from segments.moved import version_followed
from segments.tests.made import (
    EVERYONE,
    GOLD,
    UNKNOWN_FIELD,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

NOW = current_time()
RECENT = {
    "kind": "event",
    "event": "Purchase",
    "window": {"kind": "last", "amount": 30, "unit": "day"},
}
BOTH = {"kind": "group", "match": "all", "children": [*GOLD["children"], RECENT]}


@pytest.fixture
def anna() -> Contact:
    make_field()
    EventType.objects.create(key="Purchase", label="Purchase")
    return make_contact("u1", first_name="Anna", attributes={"tier": "Gold"}, created_at=NOW)


@pytest.fixture
def recent(anna: Contact) -> Segment:
    """Anna is in it since she bought, and leaves in ten days."""
    segment = settled(make_segment("recent", BOTH, now=NOW), now=NOW)
    buy(anna, at=NOW - timedelta(days=20))
    return segment


def buy(contact: Contact, *, at: Any, **attributes: Any) -> None:
    ref = ContactRef("id", contact.pk)
    row = EventRow(ref, "Purchase", at, f"m{at}", {"amount": 5} | attributes)
    record_events(rows=[row], now=NOW)
    settle(now=NOW)


def give(contact: Contact, tier: str) -> None:
    upsert_contacts(rows=[ContactRow(id=contact.pk, attributes={"tier": tier})], now=NOW)
    settle(now=NOW)


def explained(client: Any, contact: Contact, key: str = "recent") -> str:
    answer = client.get(reverse("segment_explain", args=[key, contact.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def why(client: Any, row: Transition) -> str:
    answer = client.get(reverse("segment_move", args=[row.segment.key, row.contact_id, row.seq]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def last_move(contact: Contact, key: str = "recent") -> Transition:
    return Transition.objects.filter(contact=contact, segment__key=key).latest("seq")


def test_a_member_is_told_since_when_what_it_has_and_when_it_leaves(client, reader, anna, recent):
    page = explained(client, anna)

    assert "Anna</a> is a member since" in page
    assert "All 2 conditions hold." in page
    assert "Tier: Gold" in page
    assert "Purchase: 1 time" in page
    assert "Leaves on" in page
    assert "Purchase on" in page, "why it entered"


def test_who_is_not_in_it_is_told_what_is_missing(client, reader, anna, recent):
    give(anna, "Silver")

    page = explained(client, anna)

    assert "Anna</a> is not a member" in page
    assert "1 of 2 conditions holds; all are needed. What decides it:" in page
    assert "Tier: Silver" in page
    assert "Time alone changes nothing." in page


def test_a_paused_segment_promises_nothing(client, reader, anna, recent):
    services.update_segment(segment=recent, status="paused", author=None, now=NOW)
    give(anna, "Silver")

    page = explained(client, anna)

    assert "is a member since" in page
    assert "By its definition, the contact would not be in it now." in page


def test_a_change_that_is_not_followed_yet_is_told(client, reader, anna, recent):
    upsert_contacts(rows=[ContactRow(id=anna.pk, attributes={"tier": "Silver"})], now=NOW)

    assert "the members follow in a moment" in explained(client, anna)


def test_what_has_no_definition_is_told_without_one(client, reader, anna):
    make_segment("draft", GOLD, status="draft")
    make_segment("listed", kind="static")

    assert "Not published yet" in explained(client, anna, "draft")
    assert "Contacts come and go only when the list is changed" in explained(client, anna, "listed")


def test_a_definition_that_cannot_be_read_any_more_is_said_to_be_so(client, reader, anna):
    gone = settled(make_segment("gone", GOLD, now=NOW), now=NOW)
    gone.live_version = SegmentVersion.objects.create(
        segment=gone, number=2, definition=UNKNOWN_FIELD
    )
    gone.status = Segment.Status.ARCHIVED
    gone.save()

    assert "cannot be read any more" in explained(client, anna, "gone")


def test_a_condition_about_a_segment_leads_to_the_explanation_of_that(client, reader, anna, recent):
    settled(make_segment("around", in_segment("recent"), now=NOW), now=NOW)

    link = reverse("segment_explain", args=["recent", anna.pk])
    assert f'class="verdict-why" href="{link}"' in explained(client, anna, "around")


def test_another_contact_is_found(client, reader, anna, recent):
    bert = make_contact("u2", first_name="Bert")
    address = reverse("segment_explain", args=["recent"])
    htmx = {"HX-Request": "true", "HX-Target": "found"}

    assert b"Find a contact to see" in client.get(address).content
    part = client.get(address, {"q": "ber"}, headers=htmx).content.decode()

    assert part.lstrip().startswith("<section")
    assert reverse("segment_explain", args=["recent", bert.pk]) in part
    assert "Nobody found" in client.get(address, {"q": "zzz"}).content.decode()


def test_the_explanation_alone_is_refreshed(client, reader, anna, recent):
    address = reverse("segment_explain", args=["recent", anna.pk])
    htmx = {"HX-Request": "true", "HX-Target": "explained"}

    part = client.get(address, headers=htmx).content.decode()

    assert part.lstrip().startswith('<div id="explained"')


def test_every_list_of_contacts_and_segments_leads_here(client, reader, anna, recent):
    settled(make_segment("gold", GOLD, now=NOW), now=NOW)
    settled(make_segment("never", in_segment("gold"), now=NOW), now=NOW)
    give(anna, "Silver")
    give(anna, "Gold")
    here = reverse("segment_explain", args=["recent", anna.pk])
    move = reverse("segment_move", args=["recent", anna.pk, last_move(anna).seq])

    detail = client.get(reverse("segment_detail", args=["recent"])).content.decode()
    activity = client.get(reverse("segment_activity", args=["recent"])).content.decode()
    profile = client.get(reverse("contact_detail", args=[anna.pk])).content.decode()

    assert here in detail
    assert move in detail
    assert move in activity
    assert here in profile
    assert move in profile


def test_a_segment_that_a_contact_is_not_in_is_chosen_on_its_profile(client, reader, anna, recent):
    give(anna, "Silver")
    profile = client.get(reverse("contact_detail", args=[anna.pk])).content.decode()
    choose = reverse("explain_choose", args=[anna.pk])

    assert '<option value="recent">Recent</option>' in profile
    chosen = client.get(choose, {"segment": "recent"})
    assert chosen.url == reverse("segment_explain", args=["recent", anna.pk])
    assert client.get(choose).url == reverse("contact_detail", args=[anna.pk])
    assert client.get(choose, {"segment": "no\0thing"}).status_code == 404


def test_who_came_by_an_event_is_told_the_event(client, reader, anna, recent):
    page = why(client, last_move(anna))

    assert "Entered on" in page
    assert "amount" in page
    assert f"{reverse('contact_detail', args=[anna.pk])}?type=" in page
    assert "Purchase: 1 time" in page


def test_the_timeline_begins_with_the_event(client, reader, anna, recent):
    buy(anna, at=NOW - timedelta(days=1), amount=777)
    answer = client.get(reverse("segment_move", args=["recent", anna.pk, last_move(anna).seq]))

    address = answer.context["timeline"].partition("#")[0]
    shown = client.get(address).context["main"][0]["panel"]["events"]

    assert [one.entry.occurred_at for one in shown] == [NOW - timedelta(days=20)]


def test_an_event_that_is_not_kept_is_said_to_be_gone(client, reader, anna, recent):
    Event.objects.all().delete()

    page = why(client, last_move(anna))

    assert "not kept any more" in page
    assert "would have said otherwise" in page


def test_who_left_by_a_field_is_told_its_value_of_today(client, reader, anna, recent):
    give(anna, "Silver")

    page = why(client, last_move(anna))

    assert 'Tier today</dt><dd> <span class="field-text">Silver</span>' in page


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=40), timedelta(hours=20)])
def test_who_left_as_time_passed_is_told_what_became_too_old(client, reader, anna, recent, late):
    ended = NOW + timedelta(days=10, microseconds=1)
    settle(now=ended + late)

    page = why(client, last_move(anna))

    assert "Nothing happened; time passed." in page
    assert "Has performed Purchase in the last 30 days" in page
    assert "Purchase: 1 time → Purchase: 0 times" in page
    answer = client.get(reverse("segment_move", args=["recent", anna.pk, last_move(anna).seq]))
    assert answer.context["story"].passed.at == ended


def test_what_time_did_is_not_told_when_it_cannot_be_seen_any_more(client, reader, anna, recent):
    settle(now=NOW + timedelta(days=11))
    row = last_move(anna)
    buy(anna, at=NOW + timedelta(days=10))

    page = why(client, row)

    assert "cannot be told from what is stored today" in page


def test_who_moved_by_a_new_version_is_told_what_it_changed(client, reader, anna, recent):
    services.update_segment(segment=recent, definition=GOLD, author=None, now=NOW)
    give(anna, "Silver")
    settle(now=NOW)
    services.update_segment(segment=recent, definition=EVERYONE, author=None, now=NOW)
    settle(now=NOW)

    page = why(client, last_move(anna))

    assert "Version 3 of the definition was published" in page
    assert "<span>Tier is Gold</span>" in page


def test_the_definition_of_then_is_shown(client, reader, anna, recent):
    """Not the one that is followed since."""
    row = last_move(anna)
    services.update_segment(segment=recent, definition=EVERYONE, author=None, now=NOW)
    settle(now=NOW + timedelta(hours=1))

    assert version_followed(row).number == 1
    assert "version 1" in why(client, row)


def test_what_was_followed_before_that_was_recorded_is_not_guessed(client, reader, anna, recent):
    row = last_move(anna)
    row.at = NOW - timedelta(days=1)
    row.save(update_fields=["at"])
    assert version_followed(row).number == 1, "there was no other"
    services.update_segment(segment=recent, definition=EVERYONE, author=None, now=NOW)
    settle(now=NOW)

    assert version_followed(row) is None
    assert "is not known any more" in why(client, row)


def test_who_moved_through_another_segment_is_led_there(client, reader, anna, recent):
    settled(make_segment("around", in_segment("recent"), now=NOW), now=NOW)
    row = last_move(anna, "around")
    row.cause = {"kind": "segment", "segment": "recent"}
    row.save(update_fields=["cause"])

    page = why(client, row)

    assert reverse("segment_move", args=["recent", anna.pk, last_move(anna).seq]) in page


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ({"kind": "created"}, "The contact was created on"),
        ({"kind": "manual"}, "put on the list"),
        ({"kind": "zone", "zone": "Asia/Tokyo"}, "days begin and end at other instants"),
        ({"kind": "erased", "type": "Purchase"}, "kept for a limited time"),
        ({"kind": "event", "type": "Gone", "occurred_at": None}, "not kept any more"),
        ({"kind": "field", "field": "gone"}, "The field has been deleted since"),
        ({"kind": "segment", "segment": "gone"}, "That segment has been deleted since"),
        ({"kind": "definition", "version": 99}, "That version is not kept any more"),
        ({}, "the cause was not recorded"),
    ],
)
def test_every_cause_has_its_words(client, reader, anna, recent, cause, words):
    row = last_move(anna)
    row.cause = cause
    row.save(update_fields=["cause"])

    assert words in why(client, row)


def test_a_move_is_only_found_where_it_happened(client, reader, anna, recent):
    settled(make_segment("all", EVERYONE, now=NOW), now=NOW)
    bert = make_contact("u2")
    seq = last_move(anna).seq

    for key, contact_id, number in (
        ("all", anna.pk, seq),
        ("recent", bert.pk, seq),
        ("recent", anna.pk, 10**25),
        ("recent", 10**25, seq),
    ):
        address = reverse("segment_move", args=[key, contact_id, number])
        assert client.get(address).status_code == 404
    assert client.get(reverse("segment_explain", args=["recent", 10**25])).status_code == 404


def test_a_static_list_tells_its_moves(client, reader, anna):
    listed = make_segment("listed", kind="static")
    list_contacts(segment=listed, rows=[{"id": anna.pk}], now=NOW)

    assert "By hand" in explained(client, anna, "listed")
    assert "put on the list" in why(client, last_move(anna, "listed"))


def test_more_moves_cost_no_more_queries(client, reader, anna, recent):
    address = reverse("segment_explain", args=["recent", anna.pk])
    give(anna, "Silver")
    give(anna, "Gold")
    few = queries_of(lambda: client.get(address))
    for tier in ("Silver", "Gold") * 3:
        give(anna, tier)

    assert queries_of(lambda: client.get(address)) == few
