"""Storing events: once each, with their contact and type, and marked for the segments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.erasure import erase_contacts
from contacts.models import Contact, Identity, PendingMark
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from events.rows import EventRow, read_event
from events.services import record_events
from events.unknown import refused_types
from segmentflow.models import Workspace
from segmentflow.workspace import update_workspace

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
Kind = PendingMark.Kind


def event_row(raw, zone=WARSAW):
    row = read_event(raw, zone=lambda: zone, now=NOW)
    assert isinstance(row, EventRow), row
    return row


def event(contact="u1", type_="Purchase", **more):
    return {"contact": {"external_id": contact}, "type": type_, **more}


def record(*raw):
    return record_events(rows=[event_row(one) for one in raw], now=NOW)


def codes(result):
    return {
        index: [(problem.path, problem.code) for problem in problems]
        for index, problems in result.errors.items()
    }


def marks():
    found = {
        (row.contact_id, row.kind, row.ref, row.occurred_at) for row in PendingMark.objects.all()
    }
    PendingMark.objects.all().delete()
    return found


pytestmark = pytest.mark.django_db


def test_an_event_is_stored_with_a_new_contact_and_a_new_type_and_marked():
    at = NOW - timedelta(hours=1)
    result = record(
        event(occurred_at="2026-06-15T08:00:00Z", message_id="m1", attributes={"amount": 12.5})
    )

    assert (result.accepted, result.duplicates, result.errors) == (1, 0, {})
    stored, contact = Event.objects.get(), Contact.objects.get()
    assert contact.external_id == "u1"
    assert (stored.contact_id, stored.message_id, stored.type.key) == (contact.pk, "m1", "Purchase")
    assert (stored.occurred_at, stored.received_at) == (at, NOW)
    assert stored.attributes == {"amount": 12.5}
    assert marks() == {
        (contact.pk, Kind.CREATED, "", None),
        (contact.pk, Kind.EVENT, "Purchase", at),
    }


def test_time_and_message_id_default_to_now_and_a_fresh_uuid_of_version_7():
    record(event(), event())

    first, second = Event.objects.all()
    assert first.occurred_at == second.occurred_at == NOW
    assert first.message_id != second.message_id
    assert UUID(first.message_id).version == 7
    assert UUID(first.message_id).int >> 80 == int(NOW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("sent", "instant"),
    [
        ("2026-06-15T08:00", "2026-06-15T06:00:00+00:00"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00"),  # skipped
        ("2026-10-25T02:30:00", "2026-10-25T01:30:00+00:00"),  # repeated
        ("2026-06-15 08:00:00.5-0230", "2026-06-15T10:30:00.500000+00:00"),
    ],
)
def test_a_time_without_an_offset_is_local_in_standard_time_where_it_is_not_clear(sent, instant):
    assert event_row(event(occurred_at=sent)).occurred_at == datetime.fromisoformat(instant)


def test_the_same_message_of_the_same_contact_is_stored_once():
    record(event(message_id="m1", attributes={"n": 1}))
    marks()

    result = record(
        event(message_id="m1", attributes={"n": 2}),
        event(message_id="m2", attributes={"n": 3}),
        event(message_id="m2", attributes={"n": 4}),
        event("u2", message_id="m1"),
    )

    assert (result.accepted, result.duplicates) == (2, 2)
    assert {
        (row.contact.external_id, row.message_id, row.attributes.get("n"))
        for row in Event.objects.select_related("contact")
    } == {("u1", "m1", 1), ("u1", "m2", 3), ("u2", "m1", None)}
    assert {(kind, ref) for _, kind, ref, _ in marks()} == {
        (Kind.CREATED, ""),
        (Kind.EVENT, "Purchase"),
    }


def test_a_duplicate_alone_leaves_no_mark():
    record(event(message_id="m1"))
    marks()

    record(event(message_id="m1"))

    assert marks() == set()


def test_an_event_does_not_write_to_its_contact():
    (ann,) = upsert_contacts(rows=[ContactRow(built_in={"external_id": "u1"})], now=NOW).contact_ids

    record(event("u1"))

    assert Event.objects.get().contact_id == ann
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmax::text FROM contacts_contact WHERE id = %s", [ann])
        assert cursor.fetchone() == ("0",)


def test_events_of_one_new_contact_under_one_name_make_one_contact():
    record(event(message_id="m1"), event(message_id="m2"))

    assert Contact.objects.count() == 1
    assert Event.objects.count() == 2


def test_a_contact_is_known_by_any_of_its_names():
    [contact_id] = upsert_contacts(
        rows=[ContactRow(built_in={"external_id": "u1", "email": "A@b.c", "phone": "+1"})], now=NOW
    ).contact_ids

    record(
        {"contact": {"id": contact_id}, "type": "Visit", "message_id": "1"},
        {"contact": {"external_id": "u1"}, "type": "Visit", "message_id": "2"},
        {"contact": {"email": "a@B.c"}, "type": "Visit", "message_id": "3"},
        {"contact": {"phone": "+1"}, "type": "Visit", "message_id": "4"},
    )

    assert set(Event.objects.values_list("contact_id", flat=True)) == {contact_id}
    assert Event.objects.count() == 4


def test_an_unknown_id_is_refused_while_the_others_are_stored():
    result = record({"contact": {"id": 987654321}, "type": "Visit"}, event(type_="Purchase"))

    assert codes(result) == {0: [("contact.id", "unknown_contact")]}
    assert result.accepted == 1
    assert not EventType.objects.filter(key="Visit").exists()


def test_with_strict_types_an_unknown_type_is_refused_and_makes_no_contact(settings):
    settings.EVENT_TYPES_STRICT = True
    EventType.objects.create(key="Purchase")

    result = record(event("u1"), event("u2", "purchase"))

    assert codes(result) == {1: [("type", "unknown_event_type")]}
    assert [contact.external_id for contact in Contact.objects.all()] == ["u1"]
    assert EventType.objects.count() == 1


@pytest.mark.parametrize(
    ("environment", "chosen", "is_refused"),
    [
        (False, "", False),
        (True, "", True),
        (True, Workspace.UnknownTypes.REGISTER, False),
        (False, Workspace.UnknownTypes.REFUSE, True),
    ],
)
def test_what_admins_chose_about_unknown_types_wins(settings, environment, chosen, is_refused):
    settings.EVENT_TYPES_STRICT = environment
    update_workspace(unknown_types=chosen)

    assert bool(record(event("u1")).errors) == is_refused


def test_refused_types_are_counted_by_their_names(settings):
    settings.EVENT_TYPES_STRICT = True

    record(event("u1", "A"), event("u2", "A"), event("u3", "B"))
    record(event("u1", "A"))

    assert dict(refused_types().values_list("path", "times")) == {"A": 3, "B": 1}


def test_known_types_cost_no_question_about_strictness():
    record(event("u1"))
    with CaptureQueriesContext(connection) as seen:
        record(event("u1"))

    assert not any("segmentflow_workspace" in query["sql"] for query in seen)


@pytest.mark.parametrize(
    ("attribute", "attributes", "value"),
    [
        ("amount", {"amount": Decimal("12.50")}, Decimal("12.50")),
        ("amount", {"amount": "12.50"}, Decimal("12.50")),
        ("amount", {"amount": " 12"}, None),
        ("amount", {"amount": "1e3"}, None),
        ("amount", {"amount": True}, None),
        ("amount", {}, None),
        ("order.total", {"order": {"total": 7}}, Decimal(7)),
        ("order.total", {"order": {"total": 7}, "order.total": 8}, Decimal(8)),
        ("order.total", {"order.total": None, "order": {"total": 7}}, None),
        ("", {"amount": 7}, None),
    ],
)
def test_the_value_is_the_number_of_the_types_value_attribute(attribute, attributes, value):
    EventType.objects.create(key="Purchase", value_attribute=attribute)

    record(event(attributes=attributes))

    assert Event.objects.get().value == value


def test_attributes_are_discovered_with_types_and_a_few_samples():
    record(
        *(event(attributes={"shop": f"s{n}", "amount": n, "none": None}) for n in range(7)),
        event(
            attributes={
                "shop": True,
                "order": {"on": "2026-06-01", "at": "2026-06-01T10:00:00Z"},
                "tags": ["a", "b"],
            }
        ),
    )

    assert EventType.objects.get().attributes == {
        "shop": {"types": {"text": 7, "boolean": 1}, "samples": ["s0", "s1", "s2", "s3", "s4"]},
        "amount": {"types": {"number": 7}, "samples": ["0", "1", "2", "3", "4"]},
        "order.on": {"types": {"date": 1}, "samples": ["2026-06-01"]},
        "order.at": {"types": {"datetime": 1}, "samples": ["2026-06-01T10:00:00Z"]},
        "tags": {"types": {"list": 1}, "samples": ['["a","b"]']},
    }


def test_a_type_is_not_written_again_when_nothing_new_was_seen():
    record(event(attributes={"paid": True}))
    before = EventType.objects.values().get()

    record(event(attributes={"paid": True}))

    assert EventType.objects.values().get() == before


def test_a_type_remembers_a_bounded_number_of_attributes():
    record(event(attributes={f"key{n}": "x" * 1000 for n in range(300)}))

    known = EventType.objects.get().attributes
    assert len(known) == 200
    assert all(len(seen["samples"][0]) == 100 for seen in known.values())


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"contact": None}, "contact", "wrong_type"),
        ({"contact": "u1"}, "contact", "wrong_type"),
        ({"contact": {}}, "contact", "wrong_type"),
        ({"contact": {"external_id": "a", "email": "b"}}, "contact", "wrong_type"),
        ({"contact": {"name": "a"}}, "contact", "wrong_type"),
        ({"contact": {"external_id": ""}}, "contact.external_id", "wrong_type"),
        ({"contact": {"external_id": 7}}, "contact.external_id", "wrong_type"),
        ({"contact": {"email": "a\0"}}, "contact.email", "wrong_type"),
        ({"contact": {"id": "7"}}, "contact.id", "wrong_type"),
        ({"type": None}, "type", "wrong_type"),
        ({"type": ""}, "type", "wrong_type"),
        ({"type": "x" * 101}, "type", "wrong_type"),
        ({"type": "a\0"}, "type", "wrong_type"),
        ({"occurred_at": 1750000000}, "occurred_at", "wrong_type"),
        ({"occurred_at": "99999-01-01T00:00:00Z"}, "occurred_at", "invalid_time"),
        ({"occurred_at": "2026-02-29T00:00:00Z"}, "occurred_at", "invalid_time"),
        ({"occurred_at": "2026-06-15"}, "occurred_at", "invalid_time"),
        ({"message_id": ""}, "message_id", "wrong_type"),
        ({"message_id": "x" * 256}, "message_id", "wrong_type"),
        ({"message_id": "\ud800"}, "message_id", "wrong_type"),
        ({"attributes": []}, "attributes", "wrong_type"),
        ({"properties": {}}, "properties", "unknown_key"),
    ],
)
def test_an_event_of_the_wrong_shape_is_refused_where_it_is_wrong(changes, path, code):
    problems = read_event({**event(), **changes}, zone=lambda: WARSAW, now=NOW)

    assert isinstance(problems, list)
    assert [(problem.path, problem.code) for problem in problems] == [(path, code)]


def test_the_number_of_queries_does_not_grow_with_the_batch(django_assert_max_num_queries):
    rows = [event_row(event(f"u{n}", f"Type {n % 7}", message_id=f"m{n}")) for n in range(300)]
    record_events(rows=rows[::2], now=NOW)

    with django_assert_max_num_queries(25):
        record_events(rows=rows, now=NOW)


def test_an_erased_contact_leaves_nothing_behind_and_others_stay():
    record(event("u1"), event("u2"))
    gone = Contact.objects.get(external_id="u1")

    assert erase_contacts(contact_ids=[gone.pk]) == 1

    for model in (Event, Identity, PendingMark):
        assert {row.contact_id for row in model.objects.all()} == {Contact.objects.get().pk}
    assert Contact.objects.get().external_id == "u2"
    assert erase_contacts(contact_ids=[gone.pk]) == 0


def test_an_erased_contact_is_a_new_one_when_it_comes_back():
    record(event("u1", message_id="m1"))
    first = Contact.objects.get().pk
    erase_contacts(contact_ids=[first])

    assert record(event("u1", message_id="m1")).accepted == 1
    assert Contact.objects.get().pk != first
