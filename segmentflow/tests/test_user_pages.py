"""The pages of users: who is listed, added and changed, and whom nobody locks out."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from segmentflow.models import Session, User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS
from segmentflow.tests.made import HTMX, make_user, queries, sign_in
from segmentflow.users import Refused, role_of, update_user

pytestmark = pytest.mark.django_db

LIST = "/settings/users"
NEW = "/settings/users/new"
GOOD = "correct horse 9"


@pytest.fixture
def ada(client):
    return sign_in(client, ADMINS)


@pytest.fixture
def mark():
    return make_user("mark", MARKETERS, first_name="Mark", last_name="Meyer", password="old one")


@pytest.fixture
def owner():
    return User.objects.create_superuser("owner", password="secret")


def edit(user):
    return reverse("user_edit", args=[user.pk])


def password(user):
    return reverse("user_password", args=[user.pk])


def filled(user, **changes):
    form = {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}
    form |= {"role": role_of(user)} | ({"is_active": "on"} if user.is_active else {})
    return {name: value for name, value in (form | changes).items() if value is not None}


def new(**changes):
    return {"username": "zoe", "first_name": "Zoe", "role": MARKETERS} | changes


def shown(response) -> str:
    return re.findall(r'<code id="password">(.+?)</code>', response.content.decode())[0]


def enters(client, word):
    return client.post("/sign-in", {"username": "mark", "password": word})


def usernames(client, **parameters):
    return [row.user.username for row in client.get(LIST, parameters).context["rows"]]


def test_users_are_listed_with_their_roles(client, ada, mark):
    page = client.get(LIST).content.decode()

    assert "Mark Meyer" in page
    assert MARKETERS in page


def test_users_are_found_by_words_role_and_state(client, ada, mark):
    make_user("gone", CAMPAIGN_MANAGERS, is_active=False)

    assert usernames(client, q="meyer mar") == ["mark"]
    assert usernames(client, role=ADMINS) == ["ada"]
    assert usernames(client, state="deactivated") == ["gone"]
    assert usernames(client, q="\0nobody at all") == []


def test_users_are_sorted_by_name_or_by_their_last_sign_in(client, ada, mark):
    assert usernames(client) == ["ada", "mark"]
    assert usernames(client, sort="-name") == ["mark", "ada"]
    assert usernames(client, sort="seen") == ["ada", "mark"]
    assert usernames(client, sort="-seen") == ["mark", "ada"]
    assert usernames(client, sort="password") == ["ada", "mark"]


def test_a_user_is_added_with_a_password_typed_twice(client, ada):
    client.post(NEW, new(password=GOOD, password_again=GOOD, email="zoe@example.com"))

    zoe = User.objects.get(username="zoe")
    assert zoe.check_password(GOOD)
    assert (role_of(zoe), zoe.email, zoe.is_superuser) == (MARKETERS, "zoe@example.com", False)


def test_a_password_that_was_made_is_shown_once_and_works(client, ada):
    response = client.post(NEW, new())

    made = shown(response)
    assert User.objects.get(username="zoe").check_password(made)
    assert "no-store" in response.headers["Cache-Control"]
    assert made not in client.get(LIST).content.decode()
    assert all(made not in str(session.get_decoded()) for session in Session.objects.all())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": ""}, "This field is required"),
        ({"username": "ADA"}, "Somebody has this username already"),
        ({"username": "a b"}, "Enter a valid username"),
        ({"role": "Kings"}, "Select a valid choice"),
        ({"email": "nowhere"}, "Enter a valid email address"),
        ({"password": GOOD}, "The two passwords are not the same"),
        ({"password_again": GOOD}, "The two passwords are not the same"),
        ({"password": "zoe", "password_again": "zoe"}, "too short"),
    ],
)
def test_what_is_wrong_with_a_new_user_is_said(client, ada, changes, said):
    response = client.post(NEW, new(**changes))

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not User.objects.filter(username="zoe").exists()


def test_name_email_and_role_are_changed(client, ada, mark):
    form = filled(mark, first_name="Marc", email="m@example.com", role=CAMPAIGN_MANAGERS)

    response = client.post(edit(mark), form)

    assert response.headers["Location"] == LIST
    mark.refresh_from_db()
    assert (mark.first_name, mark.email) == ("Marc", "m@example.com")
    assert role_of(mark) == CAMPAIGN_MANAGERS
    assert mark.check_password("old one")


def test_a_wrong_change_is_not_saved_and_the_heading_keeps_the_stored_name(client, ada, mark):
    response = client.post(edit(mark), filled(mark, first_name="X", email="nowhere"))

    assert response.status_code == 422
    assert "<h1>Mark Meyer</h1>" in response.content.decode()


def test_whoever_is_deactivated_is_signed_out(client, ada, mark):
    other = type(client)()
    other.force_login(mark)
    assert other.get("/account").status_code == 200

    client.post(edit(mark), filled(mark, is_active=None))

    assert other.get("/account").status_code == 302
    assert enters(other, "old one").status_code == 200


def test_nobody_deactivates_themselves(client, ada, owner):
    response = client.post(edit(ada), filled(ada, is_active=None))

    assert "You cannot deactivate your own account" in response.content.decode()
    assert User.objects.get(pk=ada.pk).is_active


def test_nobody_takes_their_own_role_away(client, ada, owner):
    response = client.post(edit(ada), filled(ada, role=MARKETERS))

    assert "You cannot take this role away from your own account" in response.content.decode()
    assert role_of(User.objects.get(pk=ada.pk)) == ADMINS


def test_the_last_administrator_stays_one(ada):
    """Two who demote each other at the same time: the second one is refused."""
    eve = make_user("eve", ADMINS)
    values = {"first_name": "", "last_name": "", "email": ""}
    update_user(user=ada, by=eve, role=MARKETERS, is_active=True, **values)

    with pytest.raises(Refused, match="“eve” is the last active administrator"):
        update_user(user=eve, by=ada, role=MARKETERS, is_active=True, **values)

    assert role_of(User.objects.get(pk=eve.pk)) == ADMINS


def test_a_deactivated_administrator_does_not_count(ada):
    eve = make_user("eve", ADMINS)
    make_user("gone", ADMINS, is_active=False)
    values = {"first_name": "", "last_name": "", "email": ""}
    update_user(user=ada, by=eve, role=ADMINS, is_active=False, **values)

    with pytest.raises(Refused):
        update_user(user=eve, by=ada, role=ADMINS, is_active=False, **values)


def test_one_administrator_demotes_another(client, ada):
    eve = make_user("eve", ADMINS)

    client.post(edit(eve), filled(eve, role=MARKETERS))

    assert role_of(User.objects.get(pk=eve.pk)) == MARKETERS


def test_another_person_gets_a_new_password(client, ada, mark):
    client.post(password(mark), {"password": GOOD, "password_again": GOOD})

    mark.refresh_from_db()
    assert mark.check_password(GOOD)


def test_a_new_password_ends_the_sessions_of_the_old_one(client, ada, mark):
    other = type(client)()
    other.force_login(mark)

    made = shown(client.post(password(mark)))

    assert other.get("/account").status_code == 302
    assert enters(other, made).status_code == 302


def test_a_weak_or_mistyped_password_is_refused(client, ada, mark):
    for form in ({"password": "1", "password_again": "1"}, {"password": GOOD}):
        assert client.post(password(mark), form).status_code == 422
    mark.refresh_from_db()
    assert mark.check_password("old one")


def test_ones_own_password_needs_the_old_one(client, ada):
    response = client.post(password(ada), {"password": GOOD, "password_again": GOOD})

    assert response.headers["Location"] == "/account/security"
    ada.refresh_from_db()
    assert not ada.check_password(GOOD)


def test_an_admin_reads_about_a_superuser_and_changes_nothing(client, ada, owner):
    page = client.get(edit(owner)).content.decode()

    assert "Only superusers change superusers" in page
    assert ">Save<" not in page
    assert client.post(edit(owner), filled(owner, first_name="X")).status_code == 403
    assert client.get(password(owner)).status_code == 403
    assert client.post(password(owner), {}).status_code == 403
    owner.refresh_from_db()
    assert owner.check_password("secret")


def test_a_superuser_changes_another_who_stays_one(client, owner):
    other = User.objects.create_superuser("other")
    client.force_login(owner)

    client.post(edit(other), filled(other, first_name="Olga"))

    other.refresh_from_db()
    assert (other.first_name, other.is_superuser, other.is_staff) == ("Olga", True, True)


def test_the_list_answers_a_part_to_htmx(client, ada):
    content = client.get(LIST, headers=HTMX).content.decode()

    assert content.strip().startswith('<section id="users"')


def test_the_list_costs_the_same_for_more_users(client, ada, mark):
    few = queries(lambda: client.get(LIST))
    for number in range(4):
        make_user(f"user {number}", MARKETERS)

    assert queries(lambda: client.get(LIST)) == few


@pytest.mark.parametrize("path", [LIST, NEW, "/settings/users/1", "/settings/users/1/password"])
def test_users_are_for_admins_only(client, path):
    assert client.get(path).headers["Location"].startswith("/sign-in")
    for role in (MARKETERS, CAMPAIGN_MANAGERS, ""):
        sign_in(client, role, role or "nobody")
        assert client.get(path).status_code == 403
        assert client.post(path).status_code in (403, 405)


def test_nothing_else_is_answered(client, ada):
    assert client.get("/settings/users/99999").status_code == 404
    assert client.post("/settings/users/99999/password").status_code == 404
    assert client.post(LIST).status_code == 405
    assert client.delete(edit(ada)).status_code == 405


def test_the_settings_open_on_the_first_page_that_one_may_see(client, ada):
    assert client.get("/settings").headers["Location"] == "/settings/keys"
    assert client.post("/settings").status_code == 405


def test_the_settings_are_not_for_everybody(client):
    assert client.get("/settings").headers["Location"].startswith("/sign-in")
    sign_in(client, MARKETERS)
    assert client.get("/settings").status_code == 403
