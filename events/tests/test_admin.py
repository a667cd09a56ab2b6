"""Event types in the administration: registered and described by the services alone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import EventType
from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tests.made import enter

pytestmark = pytest.mark.django_db

LIST = reverse("admin:events_eventtype_changelist")
ADD = reverse("admin:events_eventtype_add")


@pytest.fixture
def sign_in(client):
    def sign_in(role):
        user = User.objects.create_user("ada", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        enter(client, user)

    return sign_in


@pytest.fixture
def purchase():
    return EventType.objects.create(
        key="Purchase", attributes={"amount": {"types": {"number": 3}, "samples": ["12.5"]}}
    )


def change(event_type):
    return reverse("admin:events_eventtype_change", args=[event_type.pk])


def filled(**values):
    return {"key": "Purchase", "label": "", "description": "", "value_attribute": ""} | values


def test_a_type_is_registered_by_its_name_as_sent(client, sign_in):
    sign_in(ADMINS)

    response = client.post(ADD, filled(key=" Page visit ", value_attribute="seconds"))

    assert response.status_code == 302
    event_type = EventType.objects.get()
    assert (event_type.key, event_type.value_attribute) == (" Page visit ", "seconds")


@pytest.mark.parametrize("values", [{"key": ""}, {"key": "x" * 101}, {"key": "a\0b"}])
def test_a_name_that_is_none_is_refused(client, sign_in, values):
    sign_in(ADMINS)

    response = client.post(ADD, filled(**values))

    assert "key" in response.context["adminform"].form.errors
    assert not EventType.objects.exists()


def test_a_name_that_is_known_is_said_once(client, sign_in, purchase):
    sign_in(ADMINS)

    errors = client.post(ADD, filled()).context["adminform"].form.errors

    assert list(errors) == ["key"]


def test_a_type_is_described_and_archived_and_keeps_its_key(client, sign_in, purchase):
    sign_in(ADMINS)

    client.post(change(purchase), filled(key="other", label="Order", archived="on"))

    purchase.refresh_from_db()
    assert (purchase.key, purchase.label) == ("Purchase", "Order")
    assert purchase.archived_at is not None


def test_what_its_events_carry_is_shown(client, sign_in, purchase):
    sign_in(MARKETERS)

    page = client.get(change(purchase)).content.decode()

    assert "amount" in page
    assert "12.5" in page


def test_marketers_read_only(client, sign_in, purchase):
    sign_in(MARKETERS)

    assert client.post(change(purchase), filled(label="x")).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_type_is_never_deleted(client, sign_in, purchase):
    sign_in(ADMINS)
    address = reverse("admin:events_eventtype_delete", args=[purchase.pk])

    assert client.post(address, {"post": "yes"}).status_code == 403
    assert EventType.objects.exists()


def test_types_are_found(client, sign_in, purchase):
    EventType.objects.create(key="Page_visit")
    sign_in(ADMINS)

    found = client.get(LIST, {"q": "purch"}).context["cl"].queryset

    assert list(found) == [purchase]


def test_the_list_costs_the_same_for_more_types(client, sign_in, purchase):
    sign_in(ADMINS)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(LIST)
            return len(seen)

    few = queries()
    EventType.objects.bulk_create(EventType(key=f"type {number}") for number in range(20))

    assert queries() == few
