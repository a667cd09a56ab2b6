"""Fields in the administration: made, changed and deleted by the services alone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Contact, Field
from contacts.usage import Use
from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tests.made import enter

pytestmark = pytest.mark.django_db

LIST = reverse("admin:contacts_field_changelist")
ADD = reverse("admin:contacts_field_add")


@pytest.fixture
def sign_in(client):
    def sign_in(role):
        user = User.objects.create_user("ada", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        enter(client, user)

    return sign_in


@pytest.fixture
def tier():
    return Field.objects.create(key="tier", label="Tier", type="text")


@pytest.fixture
def used(monkeypatch):
    monkeypatch.setattr(
        "contacts.usage._answerers",
        [lambda kind, keys: {key: [Use("Golden ones", "/golden")] for key in keys}],
    )


def change(field):
    return reverse("admin:contacts_field_change", args=[field.pk])


def delete(field):
    return reverse("admin:contacts_field_delete", args=[field.pk])


def filled(**values):
    return {
        "key": "tier",
        "label": "Tier",
        "type": "text",
        "choices": "",
        "description": "",
    } | values


def errors(response):
    return dict(response.context["adminform"].form.errors)


def test_a_field_is_made(client, sign_in):
    sign_in(ADMINS)

    response = client.post(ADD, filled(choices='["Gold", "Silver"]'))

    assert response.status_code == 302
    field = Field.objects.get()
    assert (field.key, field.type, field.choices) == ("tier", "text", ["Gold", "Silver"])


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"key": "a b"}, "key"),
        ({"key": "email"}, "key"),
        ({"key": "9a"}, "key"),
        ({"type": "odd"}, "type"),
        ({"choices": "Gold"}, "choices"),
        ({"choices": "{}"}, "choices"),
        ({"choices": "[1]"}, "choices"),
    ],
)
def test_what_the_service_refuses_is_said_at_its_place(client, sign_in, values, name):
    sign_in(ADMINS)

    assert list(errors(client.post(ADD, filled(**values)))) == [name]
    assert not Field.objects.exists()


def test_a_key_that_is_taken_is_said_once(client, sign_in, tier):
    sign_in(ADMINS)

    assert list(errors(client.post(ADD, filled()))) == ["key"]


def test_a_label_changes_and_key_and_type_never_do(client, sign_in, tier):
    sign_in(ADMINS)

    client.post(change(tier), filled(key="other", label="Level", type="number", archived="on"))

    tier.refresh_from_db()
    assert (tier.key, tier.label, tier.type) == ("tier", "Level", "text")
    assert tier.archived_at is not None


def test_a_deleted_field_takes_its_values_along(client, sign_in, tier):
    contact = Contact.objects.create(attributes={"tier": "Gold"})
    sign_in(ADMINS)

    client.post(delete(tier), {"post": "yes"})

    contact.refresh_from_db()
    assert contact.attributes == {}
    assert not Field.objects.exists()


def test_a_field_in_use_is_not_deleted_and_its_users_are_named(client, sign_in, tier, used):
    sign_in(ADMINS)

    page = client.get(delete(tier)).content.decode()
    client.post(delete(tier), {"post": "yes"})
    client.post(LIST, {"action": "delete_selected", "_selected_action": [tier.pk], "post": "yes"})

    assert "“Golden ones”, which uses “Tier”" in page
    assert Field.objects.exists()


def test_marketers_read_only(client, sign_in, tier):
    sign_in(MARKETERS)

    assert client.get(LIST).status_code == 200
    assert b"<textarea" not in client.get(change(tier)).content
    assert client.post(change(tier), filled(label="x")).status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.post(delete(tier), {"post": "yes"}).status_code == 403


def test_fields_are_found_and_filtered(client, sign_in, tier):
    Field.objects.create(key="age", label="Age", type="number")
    sign_in(ADMINS)

    searched = client.get(LIST, {"q": "TIER"}).context["cl"].queryset
    numbers = client.get(LIST, {"type__exact": "number"}).context["cl"].queryset

    assert [field.key for field in searched] == ["tier"]
    assert [field.key for field in numbers] == ["age"]


def test_the_list_costs_the_same_for_more_fields(client, sign_in, tier):
    sign_in(ADMINS)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(LIST)
            return len(seen)

    few = queries()
    Field.objects.bulk_create(Field(key=f"f{n}", label=f"F{n}", type="text") for n in range(20))

    assert queries() == few
