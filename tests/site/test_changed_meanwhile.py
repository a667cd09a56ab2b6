"""Rights are looked up for each request: what is taken away is gone from the next one on."""

from __future__ import annotations

import pytest

from segmentflow.api.keys import create_key, revoke_key
from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS
from segmentflow.tests.made import enter
from segmentflow.users import give_role
from tests.site.world import make_person, make_world

pytestmark = pytest.mark.django_db

PAGES = ("/contacts", "/segments/vips/builder", "/settings/users", "/admin/", "/api/v1/contacts")


@pytest.fixture
def admin(client):
    make_world(now=current_time())
    user = make_person(ADMINS)
    enter(client, user)
    assert [client.get(page).status_code for page in PAGES] == [200] * 5
    return user


@pytest.mark.parametrize(
    ("role", "answered"),
    [
        (MARKETERS, [200, 200, 403, 200, 200]),
        (CAMPAIGN_MANAGERS, [200, 403, 403, 200, 200]),
        # Without a role the administration and the API ask for another account.
        ("", [403, 403, 403, 302, 401]),
    ],
)
def test_another_role_counts_from_the_next_request_on(client, admin, role, answered):
    give_role(user=admin, role=role)

    assert [client.get(page).status_code for page in PAGES] == answered
    assert client.post("/contacts/fields/Birthday/delete").status_code == 403


def test_whoever_is_deactivated_is_out_with_the_next_request(client, admin):
    User.objects.filter(pk=admin.pk).update(is_active=False)

    for page in PAGES[:3]:
        assert client.get(page).headers["Location"].startswith("/sign-in?next=")
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert client.get("/api/v1/contacts").status_code == 401
    answer = client.post("/contacts/fields/Birthday/delete")
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_whoever_is_deleted_is_out_with_the_next_request(client, admin):
    admin.delete()

    assert [client.get(page).status_code for page in PAGES] == [302, 302, 302, 302, 401]


def test_a_part_of_a_page_sends_whoever_is_out_to_sign_in(client, admin):
    """What asks by itself every few seconds, does not go on in the old page."""
    User.objects.filter(pk=admin.pk).update(is_active=False)

    answer = client.get("/freshness", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"].startswith("/sign-in")


def test_a_key_that_is_revoked_is_refused_with_the_next_request(client):
    row, key = create_key(name="Shop", scopes=["read"])
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/contacts", headers=headers).status_code == 200

    revoke_key(row, now=current_time())

    assert client.get("/api/v1/contacts", headers=headers).status_code == 401
