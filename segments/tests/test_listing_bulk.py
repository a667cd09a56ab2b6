"""Contacts of the list put into a static segment and taken out again."""

from __future__ import annotations

import pytest
from django.urls import reverse

from segments import listing_bulk, services
from segments.models import Membership, Segment
from segments.tests.made import EVERYONE, NOW, make_contact, make_segment, settled

pytestmark = pytest.mark.django_db

BULK = reverse("contact_bulk")


@pytest.fixture
def people():
    return [make_contact(f"u{number}", first_name="Anna") for number in range(3)]


@pytest.fixture
def chosen():
    return settled(make_segment("chosen", kind="static", name="Chosen ones"))


def members(segment):
    found = Membership.objects.filter(segment=segment).values_list(
        "contact__external_id", flat=True
    )
    return sorted(found)


def do(client, action, number, query="&all=1", **sent):
    address = f"{BULK}?do={action}{query}"
    return client.post(address, {"number": str(number), **sent}, follow=True)


def test_contacts_are_added_and_removed(client, marketer, people, chosen, monkeypatch):
    monkeypatch.setattr(listing_bulk, "BITE", 2)
    ids = f"&id={people[0].pk}"

    added = do(client, "add", 3, choice="chosen").content.decode()
    removed = do(client, "remove", 1, ids, choice="chosen").content.decode()
    again = do(client, "remove", 3, choice="chosen").content.decode()

    assert "3 contacts added to “Chosen ones”." in added
    assert "1 contact removed from “Chosen ones”." in removed
    assert "2 contacts removed from “Chosen ones”. 1 changed nothing." in again
    assert members(chosen) == []


def test_a_new_list_is_made_of_its_name(client, marketer, people):
    do(client, "add", 3, new=" Invited ")

    segment = Segment.objects.get()
    assert (segment.name, segment.kind, segment.owner) == ("Invited", "static", marketer)
    assert members(segment) == ["u0", "u1", "u2"]


@pytest.mark.parametrize(
    "sent", [{}, {"choice": "nonsense"}, {"choice": "dynamic"}, {"new": "x" * 500}]
)
def test_no_list_is_a_refusal(client, marketer, people, chosen, sent):
    settled(make_segment("dynamic", EVERYONE))

    response = do(client, "add", 3, **sent)

    assert response.status_code == 422
    assert members(chosen) == []
    assert Segment.objects.count() == 2


def test_static_lists_alone_are_offered(client, marketer, people, chosen):
    settled(make_segment("dynamic", EVERYONE))
    old = make_segment("old", kind="static")
    services.update_segment(segment=old, status="archived", author=None, now=NOW)

    page = client.get(f"{BULK}?do=add&all=1").content.decode()

    assert 'value="chosen"' in page
    assert 'value="dynamic"' not in page
    assert 'value="old"' not in page


def test_who_may_not_change_segments_is_refused_and_not_asked(client, reader, people, chosen):
    assert do(client, "add", 3, choice="chosen").status_code == 403
    assert b'value="add"' not in client.get(reverse("contact_list")).content
    assert members(chosen) == []
