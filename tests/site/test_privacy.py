"""Whatever is known about a person can be handed out, and is gone when they are erased."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import reverse

from campaigns.channels.models import OutboxMessage
from campaigns.models import Campaign, Message
from campaigns.push.models import PushAddress
from campaigns.tracking.models import Click, FormerContact, ShortLink
from contacts.consents import consents_of
from contacts.decisions import Decision
from contacts.erasure import erase_contacts
from contacts.fields import create_field
from contacts.merging import merge_contacts
from contacts.models import Contact, Field
from contacts.personal import exported_models, read_earlier_values
from contacts.retyping.running import advance_changes
from contacts.retyping.services import check_change
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from events.personal import BITE
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.roles import ADMINS
from segments.engine.settle import settle
from segments.models import Deadline, Transition
from segments.services import create_segment
from tests.site.world import make_person, make_world

pytestmark = pytest.mark.django_db

NOT_EXPORTED = {
    "campaigns.formercontact": "which number a contact had before it was merged, for links in messages",
    "contacts.pendingmark": "that segments have to look again, and at which event, for a moment",
    "events.valuefilling": "how far the values of a type of events have been copied",
    "segments.deadline": "when segments look again; follows from events and fields",
    "segments.candidate": "a segment's answer while it is computed anew",
    "segments.touched": "that a segment has to look again after it was computed anew",
}
"""Tables about contacts, and why nobody needs to be handed what they hold."""

MARK = "Xanthippe"


def models_about_contacts() -> set[str]:
    return {
        model._meta.label_lower
        for model in apps.get_models()
        if model is Contact
        or any(
            field.name in ("contact", "contact_id") or field.related_model is Contact
            for field in model._meta.fields
        )
    }


def test_every_table_about_contacts_is_exported_or_excused():
    assert models_about_contacts() == exported_models() | NOT_EXPORTED.keys()
    assert not exported_models() & NOT_EXPORTED.keys()


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT quote_ident(table_name) FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
            """
        )
        return [name for (name,) in cursor.fetchall()]


def places_of(text: str) -> list[str]:
    """Every table in which some row holds the text, in any of its columns."""
    with connection.cursor() as cursor:
        found = []
        for table in tables():
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s",
                [f"%{text}%"],
            )
            if cursor.fetchone()[0]:
                found.append(table)
        return found


def tables_with(contact_id: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'contact_id' AND table_schema = 'public'"
        )
        names = [name for (name,) in cursor.fetchall()]
        assert len(names) >= len(models_about_contacts()) - 1
        found = []
        for name in names:
            cursor.execute(f"SELECT count(*) FROM {name} WHERE contact_id = %s", [contact_id])
            if cursor.fetchone()[0]:
                found.append(name)
        return found


@pytest.fixture
def person():
    """Somebody whose values are in every place where a contact's values can be."""
    now = current_time()
    make_world(now=now)
    create_field(raw={"key": "note", "type": "text"}, now=now)
    row = ContactRow(
        built_in={
            "external_id": f"{MARK}-1",
            "email": f"{MARK}@example.com",
            "phone": f"+1 {MARK}",
            "first_name": MARK,
            "city": MARK,
        },
        attributes={"note": f"knows {MARK}", "Status_VIP": "Gold"},
        anonymous_id=f"browser-{MARK}",
        consents=(Decision("email", subscribed=True, source=f"told by {MARK}"),),
    )
    [contact_id] = upsert_contacts(rows=[row], now=now).contact_ids
    assert contact_id is not None
    ref = ContactRef("id", contact_id)
    attributes = {"who": MARK, "deep": {"er": [MARK]}, "amount": 4711.5}
    kinds = ("Purchase", "Rare thing", "Unsubscribe")
    events = [EventRow(ref, type_, now, f"{MARK}-{type_}", attributes) for type_ in kinds]
    record_events(rows=events, now=now)
    lately = {
        "kind": "event",
        "event": "Purchase",
        "operator": "at_least",
        "value": 1,
        "window": {"kind": "last", "amount": 3, "unit": "day"},
    }
    create_segment(
        key="lately",
        name="Lately",
        definition={"kind": "group", "match": "all", "children": [lately]},
        author=None,
        now=now,
    )
    settle(now=now)
    write_to(contact_id, now)
    # Somebody looked them up in the administration before they were merged.
    lost = Contact.objects.create(external_id="lost", last_name=MARK)
    admin = make_person(ADMINS)
    for contact in (lost, Contact.objects.get(pk=contact_id)):
        LogEntry.objects.create(
            user=admin,
            content_type=ContentType.objects.get_for_model(Contact),
            object_id=str(contact.pk),
            object_repr=str(contact),
            action_flag=DELETION,
        )
    merge_contacts(keep=contact_id, lose=lost.pk, now=now)
    settle(now=now)
    return Contact.objects.get(pk=contact_id)


