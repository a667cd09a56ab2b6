"""Who asks what is known about them gets all of it; who asks to be forgotten is offered it first."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.consents import set_consents
from contacts.decisions import Decision
from contacts.merging import merge_contacts
from contacts.models import Identity
from contacts.tests.made import NOW, make_contact, make_field
from segmentflow.roles import CAMPAIGN_MANAGERS

pytestmark = pytest.mark.django_db


def address(contact):
    return reverse("contact_everything", args=[contact.pk])


def taken(client, contact):
    response = client.get(address(contact))
    assert response.status_code == 200
    return response, json.loads(response.getvalue(), parse_float=Decimal)


@pytest.fixture
def anna():
    make_field("tier", label="Loyalty tier")
    make_field("amount", "number")
    return make_contact("u1", first_name="Anna", tier="“Gold”", amount=Decimal("0.10"))


def test_it_is_one_file_of_json(client, boss, anna):
    response, told = taken(client, anna)

    assert response.streaming
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert f"contact-{anna.pk}.json" in response.headers["Content-Disposition"]
    assert told["id"] == anna.pk


def test_fields_come_with_their_labels_and_exact_values(client, boss, anna):
    _, told = taken(client, anna)

    assert told["fields"] == [
        {"key": "external_id", "label": "External ID", "value": "u1"},
        {"key": "first_name", "label": "First name", "value": "Anna"},
        {"key": "tier", "label": "Loyalty tier", "value": "“Gold”"},
        {"key": "amount", "label": "amount", "value": Decimal("0.10")},
    ]


def test_identities_tell_main_ones_from_others(client, boss, anna):
    merge_contacts(keep=anna.pk, lose=make_contact("u2").pk, now=NOW)

    _, told = taken(client, anna)

    assert told["identities"] == [
        {"kind": "external_id", "value": "u1", "is_main": True},
        {"kind": "external_id", "value": "u2", "is_main": False},
    ]


def test_consents_come_with_their_history(client, boss, anna):
    for day, subscribed in ((-1, True), (0, False)):
        at = NOW.replace(day=NOW.day + day)
        told = Decision("email", subscribed=subscribed, source="Form", at=at)
        set_consents(decisions=[(anna.pk, told)], now=NOW)

    _, told = taken(client, anna)

    assert [(one["state"], one["holds"], one["source"]) for one in told["consents"]] == [
        ("unsubscribed", True, "Form"),
        ("subscribed", False, "Form"),
    ]


def test_nobody_elses_data_is_in_it(client, boss, anna):
    make_contact("u2", first_name="Somebody else")
    Identity.objects.create(kind="anonymous_id", value="browser", contact=make_contact("u3"))

    response = client.get(address(anna))

    assert b"else" not in response.getvalue()
    assert b"browser" not in response.getvalue()


def test_only_those_who_may_change_people_take_it_away(client, sign_in_as, marketer, anna):
    assert client.get(address(anna)).status_code == 403
    detail = reverse("contact_detail", args=[anna.pk])
    assert address(anna) not in client.get(detail).content.decode()

    sign_in_as(CAMPAIGN_MANAGERS)
    assert client.get(address(anna)).status_code == 403


def test_it_is_offered_before_somebody_is_erased(client, boss, anna):
    told = Decision("email", subscribed=True, source="Form")
    set_consents(decisions=[(anna.pk, told)], now=NOW)

    page = client.get(reverse("contact_erase", args=[anna.pk])).content.decode()

    assert address(anna) in page
    assert "1 decision about consents" in page
