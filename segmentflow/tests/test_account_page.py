"""One's own account: read by everybody, changed by nobody else."""

from __future__ import annotations

import pytest

from segmentflow.models import User
from segmentflow.roles import MARKETERS, RIGHTS
from segmentflow.tests.made import make_user, sign_in
from segmentflow.users import MAY

pytestmark = pytest.mark.django_db

GOOD = "correct horse 9"


@pytest.fixture
def mark(client):
    user = make_user("mark", MARKETERS, password="old one")
    client.force_login(user)
    return user


def form(**changes):
    return {"old_password": "old one", "new_password1": GOOD, "new_password2": GOOD} | changes


@pytest.mark.parametrize("role", RIGHTS)
def test_everybody_reads_what_their_role_allows(client, role):
    sign_in(client, role)

    assert MAY[role] in client.get("/account").content.decode()


def test_also_who_has_no_role_and_superusers(client):
    sign_in(client, "")
    assert b"No role" in client.get("/account").content
    client.force_login(User.objects.create_superuser("owner"))
    assert b"Superuser" in client.get("/account").content


def test_name_and_email_are_changed_and_nothing_else(client, mark):
    values = {"first_name": "Mark", "last_name": "M", "email": "m@example.com"}
    values |= {"current_password": "old one"}

    client.post("/account", values | {"username": "king", "is_superuser": "on", "role": "Admins"})

    stored = User.objects.get(pk=mark.pk)
    assert (stored.first_name, stored.last_name, stored.email) == ("Mark", "M", "m@example.com")
    assert (stored.username, stored.is_superuser) == ("mark", False)


def test_a_wrong_email_is_said_and_the_name_above_stays(client, mark):
    response = client.post("/account", {"first_name": "King", "email": "nowhere"})

    assert response.status_code == 422
    assert "<span>King</span>" not in response.content.decode()
    assert User.objects.get(pk=mark.pk).first_name == ""


def test_a_new_password_keeps_this_session_and_ends_others(client, mark):
    other = type(client)()
    other.force_login(mark)

    response = client.post("/account/password", form(), follow=True)

    assert b"Your password was changed" in response.content
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert User.objects.get(pk=mark.pk).check_password(GOOD)


@pytest.mark.parametrize(
    "changes",
    [
        {"old_password": "wrong"},
        {"new_password2": "another one"},
        {"new_password1": "1", "new_password2": "1"},
        {"new_password1": ""},
    ],
)
def test_a_password_that_is_wrong_or_weak_is_refused(client, mark, changes):
    response = client.post("/account/password", form(**changes))

    assert response.status_code == 422
    assert User.objects.get(pk=mark.pk).check_password("old one")


def test_the_account_is_for_who_has_signed_in(client):
    for path in ("/account", "/account/password"):
        assert client.get(path).headers["Location"].startswith("/sign-in")
        assert client.post(path).headers["Location"].startswith("/sign-in")


def test_the_address_of_the_password_leads_back(client, mark):
    assert client.get("/account/password").headers["Location"] == "/account/security"
    assert client.delete("/account").status_code == 405
