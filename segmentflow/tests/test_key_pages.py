"""The pages of API keys: made and shown once, listed, revoked."""

from __future__ import annotations

import logging
import re

import pytest
from django.urls import reverse

from segmentflow.api.keys import create_key, find_key
from segmentflow.models import ApiKey, Session
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS
from segmentflow.tests.made import HTMX, queries, sign_in

pytestmark = pytest.mark.django_db

LIST = "/settings/keys"
NEW = "/settings/keys/new"


@pytest.fixture
def ada(client):
    return sign_in(client, ADMINS)


def revoke(key):
    return reverse("key_revoke", args=[key.pk])


def shown(response) -> str:
    return re.findall(r'<code id="key">(.+?)</code>', response.content.decode())[0]


def test_a_new_key_is_shown_and_works(client, ada):
    response = client.post(NEW, {"name": "Shop", "scopes": ["read", "ingest"]})

    found = find_key(shown(response))
    assert (found.name, found.scopes, found.created_by) == ("Shop", ["ingest", "read"], ada)


def test_a_new_key_is_never_seen_again(client, ada, caplog):
    caplog.set_level(logging.DEBUG)

    response = client.post(NEW, {"name": "Shop", "scopes": ["read"]})

    key = shown(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert key not in client.get(LIST).content.decode()
    assert key not in client.get(revoke(ApiKey.objects.get())).content.decode()
    assert all(key not in str(session.get_decoded()) for session in Session.objects.all())
    assert key not in response.cookies.output()
    assert key not in caplog.text


@pytest.mark.parametrize(
    ("scope", "address"), [("ingest", "/api/v1/events"), ("read", "/api/v1/segments")]
)
def test_a_new_key_comes_with_a_command_that_it_may_give(client, ada, scope, address):
    page = client.post(NEW, {"name": "Shop", "scopes": [scope]}).content.decode()

    assert f"http://testserver{address}" in page


@pytest.mark.parametrize(
    "form", [{"name": "Shop"}, {"scopes": ["read"]}, {"name": "Shop", "scopes": ["odd"]}]
)
def test_a_key_needs_a_name_and_scopes_that_exist(client, ada, form):
    assert client.post(NEW, form).status_code == 422
    assert not ApiKey.objects.exists()


def test_sending_the_form_again_makes_no_second_key(client, ada):
    form = {"name": "Shop", "scopes": ["read"]}
    client.post(NEW, form)

    response = client.post(NEW, form)

    assert response.status_code == 422
    assert b"has this name already" in response.content
    assert ApiKey.objects.count() == 1


def test_the_name_of_a_revoked_key_may_be_used_again(client, ada):
    create_key(name="Shop", scopes=["read"])
    ApiKey.objects.update(revoked_at="2026-11-20T12:00:00Z")

    assert client.post(NEW, {"name": "Shop", "scopes": ["read"]}).status_code == 200


def test_revoking_asks_first_and_says_which(client, ada):
    row, key = create_key(name="Shop", scopes=["read"])

    page = client.get(revoke(row)).content.decode()

    assert "Revoke the key “Shop”" in page
    assert find_key(key) is not None


def test_a_revoked_key_works_no_more_and_stays_listed(client, ada):
    row, key = create_key(name="Shop", scopes=["read"])

    page = client.post(revoke(row), follow=True).content.decode()

    assert find_key(key) is None
    assert "“Shop” is revoked" in page
    assert "Revoked" in client.get(LIST, {"state": "revoked"}).content.decode()


def test_revoking_again_keeps_the_first_time(client, ada):
    row, _ = create_key(name="Shop", scopes=["read"])
    client.post(revoke(row))
    first = ApiKey.objects.get().revoked_at

    page = client.post(revoke(row), follow=True).content.decode()

    assert "was revoked already" in page
    assert ApiKey.objects.get().revoked_at == first


def test_keys_that_work_come_first_and_can_be_searched(client, ada):
    for name in ("Till", "Shop", "Report"):
        create_key(name=name, scopes=["read"])
    ApiKey.objects.filter(name="Report").update(revoked_at="2026-11-20T12:00:00Z")

    def names(**parameters):
        return [row.key.name for row in client.get(LIST, parameters).context["rows"]]

    assert names() == ["Shop", "Till", "Report"]
    assert names(q="sho") == ["Shop"]
    assert names(state="valid") == ["Shop", "Till"]
    assert names(state="revoked") == ["Report"]
    assert names(q="\0nobody") == []


def test_what_a_key_may_do_is_said_in_words(client, ada):
    create_key(name="Shop", scopes=["ingest"])

    assert b"Send contacts and events" in client.get(LIST).content


def test_the_list_answers_a_part_to_htmx(client, ada):
    content = client.get(LIST, headers=HTMX).content.decode()

    assert content.strip().startswith('<section id="keys"')


def test_the_list_costs_the_same_for_more_keys(client, ada):
    for number in range(4):
        create_key(name=f"key {number}", scopes=["read"], created_by=ada)
    few = queries(lambda: client.get(LIST))
    for number in range(4):
        create_key(name=f"other {number}", scopes=["read"], created_by=ada)

    assert queries(lambda: client.get(LIST)) == few


@pytest.mark.parametrize("path", [LIST, NEW, "/settings/keys/1/revoke"])
def test_keys_are_for_admins_only(client, path):
    assert client.get(path).headers["Location"].startswith("/sign-in")
    for role in (MARKETERS, CAMPAIGN_MANAGERS):
        sign_in(client, role, role)
        assert client.get(path).status_code == 403
        assert client.post(path).status_code in (403, 405)


def test_a_key_that_does_not_exist_cannot_be_revoked(client, ada):
    assert client.post("/settings/keys/999/revoke").status_code == 404
    assert client.post(LIST).status_code == 405
    assert client.delete(NEW).status_code == 405
