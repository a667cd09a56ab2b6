"""Contacts in the administration: found, read, never changed, and erased as a whole."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Contact, Identity
from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tests.made import enter

pytestmark = pytest.mark.django_db

LIST = reverse("admin:contacts_contact_changelist")


def sign_in(client, role):
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    enter(client, user)


def change(contact):
    return reverse("admin:contacts_contact_change", args=[contact.pk])


def delete(contact):
    return reverse("admin:contacts_contact_delete", args=[contact.pk])


@pytest.fixture
def anna():
    contact = Contact.objects.create(
        external_id="u1", email="anna@example.com", attributes={"tier": "Gold"}
    )
    Identity.objects.create(kind="email", value="anna@example.com", contact=contact)
    return contact


def test_a_contact_is_shown_with_its_fields(client, anna):
    sign_in(client, MARKETERS)

    page = client.get(change(anna)).content.decode()

    assert "anna@example.com" in page
    assert "Gold" in page
    assert '<input type="text"' not in page


@pytest.mark.parametrize("role", [ADMINS, MARKETERS])
def test_nobody_changes_or_adds_a_contact_past_the_services(client, anna, role):
    sign_in(client, role)

    assert client.post(change(anna), {"city": "Oslo"}).status_code == 403
    assert client.get(reverse("admin:contacts_contact_add")).status_code == 403


@pytest.mark.parametrize("search", ["u1", "ANNA@", "exam", "anna example"])
def test_a_contact_is_found(client, anna, search):
    sign_in(client, MARKETERS)
    Contact.objects.create(external_id="u2", email="bob@elsewhere.org")

    found = client.get(LIST, {"q": search}).context["cl"].queryset

    assert list(found) == [anna]


def test_deleting_erases_the_person_everywhere(client, anna):
    sign_in(client, ADMINS)

    page = client.get(delete(anna)).content.decode()
    client.post(delete(anna), {"post": "yes"})

    assert "with all events" in page
    assert not Contact.objects.exists()
    assert not Identity.objects.exists()


def test_several_are_erased_at_once(client, anna):
    sign_in(client, ADMINS)
    chosen = [anna.pk, Contact.objects.create().pk]

    client.post(LIST, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert not Contact.objects.exists()


def test_a_marketer_erases_nobody(client, anna):
    sign_in(client, MARKETERS)

    assert client.post(delete(anna), {"post": "yes"}).status_code == 403
    assert Contact.objects.exists()


def test_the_list_costs_the_same_for_more_contacts(client, anna):
    sign_in(client, ADMINS)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(LIST)
            return len(seen)

    few = queries()
    Contact.objects.bulk_create(Contact() for _ in range(20))

    assert queries() == few
