"""Signing in, and what is said when something goes wrong."""

from __future__ import annotations

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import RequestFactory
from django.urls import reverse

from segmentflow import views
from segmentflow.models import User
from segmentflow.roles import MARKETERS
from segmentflow.tests.made import enter
from segmentflow.users import give_role

pytestmark = pytest.mark.django_db
SIGN_IN = reverse("login")


@pytest.fixture
def mark():
    user = User.objects.create_user("mark", password="secret")
    give_role(user=user, role=MARKETERS)
    return user


def test_signing_in_leads_to_the_first_page(client, mark):
    response = client.post(SIGN_IN, {"username": "mark", "password": "secret"})

    assert response.headers["Location"] == reverse("home")


def test_signing_in_leads_where_one_wanted_to_go(client, mark):
    form = {"username": "mark", "password": "secret", "next": "/admin/"}

    assert client.post(SIGN_IN, form).headers["Location"] == "/admin/"


def test_signing_in_never_leads_to_another_site(client, mark):
    form = {"username": "mark", "password": "secret", "next": "https://elsewhere.example/"}

    assert client.post(SIGN_IN, form).headers["Location"] == reverse("home")


def test_a_wrong_password_is_said(client, mark):
    response = client.post(SIGN_IN, {"username": "mark", "password": "wrong"})

    assert b"Please enter a correct username and password" in response.content


def test_signing_out_needs_a_post_and_ends_the_session(client, mark):
    client.force_login(mark)

    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).headers["Location"] == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_the_administration_sends_to_our_sign_in(client):
    response = client.get("/admin/", follow=True)

    assert response.redirect_chain[-1][0] == f"{SIGN_IN}?next=/admin/"


def test_who_may_not_open_the_administration_is_told_so(client):
    client.force_login(User.objects.create_user("guest"))

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
    assert b"may not open the administration" in response.content


@pytest.mark.parametrize("path", ["/nothing", "/segments/nothing/here", "/admin/nothing"])
def test_an_unknown_address_is_said_in_our_look(client, mark, path):
    enter(client, mark)

    response = client.get(path)

    assert response.status_code == 404
    assert b"There is nothing here" in response.content


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("/segments/", "/segments"),
        (
            "/segments/inactive-vips/?tab=members&q=a%26b",
            "/segments/inactive-vips?tab=members&q=a%26b",
        ),
        ("/settings/webhooks/", "/settings/webhooks"),
    ],
)
def test_an_address_with_a_slash_at_its_end_leads_to_the_page(client, asked, place):
    response = client.get(asked)
    assert (response.status_code, response["Location"]) == (301, place)


@pytest.mark.parametrize("asked", ["/nowhere/", "/segments//"])
def test_a_slash_at_the_end_of_nothing_leads_nowhere(client, asked):
    assert client.get(asked).status_code == 404


def test_what_is_sent_to_an_address_with_a_slash_is_not_led_elsewhere(client):
    assert client.post("/segments/").status_code == 404


def test_an_unknown_address_of_the_api_is_a_problem_for_programs(client):
    response = client.get("/api/v1/nothing")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 404


def test_the_page_for_our_mistakes_asks_neither_database_nor_session(
    rf: RequestFactory, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = views.server_error(rf.get("/"))

    assert response.status_code == 500
    assert b"our mistake" in response.content


def test_a_request_that_cannot_be_read_is_a_400(rf: RequestFactory):
    response = views.bad_request(rf.get("/"), SuspiciousOperation("odd"))

    assert response.status_code == 400


def test_a_stale_form_is_said_in_our_look(client, mark):
    client.handler.enforce_csrf_checks = True

    response = client.post(SIGN_IN, {"username": "mark", "password": "secret"})

    assert response.status_code == 403
    assert b"no longer valid" in response.content


def test_nothing_inline_may_run(client):
    response = client.get(SIGN_IN)

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert "onclick" not in page


def test_the_old_name_of_the_icon_still_works(client):
    assert client.get("/favicon.ico").headers["Location"].endswith("img/favicon.svg")


@pytest.mark.parametrize("back", ["1", "login", "a.b", "%", "//evil.example/"])
def test_the_colours_are_changed_whatever_page_one_says_to_come_from(client, back):
    assert client.post("/theme", {"theme": "dark", "next": back}).status_code == 302


def test_an_address_with_nul_is_that_of_nothing(client):
    client.force_login(User.objects.create_superuser("owner"))

    assert client.get("/admin/django_q/failure/a%00b/change/").status_code == 404


def test_the_administration_has_no_field_without_a_name(client):
    client.force_login(User.objects.create_superuser("owner"))

    assert client.get("/admin/segmentflow/user/?_to_field=").status_code == 404