def write_to(contact_id, now):
    """Every table of campaigns that can hold something about them does."""
    key = {"contact_id": contact_id, "occasion": 0}
    key["campaign_id"] = Campaign.objects.create(name="Spring", channel="email").pk
    address = f"{MARK}@example.com"
    Message.objects.create(
        **key, state=Message.State.SENT, address=address, context={"attributes": {"who": MARK}}
    )
    Click.objects.create(**key, url=f"https://shop.example/{MARK}", at=now)
    ShortLink.objects.create(**key, code="abc", url=f"https://shop.example/{MARK}")
    OutboxMessage.objects.create(**key, channel="email", at=now, address=address, html=MARK)
    OutboxMessage.objects.create(channel="email", at=now, address="x", text=MARK, is_test=True)
    PushAddress.objects.create(
        digest=MARK, contact_id=contact_id, endpoint=MARK, created_at=now, seen_at=now
    )
    FormerContact.objects.create(former_id=contact_id + 1_000_000, contact_id=contact_id)


def test_erasing_leaves_no_trace(person):
    assert Deadline.objects.filter(contact=person).exists()
    assert Transition.objects.filter(contact=person).exists()
    assert {"events_eventtype", "contacts_consent", "django_admin_log"} <= set(places_of(MARK))
    assert {"campaigns_message", "campaigns_outboxmessage"} <= set(places_of(MARK))

    erase_contacts(contact_ids=[person.pk])

    assert places_of(MARK) == []
    assert places_of("4711.5") == []
    assert tables_with(person.pk) == []


def test_erasing_leaves_what_is_known_of_others(person):
    before = Event.objects.exclude(contact=person).count()

    erase_contacts(contact_ids=[person.pk])

    assert Event.objects.count() == before > 0
    known = EventType.objects.get(key="Purchase").attributes
    assert known["category"]["samples"] == ["shoes"]
    assert known["who"]["types"] == {"text": 1}


def test_who_erased_somebody_is_kept_without_saying_whom(person):
    erase_contacts(contact_ids=[person.pk])

    assert LogEntry.objects.filter(object_repr=f"Contact {person.pk}").exists()


def test_the_file_holds_events_segments_and_consents(client, person):
    client.force_login(User.objects.get(groups__name=ADMINS))
    response = client.get(reverse("contact_everything", args=[person.pk]))
    told = json.loads(response.getvalue())

    assert {one["type"] for one in told["events"]} == {"Purchase", "Rare thing", "Unsubscribe"}
    assert all(one["attributes"]["who"] == MARK for one in told["events"])
    assert {one["segment"] for one in told["segments"]} >= {"vips", "lately"}
    moves = {(one["segment"], one["moved"]) for one in told["segment_history"]}
    assert ("vips", "entered") in moves
    assert [one["address"] for one in told["messages"]] == [f"{MARK}@example.com"]
    assert [one["html"] for one in told["outbox"]] == [MARK]
    assert all(one["why"] and one["at"] for one in told["segment_history"])
    assert [one["state"] for one in told["consents"]] == ["unsubscribed", "subscribed"]
    assert not consents_of([person.pk])[person.pk]["email"].subscribed


def test_the_file_holds_every_event_once_however_many_there_are(client):
    now = current_time()
    ref = ContactRef("external_id", "busy")
    # Many at the same moment, and more than are read at once.
    events = [
        EventRow(ref, f"Kind {number % 3}", now - timedelta(hours=number // 700), f"m{number}")
        for number in range(2 * BITE + 100)
    ]
    record_events(rows=events, now=now)
    client.force_login(make_person(ADMINS))
    busy = Contact.objects.get(external_id="busy")

    response = client.get(reverse("contact_everything", args=[busy.pk]))
    told = [one["message_id"] for one in json.loads(response.getvalue())["events"]]

    assert sorted(told) == sorted(event.message_id for event in events)


def test_what_a_change_of_type_keeps_is_handed_out_and_goes_too():
    make_world(now=current_time())
    anna = Contact.objects.get(external_id="anna")
    create_field(raw={"key": "Shoe", "type": "text"}, now=current_time())
    upsert_contacts(rows=[ContactRow(id=anna.pk, attributes={"Shoe": MARK})], now=current_time())
    field = Field.objects.get(key="Shoe")
    check_change(field=field, type_="number", style="", author=None, now=current_time())
    while advance_changes(now=current_time()):
        pass
    assert {"key": "Shoe", "label": "Shoe", "value": MARK} in list(read_earlier_values(anna))
    assert "contacts_fieldchange" in places_of(MARK)

    erase_contacts(contact_ids=[anna.pk])

    assert places_of(MARK) == []
