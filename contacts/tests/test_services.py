"""Storing contacts: who is found, what changes, what is refused and what is marked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection

from contacts.models import Contact, Field, Identity, PendingMark
from contacts.rows import ContactRow, read_contact
from contacts.services import upsert_contacts

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
Kind = PendingMark.Kind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fields():
    for key, type_ in {"Status": "text", "Score": "number", "Tags": "list"}.items():
        Field.objects.create(key=key, label=key, type=type_)


def contact_row(raw):
    row = read_contact(raw)
    assert isinstance(row, ContactRow), row
    return row


def upsert(*raw):
    return upsert_contacts(rows=[contact_row(one) for one in raw], now=NOW)


def codes(result):
    return {
        index: [(problem.path, problem.code) for problem in problems]
        for index, problems in result.errors.items()
    }


def marks():
    found = {(row.contact_id, row.kind, row.ref) for row in PendingMark.objects.all()}
    PendingMark.objects.all().delete()
    return found


def identities():
    return {(row.kind, row.value): row.contact_id for row in Identity.objects.all()}


def test_a_new_contact_is_stored_as_sent_with_its_identities_and_one_mark():
    result = upsert(
        {
            "external_id": " U1",
            "email": "Anna@Example.com",
            "first_name": "Anna",
            "attributes": {"Status": "Gold", "Score": Decimal("0.10")},
        }
    )

    contact = Contact.objects.get()
    assert (result.created, result.updated, result.contact_ids) == (1, 0, [contact.pk])
    assert (contact.external_id, contact.email) == (" U1", "Anna@Example.com")
    assert (contact.first_name, contact.phone, contact.created_at) == ("Anna", "", NOW)
    assert contact.attributes == {"Status": "Gold", "Score": 0.1}
    assert identities() == {
        ("external_id", " U1"): contact.pk,
        ("email", "anna@example.com"): contact.pk,
    }
    assert marks() == {(contact.pk, Kind.CREATED, "")}


def test_numbers_stay_exact():
    exact = "123456789012345678901234567890.000000001"
    upsert({"external_id": "u1", "attributes": {"Score": Decimal(exact)}})

    with connection.cursor() as cursor:
        cursor.execute("SELECT attributes ->> 'Score' FROM contacts_contact")
        assert cursor.fetchone() == (exact,)
    marks()
    upsert({"external_id": "u1", "attributes": {"Score": Decimal(exact)}})
    assert marks() == set()


def test_only_what_was_sent_and_is_different_changes_and_is_marked():
    [contact_id] = upsert(
        {"external_id": "u1", "city": "Oslo", "attributes": {"Status": "Gold", "Score": 1}}
    ).contact_ids
    marks()

    result = upsert(
        {
            "external_id": "u1",
            "city": "Bergen",
            "attributes": {"Status": None, "Score": Decimal("1.0"), "Tags": ["a"]},
        }
    )

    assert (result.created, result.updated, result.contact_ids) == (0, 1, [contact_id])
    contact = Contact.objects.get()
    assert (contact.city, contact.attributes) == ("Bergen", {"Score": 1, "Tags": ["a"]})
    assert marks() == {
        (contact_id, Kind.FIELD, "city"),
        (contact_id, Kind.FIELD, "Status"),
        (contact_id, Kind.FIELD, "Tags"),
    }


def test_nothing_new_leaves_no_mark_and_does_not_touch_the_contact():
    upsert({"external_id": "u1", "city": "Oslo"})
    before = Contact.objects.values().get()
    marks()

    upsert({"external_id": "u1", "city": "Oslo", "attributes": {"Status": None}})

    assert marks() == set()
    assert Contact.objects.values().get() == before


def test_a_contact_is_found_by_id_then_external_id_then_email_then_phone():
    [contact_id] = upsert({"external_id": "u1", "email": "a@b.c", "phone": "+48 1"}).contact_ids

    found = upsert(
        {"id": contact_id, "city": "1"},
        {"external_id": "u1", "city": "2"},
        {"email": "A@B.C", "city": "3"},
        {"phone": "+48 1", "city": "4"},
    )

    assert found.contact_ids == [contact_id] * 4
    assert Contact.objects.get().city == "4"


def test_a_contact_known_by_email_gets_the_external_id_it_lacked():
    [contact_id] = upsert({"email": "a@b.c"}).contact_ids

    assert upsert({"external_id": "u1", "email": "a@b.c"}).contact_ids == [contact_id]
    assert identities()["external_id", "u1"] == contact_id


def test_an_identity_of_another_contact_is_refused_and_nothing_of_the_row_is_stored():
    upsert({"external_id": "u1", "email": "a@b.c"}, {"external_id": "u2"})
    marks()

    result = upsert(
        {"external_id": "u2", "email": "a@b.c", "city": "Oslo"},
        {"external_id": "u3", "email": "A@b.c"},
        {"external_id": "u2", "city": "Bergen"},
    )

    assert codes(result) == {
        0: [("email", "identity_taken")],
        1: [("email", "identity_taken")],
    }
    assert (result.created, result.updated) == (0, 1)
    assert {(one.external_id, one.city) for one in Contact.objects.all()} == {
        ("u1", ""),
        ("u2", "Bergen"),
    }


def test_an_identity_that_was_given_up_is_free_for_others_in_the_same_batch():
    [first] = upsert({"external_id": "u1", "email": "old@b.c"}).contact_ids

    result = upsert(
        {"external_id": "u1", "email": "new@b.c"}, {"external_id": "u2", "email": "old@b.c"}
    )

    second = result.contact_ids[1]
    assert identities() == {
        ("external_id", "u1"): first,
        ("email", "new@b.c"): first,
        ("external_id", "u2"): second,
        ("email", "old@b.c"): second,
    }


def test_an_empty_text_or_null_takes_a_built_in_value_and_its_identity_away():
    [contact_id] = upsert({"external_id": "u1", "email": "a@b.c", "city": "Oslo"}).contact_ids

    upsert({"id": contact_id, "email": None, "city": ""})

    assert identities() == {("external_id", "u1"): contact_id}
    contact = Contact.objects.get()
    assert (contact.email, contact.city) == ("", "")


def test_rows_about_the_same_new_contact_are_applied_in_their_order():
    result = upsert(
        {"external_id": "u1", "city": "Oslo"},
        {"external_id": "u1", "email": "a@b.c", "city": "Bergen"},
        {"email": "a@b.c", "first_name": "Anna"},
    )

    contact = Contact.objects.get()
    assert (result.created, result.updated) == (1, 2)
    assert result.contact_ids == [contact.pk] * 3
    assert (contact.city, contact.first_name) == ("Bergen", "Anna")
    assert marks() == {(contact.pk, Kind.CREATED, "")}


def test_unknown_fields_and_wrong_types_are_all_reported_and_store_nothing():
    result = upsert(
        {"external_id": "u1", "attributes": {"Statsu": "Gold", "Score": "7", "Tags": "a"}},
        {"first_name": "Nobody"},
        {"id": 987654321},
    )

    assert codes(result) == {
        0: [
            ("attributes.Statsu", "unknown_field"),
            ("attributes.Score", "wrong_type"),
            ("attributes.Tags", "wrong_type"),
        ],
        1: [("", "no_identity")],
        2: [("id", "unknown_contact")],
    }
    assert not Contact.objects.exists()
    assert marks() == set()


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        ([], "", "wrong_type"),
        ({"externalId": "u1"}, "externalId", "unknown_key"),
        ({"id": "7"}, "id", "wrong_type"),
        ({"id": True}, "id", "wrong_type"),
        ({"id": 2**63}, "id", "wrong_type"),
        ({"email": 7}, "email", "wrong_type"),
        ({"external_id": "x" * 256}, "external_id", "wrong_type"),
        ({"city": "a\0"}, "city", "wrong_type"),
        ({"attributes": []}, "attributes", "wrong_type"),
        ({"attributes": {"a\0": 1}}, "attributes", "unknown_field"),
    ],
)
def test_a_contact_of_the_wrong_shape_is_refused_where_it_is_wrong(raw, path, code):
    problems = read_contact(raw)

    assert isinstance(problems, list)
    [problem] = problems
    assert (problem.path, problem.code) == (path, code)


def test_the_number_of_queries_does_not_grow_with_the_batch(django_assert_max_num_queries):
    rows = [
        contact_row({"external_id": f"u{n}", "email": f"{n}@b.c", "attributes": {"Score": n}})
        for n in range(200)
    ]
    upsert_contacts(rows=rows[::2], now=NOW)

    with django_assert_max_num_queries(16):
        upsert_contacts(rows=rows, now=NOW)
