"""A workspace may ask for a second factor: whoever has none sets it up before anything else."""

from __future__ import annotations

import pytest

from segmentflow.audit.models import AuditEntry
from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.signin.policy import EVERYBODY, needing, require_of
from segmentflow.signin.tests.conftest import PASSWORD
from segmentflow.signin.tests.made import NEW, OFF, set_up, sign_in
from segmentflow.tests.made import HTMX

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/segments", "/account", "/account/security", "/search?q=a"])
def test_every_page_leads_to_setting_one_up(client, mark, path):
    require_of([MARKETERS])
    sign_in(client)

    assert client.get(path).headers["Location"] == NEW
    assert client.post(path).headers["Location"] == NEW


def test_parts_of_pages_and_the_api_lead_there_too(client, mark):
    require_of([EVERYBODY])
    sign_in(client)

    assert client.get("/segments", headers=HTMX).headers["HX-Redirect"] == NEW
    answer = client.get("/api/v1/segments")
    assert answer.status_code == 403
    assert "second factor" in answer.json()["detail"]


def test_the_page_to_set_it_up_offers_no_way_around_and_one_out(client, mark):
    require_of([EVERYBODY])
    sign_in(client)

    page = client.get(NEW).content.decode()

    assert "Your workspace asks for a second factor" in page
    assert 'href="/segments"' not in page
    assert client.post("/sign-out").headers["Location"] == "/sign-in"


def test_afterwards_everything_is_as_ever(client, mark):
    require_of([EVERYBODY])
    sign_in(client)
    set_up(client)

    assert client.get("/segments").status_code == 200


def test_whoever_turns_it_off_is_held_at_once(client, mark):
    require_of([EVERYBODY])
    sign_in(client)
    _, codes = set_up(client)

    client.post(OFF, {"current_password": PASSWORD, "code": codes[0]})

    assert client.get("/segments").headers["Location"] == NEW


def test_others_go_on_without_one(client, mark):
    require_of([ADMINS])
    sign_in(client)

    assert client.get("/segments").status_code == 200


def test_superusers_count_as_admins(client):
    User.objects.create_superuser("owner", password=PASSWORD)
    require_of([ADMINS])
    sign_in(client, name="owner")

    assert client.get("/segments").headers["Location"] == NEW


def test_programs_with_a_key_are_not_asked(client):
    from segmentflow.api.keys import create_key

    require_of([EVERYBODY])
    _, key = create_key(name="Shop", scopes=["read"])

    answer = client.get("/api/v1/segments", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 200


def test_an_admin_chooses_it_in_the_settings(admin):
    path = "/settings/workspace/second-factor"

    admin.post(path, {"roles": [ADMINS, MARKETERS]})
    assert needing() == {ADMINS, MARKETERS}
    assert AuditEntry.objects.filter(kind="workspace", actor_name="ada").count() == 1
    assert admin.post(path, {"roles": ["kings"]}).status_code == 422
    admin.post(path, {})

    assert needing() == set()
