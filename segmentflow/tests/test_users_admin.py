"""Administering people: roles, and nobody climbing above their own."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tests.made import enter
from segmentflow.users import give_role, role_of

pytestmark = pytest.mark.django_db
CHANGELIST = reverse("admin:segmentflow_user_changelist")


@pytest.fixture
def admin(client):
    user = User.objects.create_user("ada")
    give_role(user=user, role=ADMINS)
    enter(client, user)
    return user


@pytest.fixture
def owner():
    return User.objects.create_superuser("owner", password="secret")


def change_url(user):
    return reverse("admin:segmentflow_user_change", args=[user.pk])


def filled(user, **changes):
    form = {"username": user.username, "first_name": "", "last_name": "", "email": ""}
    return form | {"is_active": "on"} | changes


def test_a_new_user_gets_the_role_chosen(client, admin):
    password = {"password1": "correct horse 9", "password2": "correct horse 9"}
    form = {"username": "mark", "usable_password": "true", "role": MARKETERS, **password}

    response = client.post(reverse("admin:segmentflow_user_add"), form)

    assert response.status_code == 302
    mark = User.objects.get(username="mark")
    assert role_of(mark) == MARKETERS
    assert mark.is_staff


def test_another_role_replaces_the_one_before(client, admin):
    mark = User.objects.create_user("mark")
    give_role(user=mark, role=MARKETERS)

    client.post(change_url(mark), filled(mark, role=ADMINS))

    assert list(mark.groups.values_list("name", flat=True)) == [ADMINS]


def test_taking_the_role_away_closes_the_administration(client, admin):
    mark = User.objects.create_user("mark")
    give_role(user=mark, role=MARKETERS)

    client.post(change_url(mark), filled(mark, role=""))

    mark.refresh_from_db()
    assert not mark.is_staff
    assert role_of(mark) == ""


def test_an_admin_cannot_become_a_superuser(client, admin):
    client.post(change_url(admin), filled(admin, role=ADMINS, is_superuser="on"))

    admin.refresh_from_db()
    assert not admin.is_superuser


def test_an_admin_cannot_change_a_superuser(client, admin, owner):
    response = client.post(change_url(owner), filled(owner, username="mine"))

    assert response.status_code == 403


def test_an_admin_cannot_set_a_superusers_password(client, admin, owner):
    password = {"password1": "correct horse 9", "password2": "correct horse 9"}

    response = client.post(
        reverse("admin:auth_user_password_change", args=[owner.pk]), {**password}
    )

    assert response.status_code == 403
    owner.refresh_from_db()
    assert owner.check_password("secret")


def test_an_admin_cannot_delete_a_superuser_among_others(client, admin, owner):
    form = {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"}

    client.post(CHANGELIST, form)

    assert User.objects.filter(pk=owner.pk).exists()


def test_a_superuser_stays_one_when_saved(client, owner):
    enter(client, owner)

    client.post(change_url(owner), filled(owner, role="", is_superuser="on"))

    owner.refresh_from_db()
    assert owner.is_superuser
    assert owner.is_staff


def test_nobody_locks_themselves_out(client, admin, owner):
    for changes in ({"role": MARKETERS}, {"role": ADMINS, "is_active": ""}):
        page = client.post(change_url(admin), filled(admin, **changes)).content.decode()
        assert "your own account" in page

    client.post(reverse("admin:segmentflow_user_delete", args=[admin.pk]), {"post": "yes"})
    form = {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"}
    client.post(CHANGELIST, form)

    admin.refresh_from_db()
    assert (role_of(admin), admin.is_active) == (ADMINS, True)


def test_a_superuser_does_not_give_everything_up_without_another_administrator(client, owner):
    enter(client, owner)

    page = client.post(change_url(owner), filled(owner, role=""))

    assert b"your own account" in page.content
    owner.refresh_from_db()
    assert owner.is_superuser


def test_users_are_found_by_name_and_listed_with_their_role(client, admin):
    give_role(user=User.objects.create_user("mark"), role=MARKETERS)
    User.objects.create_user("zoe")

    page = client.get(CHANGELIST, {"q": "mark"}).content.decode()

    assert MARKETERS in page
    assert ">zoe<" not in page


def test_marketers_do_not_see_users(client):
    mark = User.objects.create_user("mark")
    give_role(user=mark, role=MARKETERS)
    enter(client, mark)

    assert client.get(CHANGELIST).status_code == 403


def test_the_list_costs_the_same_for_more_users(client, admin):
    def add_users(count):
        for number in range(count):
            user = User.objects.create_user(f"user-{count}-{number}")
            user.groups.add(Group.objects.get(name=MARKETERS))

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(CHANGELIST)
            return len(seen)

    add_users(3)
    few = queries()
    add_users(6)

    assert queries() == few
