"""What the pages of contacts show of segments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.built_in import LABELS
from contacts.fields import delete_field
from contacts.models import Field
from contacts.narrowing import narrowings
from contacts.problems import Conflict
from contacts.profile import losses
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segments import services
from segments.conditions.catalog import BUILT_IN_LABELS
from segments.engine.settle import settle
from segments.listing import list_contacts, unlist_contacts
from segments.models import Transition
from segments.profile import read_segments
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

pytestmark = pytest.mark.django_db

NEW = {
    "kind": "group",
    "match": "all",
    "children": [
        {
            "kind": "field",
            "field": "created_at",
            "operator": "in_last",
            "value": {"amount": 1, "unit": "day"},
        }
    ],
}
HTMX = {"HX-Request": "true", "HX-Target": "memberships"}


@pytest.fixture
def anna():
    make_field()
    contact = make_contact("u1", first_name="Anna", attributes={"tier": "Gold"}, created_at=NOW)
    settled(make_segment("gold", GOLD, name="Golden ones"))
    return contact


def give(contact, tier, *, days):
    row = ContactRow(id=contact.pk, attributes={"tier": tier})
    now = NOW + timedelta(days=days)
    upsert_contacts(rows=[row], now=now)
    settle(now=now)


def address(contact):
    return reverse("contact_detail", args=[contact.pk])


def read(contact):
    found = read_segments(contact, {}, NOW)
    return {
        when: [(one.segment.key, one.at, one.why) for one in found[when]]
        for when in ("memberships", "left")
    }


def test_segments_are_told_since_when_and_why(anna):
    give(anna, "Silver", days=1)
    give(anna, "Gold", days=2)

    assert read(anna) == {
        "memberships": [("gold", NOW + timedelta(days=2), "Tier changed")],
        "left": [],
    }


def test_it_is_told_what_time_has_passed(anna):
    settled(make_segment("new", NEW))
    settle(now=NOW + timedelta(days=2))

    [(key, _, why)] = read(anna)["left"]
    assert key == "new"
    assert why == "1 day passed since Creation date"


def test_segments_before_are_told_with_why_it_left(anna):
    settled(make_segment("all", EVERYONE))
    give(anna, "Silver", days=1)

    assert [key for key, _, _ in read(anna)["memberships"]] == ["all"]
    assert read(anna)["left"] == [("gold", NOW + timedelta(days=1), "Tier changed")]


def test_the_latest_left_is_told_first(anna):
    settled(make_segment("also", GOLD))
    listed = make_segment("listed", kind="static")
    list_contacts(segment=listed, rows=[{"id": anna.pk}], now=NOW)
    give(anna, "Silver", days=1)
    unlist_contacts(segment=listed, rows=[{"id": anna.pk}], now=NOW + timedelta(days=2))

    first, *others = [key for key, _, _ in read(anna)["left"]]
    assert first == "listed"
    assert sorted(others) == ["also", "gold"]


def test_the_page_leads_to_the_segments(client, reader, anna):
    page = client.get(address(anna)).content.decode()

    assert f'href="{reverse("segment_detail", args=["gold"])}"' in page
    assert "Golden ones" in page


def test_a_paused_segment_is_told_to_be_paused(client, reader, anna):
    segment = settled(make_segment("calm", EVERYONE))
    services.update_segment(segment=segment, status="paused", author=None, now=NOW)

    assert b"Paused" in client.get(address(anna), headers=HTMX).content


def test_a_contact_without_segments_says_so(client, reader):
    assert b"In no segment" in client.get(address(make_contact("u1"))).content


def test_htmx_gets_the_segments_alone(client, reader, anna):
    part = client.get(address(anna), headers=HTMX).content

    assert part.lstrip().startswith(b"<section")
    assert b'id="memberships"' in part
    assert b'id="details"' not in part


def test_who_may_not_see_segments_does_not(client, reader, anna):
    group = reader.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="view_membership"))

    assert b"Golden ones" not in client.get(address(anna), headers=HTMX).content
    assert b'id="memberships"' not in client.get(address(anna)).content


def test_erasing_names_the_segments(anna):
    settled(make_segment("all", EVERYONE, name="All of them"))

    assert losses(anna) == [
        "Being in 2 segments: “All of them”, “Golden ones”",
        "What was recorded about entering and leaving segments",
    ]


def test_erasing_somebody_who_was_in_one_names_the_record(anna):
    give(anna, "Silver", days=1)

    assert losses(anna) == ["What was recorded about entering and leaving segments"]


def test_more_segments_cost_the_same(anna):
    def add(first, count):
        for number in range(first, first + count):
            settled(make_segment(f"s{number}", EVERYONE))
            settled(make_segment(f"g{number}", GOLD))
            settled(make_segment(f"n{number}", NEW))
        give(anna, "Silver", days=first + 2)

    add(0, 3)
    few = queries_of(lambda: read(anna))
    give(anna, "Gold", days=3)
    add(3, 6)

    assert Transition.objects.filter(contact=anna, entered=False).count() > 6
    assert queries_of(lambda: read(anna)) == few <= 9


def test_the_list_of_contacts_is_narrowed_to_a_segment(client, reader, anna):
    make_contact("u2", first_name="Ola", attributes={"tier": "Silver"})

    response = client.get(reverse("contact_list"), {"segment": "gold"})

    assert [contact.pk for contact in response.context["page"].rows] == [anna.pk]
    assert b"Golden ones</a>" in response.content


def test_a_list_is_narrowed_to_segments_that_have_members(anna):
    make_segment("draft", EVERYONE, status="draft")
    gone = settled(make_segment("gone", EVERYONE))
    services.update_segment(segment=gone, status="archived", author=None, now=NOW)
    choices = narrowings()["segment"].choices

    assert [choice.value for choice in choices("")] == ["gold"]
    assert [choice.value for choice in choices("gone")] == ["gold", "gone"]
    assert [choice.value for choice in choices("nothing")] == ["gold"]


def test_a_field_of_a_segment_is_listed_with_it_and_not_deleted(client, reader, anna):
    page = client.get(reverse("field_list")).content.decode()

    assert 'href="/segments/gold">Golden ones</a>' in page
    with pytest.raises(Conflict, match="Golden ones"):
        delete_field(field=Field.objects.get(key="tier"))


def test_built_in_fields_have_the_same_names_everywhere():
    assert LABELS == BUILT_IN_LABELS
