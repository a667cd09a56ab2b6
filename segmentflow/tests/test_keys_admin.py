"""Keys in the administration: shown once, revoked, never changed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from segmentflow.api.keys import create_key, find_key
from segmentflow.models import ApiKey, User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tests.made import enter
from segmentflow.users import give_role

pytestmark = pytest.mark.django_db

LIST = reverse("admin:segmentflow_apikey_changelist")
ADD = reverse("admin:segmentflow_apikey_add")


@pytest.fixture
def ada(client):
    user = User.objects.create_user("ada")
    give_role(user=user, role=ADMINS)
    enter(client, user)
    return user


def change(key):
    return reverse("admin:segmentflow_apikey_change", args=[key.pk])


def test_a_new_key_is_made_on_the_page_that_shows_it_once(client, ada):
    assert client.get(ADD).headers["Location"] == "/settings/keys/new"
    assert client.post(ADD, {"name": "shop", "scopes": ["read"]}).status_code == 302
    assert not ApiKey.objects.exists()


def test_a_revoked_key_works_no_more(client, ada):
    row, key = create_key(name="shop", scopes=["read"])

    client.post(LIST, {"action": "revoke", "_selected_action": [row.pk]})

    assert find_key(key) is None
    assert ApiKey.objects.get().revoked_at is not None


def test_what_a_key_may_do_never_changes(client, ada):
    row, _ = create_key(name="shop", scopes=["read"])

    client.post(change(row), {"name": "other", "scopes": ["write"]})

    row.refresh_from_db()
    assert (row.name, row.scopes) == ("shop", ["read"])


def test_keys_are_found_by_name_and_by_whether_they_work(client, ada):
    create_key(name="shop", scopes=["read"])
    create_key(name="till", scopes=["read"])
    ApiKey.objects.filter(name="till").update(revoked_at="2026-11-20T12:00:00Z")

    searched = client.get(LIST, {"q": "shop"}).context["cl"].queryset
    valid = client.get(LIST, {"revoked_at__isempty": "1"}).context["cl"].queryset

    assert [key.name for key in searched] == ["shop"]
    assert [key.name for key in valid] == ["shop"]


def test_marketers_see_no_keys(client):
    user = User.objects.create_user("mark")
    give_role(user=user, role=MARKETERS)
    enter(client, user)

    assert client.get(LIST).status_code == 403
    assert client.get(ADD).status_code == 403
