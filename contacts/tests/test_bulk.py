"""What is done with several contacts of the list at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from contacts import bulk
from contacts.models import Contact
from contacts.tests.made import make_contact

pytestmark = pytest.mark.django_db

LIST = reverse("contact_list")
BULK = reverse("contact_bulk")


@pytest.fixture
def people():
    return [make_contact(f"u{number}", first_name="Anna") for number in range(3)]


def address(do, *contacts, **others):
    ids = "&".join(f"id={contact.pk}" for contact in contacts)
    more = "&".join(f"{name}={value}" for name, value in others.items())
    return f"{BULK}?do={do}&{ids}&{more}"


def left():
    return sorted(Contact.objects.values_list("external_id", flat=True))


def test_the_chosen_ones_are_erased_once_confirmed(client, boss, people):
    where = address("erase", people[0], people[2], q="ann")

    asked = client.get(where).content.decode()
    assert "Erase 2 contacts" in asked
    assert "This cannot be undone." in asked
    assert left() == ["u0", "u1", "u2"]

    response = client.post(where, {"number": "2"}, follow=True)

    assert left() == ["u1"]
    assert "2 contacts were erased" in response.content.decode()
    assert response.request["QUERY_STRING"] == "q=ann"


def test_all_that_match_are_those_of_the_list(client, boss, people):
    make_contact("u3", first_name="Bob")

    client.post(address("erase", all=1, q="anna"), {"number": "3"})

    assert left() == ["u3"]


def test_nothing_happens_to_another_number_than_was_asked_about(client, boss, people):
    response = client.post(address("erase", all=1, q="anna"), {"number": "2"})

    assert response.status_code == 409
    assert "Others match now" in response.content.decode()
    assert len(left()) == 3


@pytest.mark.parametrize(
    "query", ["?do=erase", "?do=erase&all=0", "?do=erase&id=x&id=", "?do=erase&id=%00"]
)
def test_nobody_chosen_never_means_everybody(client, boss, people, query):
    response = client.post(BULK + query, {"number": "3"}, follow=True)

    assert "Nobody was chosen" in response.content.decode()
    assert len(left()) == 3


def test_who_may_not_erase_is_refused_and_not_asked(client, marketer, people):
    assert client.post(address("erase", people[0]), {"number": "1"}).status_code == 403
    assert client.get(address("nonsense", people[0])).status_code == 403
    assert b'value="erase"' not in client.get(LIST).content
    assert len(left()) == 3


def test_more_than_can_be_done_at_once_are_refused(client, boss, people, monkeypatch):
    monkeypatch.setitem(bulk._actions, "erase", replace(bulk.ERASE, most=2))

    response = client.post(address("erase", all=1, q="anna"), {"number": "3"})

    assert response.status_code == 422
    assert "more than" in response.content.decode()
    assert len(left()) == 3


def test_they_are_erased_in_bites(client, boss, people, monkeypatch):
    monkeypatch.setattr(bulk, "ERASED_AT_ONCE", 2)

    client.post(address("erase", all=1, q="anna"), {"number": "3"})

    assert left() == []


def test_the_chosen_ones_are_exported(client, marketer, people):
    response = client.get(address("export", people[0], people[2], q="ann"))
    export = response.headers["Location"]

    page = client.get(export)
    taken = client.post(export, {"kind": "csv", "column": "external_id"})

    assert b"2 chosen contacts" in page.content
    lines = b"".join(taken.streaming_content).decode().split()
    assert lines == ["external_id", "u0", "u2"]


def test_those_who_have_gone_meanwhile_are_not_asked_about(client, boss, people):
    where = address("erase", people[0])
    people[0].delete()

    page = client.get(where).content.decode()

    assert "Nobody of these is there any more" in page
