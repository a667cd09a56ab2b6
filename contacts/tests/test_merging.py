"""Two contacts become one, with their values and the values they are known by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.merging import merge_contacts
from contacts.models import Contact, Identity, PendingMark
from contacts.problems import Conflict
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from contacts.tests.made import NOW, make_contact, make_field
from segmentflow.models import TallySubject
from segmentflow.tallies import by_day, total

pytestmark = pytest.mark.django_db


def merged(keep: Contact, lose: Contact) -> Contact:
    PendingMark.objects.all().delete()
    merge_contacts(keep=keep.pk, lose=lose.pk, now=NOW)
    return Contact.objects.get()


def marks() -> set[tuple[int, str]]:
    return set(PendingMark.objects.values_list("kind", "ref"))


def test_the_kept_contacts_values_win_and_missing_ones_are_taken_over():
    make_field("tier")
    make_field("size", "number")
    keep = make_contact("u1", city="Oslo", tier="Gold")
    lose = make_contact("u2", city="Rome", email="a@b.c", tier="Silver", size=3)

    contact = merged(keep, lose)

    assert contact.pk == keep.pk
    assert (contact.external_id, contact.city, contact.email) == ("u1", "Oslo", "a@b.c")
    assert contact.attributes == {"tier": "Gold", "size": 3}
    assert marks() == {(PendingMark.Kind.FIELD, "email"), (PendingMark.Kind.FIELD, "size")}


def test_the_kept_contact_is_known_by_what_either_was_known_by():
    keep, lose = make_contact("u1", email="a@b.c"), make_contact("u2", email="d@e.f")

    merged(keep, lose)

    assert set(Identity.objects.values_list("kind", "value", "contact_id")) == {
        ("external_id", "u1", keep.pk),
        ("external_id", "u2", keep.pk),
        ("email", "a@b.c", keep.pk),
        ("email", "d@e.f", keep.pk),
    }


def test_what_is_sent_to_the_old_name_reaches_the_kept_contact_and_leaves_its_main_name():
    keep, lose = make_contact("u1"), make_contact("u2")
    merged(keep, lose)

    upsert_contacts(rows=[ContactRow(built_in={"external_id": "u2", "city": "Oslo"})], now=NOW)

    contact = Contact.objects.get()
    assert (contact.external_id, contact.city) == ("u1", "Oslo")
    assert Identity.objects.filter(contact=keep, kind="external_id").count() == 2


def test_an_old_name_becomes_the_main_one_when_the_contact_is_named_by_its_id():
    keep, lose = make_contact("u1"), make_contact("u2")
    merged(keep, lose)

    upsert_contacts(rows=[ContactRow(id=keep.pk, built_in={"external_id": "u2"})], now=NOW)

    assert Contact.objects.get().external_id == "u2"
    assert Identity.objects.get().value == "u2"


def test_a_row_that_is_found_by_one_name_may_change_another_to_an_old_one():
    keep, lose = make_contact("u1", email="a@b.c"), make_contact("u2")
    merged(keep, lose)
    row = ContactRow(built_in={"external_id": "u2", "email": "a@b.c"}, found_by="email")

    upsert_contacts(rows=[row], now=NOW)

    contact = Contact.objects.get()
    assert (contact.external_id, contact.email) == ("u2", "a@b.c")


@pytest.mark.parametrize("older", ["keep", "lose"])
def test_the_earlier_creation_date_is_kept_and_counted(older):
    row = ContactRow(built_in={"external_id": "old"})
    upsert_contacts(rows=[row], now=NOW - timedelta(days=9))
    old, new = Contact.objects.get(), make_contact("new")
    before = total(TallySubject.CONTACTS)

    contact = merged(*((old, new) if older == "keep" else (new, old)))

    assert contact.created_at == NOW - timedelta(days=9)
    assert total(TallySubject.CONTACTS) == before - 1
    day = NOW.date()
    days = by_day(TallySubject.CONTACTS, first=day - timedelta(days=30), last=day)[0]
    assert days == {day - timedelta(days=9): 1}
    assert ((PendingMark.Kind.FIELD, "created_at") in marks()) == (older == "lose")


def test_a_contact_that_is_not_there_or_is_the_same_is_refused():
    contact = make_contact()

    with pytest.raises(Conflict, match="itself"):
        merge_contacts(keep=contact.pk, lose=contact.pk, now=NOW)
    with pytest.raises(Conflict, match="no contact with the id"):
        merge_contacts(keep=contact.pk, lose=contact.pk + 1, now=NOW)
    with pytest.raises(Conflict, match="no contact with the id"):
        merge_contacts(keep=contact.pk + 1, lose=contact.pk, now=NOW)

    assert Contact.objects.get() == contact


def test_anonymous_ids_are_one_more_way_to_find_a_contact():
    rows = [
        ContactRow(anonymous_id="x"),
        ContactRow(anonymous_id="x", built_in={"email": "a@b.c"}),
        ContactRow(anonymous_id="x", built_in={"external_id": "u1"}),
        ContactRow(anonymous_id="y", built_in={"external_id": "u1"}),
        ContactRow(anonymous_id="y", built_in={"email": "d@e.f"}),
    ]

    result = upsert_contacts(rows=rows, now=NOW)

    assert not result.errors
    contact = Contact.objects.get()
    assert (contact.external_id, contact.email) == ("u1", "d@e.f")
    kinds = Identity.objects.order_by("kind", "value").values_list("kind", "value")
    assert list(kinds) == [
        ("anonymous_id", "x"),
        ("anonymous_id", "y"),
        ("email", "d@e.f"),
        ("external_id", "u1"),
    ]


def test_an_anonymous_id_does_not_turn_one_person_into_another():
    make_contact("u1")
    rows = [
        ContactRow(anonymous_id="x", built_in={"external_id": "u1"}),
        ContactRow(anonymous_id="x", built_in={"external_id": "u2"}),
    ]

    result = upsert_contacts(rows=rows, now=NOW)

    assert [problem.path for problem in result.errors[1]] == ["anonymous_id"]
    assert Contact.objects.get().external_id == "u1"


def choose(contact: Contact) -> str:
    return reverse("contact_merge", args=[contact.pk])


def ask(keep: Contact, lose: Contact) -> str:
    return reverse("contact_merge_with", args=[keep.pk, lose.pk])


def test_those_of_the_same_name_are_offered_and_others_are_found(client, boss):
    anna = make_contact("u1", first_name="Anna", last_name="Berg")
    make_contact("u2", first_name="Anna", last_name="Berg", email="namesake@b.c")
    make_contact("u3", first_name="Bo", email="bo@b.c")

    offered = client.get(choose(anna)).content.decode()
    found = client.get(choose(anna), {"q": "bo"}).content.decode()
    nobody = client.get(choose(anna), {"q": "zz"}).content.decode()
    nameless = client.get(choose(make_contact("u4"))).content.decode()

    assert "namesake@b.c" in offered
    assert "bo@b.c" not in offered
    assert "bo@b.c" in found
    assert "Nobody else found" in nobody
    assert "Search for the other contact" in nameless


def test_what_will_happen_is_shown_before(client, boss):
    make_field("tier")
    keep = make_contact("u1", city="Oslo")
    lose = make_contact("u2", city="Rome", email="a@b.c", tier="Gold")

    page = client.get(ask(keep, lose)).content.decode()

    assert page.count("taken over") == 2
    assert "0 events will be moved" in page
    assert ask(lose, keep) in page
    assert Contact.objects.count() == 2


def test_two_contacts_are_merged_on_the_page(client, boss):
    keep, lose = make_contact("u1"), make_contact("u2", email="a@b.c")

    response = client.post(ask(keep, lose), follow=True)

    assert response.redirect_chain == [(reverse("contact_detail", args=[keep.pk]), 302)]
    assert "was merged into" in response.content.decode()
    assert "Also known as" in response.content.decode()
    assert Contact.objects.get().email == "a@b.c"
    assert client.post(ask(keep, lose)).status_code == 404
    assert client.get(ask(keep, keep)).status_code == 404


def test_only_those_who_may_change_and_erase_are_offered_to_merge(client, marketer):
    contact, other = make_contact("u1"), make_contact("u2")

    page = client.get(reverse("contact_detail", args=[contact.pk])).content.decode()

    assert "Merge…" not in page
    assert client.get(choose(contact)).status_code == 403
    assert client.post(ask(contact, other)).status_code == 403
    assert Contact.objects.count() == 2
