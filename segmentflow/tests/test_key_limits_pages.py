"""Keys that expire, are limited and replaced, on their pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from segmentflow.api.keys import create_key, find_key, is_expired, rotate_key
from segmentflow.api.limits import charge_request, forget_all
from segmentflow.clock import current_time
from segmentflow.models import ApiKey
from segmentflow.roles import ADMINS
from segmentflow.tests.made import queries, sign_in

pytestmark = pytest.mark.django_db

LIST = "/settings/keys"


@pytest.fixture(autouse=True)
def ada(client):
    forget_all()
    yield sign_in(client, ADMINS)
    forget_all()


def shown(response) -> str:
    return re.findall(r'<code id="key">(.+?)</code>', response.content.decode())[0]


def found(key: str) -> ApiKey:
    row = find_key(key)
    assert row is not None
    return row


def test_the_form_proposes_a_year_and_generous_limits(client):
    page = client.get(f"{LIST}/new").content.decode()

    in_a_year = (current_time() + timedelta(days=365)).date()
    assert f'value="{in_a_year.isoformat()}"' in page
    assert 'value="500"' in page
    assert 'value="20000"' in page


def test_a_new_key_has_what_was_chosen(client):
    day = (current_time() + timedelta(days=30)).date()
    sent = {"name": "Shop", "scopes": "read", "expires_on": day, "requests_per_second": "9"}

    found = find_key(shown(client.post(f"{LIST}/new", sent)))

    assert (found.requests_per_second, found.events_per_second) == (9, None)
    assert found.expires_at.date() == day + timedelta(days=1)  # its last moment is in the day


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_on": "2001-01-01"},
        {"expires_on": "9999-12-31"},
        {"expires_on": "soon"},
        {"requests_per_second": "0"},
        {"events_per_second": "99999999999999999999"},
    ],
)
def test_what_makes_no_sense_is_said_at_its_control(client, wrong):
    response = client.post(f"{LIST}/new", {"name": "Shop", "scopes": "read", **wrong})

    assert response.status_code == 422
    assert f"id_{next(iter(wrong))}" in response.content.decode()
    assert not ApiKey.objects.exists()


def test_the_list_warns_of_keys_that_expire_soon(client):
    now = current_time()
    create_key(name="Soon", scopes=["read"], expires_at=now + timedelta(days=13))
    create_key(name="Later", scopes=["read"], expires_at=now + timedelta(days=15))
    create_key(name="Gone", scopes=["read"], expires_at=now - timedelta(days=1))

    page = client.get(LIST).content.decode()

    assert "1 key expires within 14 days" in page
    assert page.count("Expires soon") == 1
    assert page.count(">Expired<") >= 1
    assert "Later" not in client.get(LIST, {"state": "soon"}).content.decode()
    assert "Gone" in client.get(LIST, {"state": "expired"}).content.decode()
    assert "Gone" not in client.get(LIST, {"state": "valid"}).content.decode()


def test_a_key_is_replaced_and_the_old_one_ends_in_time(client):
    row, old = create_key(name="Shop", scopes=["read"], requests_per_second=7)

    made = found(shown(client.post(f"{LIST}/{row.pk}/rotate", {"days": "7"})))

    assert (made.name, made.scopes, made.requests_per_second) == ("Shop", ["read"], 7)
    assert made.replaces_id == row.pk
    before = found(old)
    now = current_time()
    assert not is_expired(before, now=now + timedelta(days=6))
    assert is_expired(before, now=now + timedelta(days=7))
    assert made.prefix in client.get(f"{LIST}/{row.pk}").content.decode()


def test_replacing_never_gives_the_old_key_more_time(client):
    now = current_time()
    row, _ = create_key(name="Shop", scopes=["read"], expires_at=now + timedelta(days=2))

    made, _ = rotate_key(key=row, days=30, created_by=None, now=now)

    row.refresh_from_db()
    assert row.expires_at == now + timedelta(days=2)
    assert made.expires_at is not None
    assert timedelta(days=1) < made.expires_at - now <= timedelta(days=2, seconds=1)


def test_limits_and_expiry_may_change_and_a_revoked_key_does_not(client):
    row, _ = create_key(name="Shop", scopes=["read"], expires_at=current_time())

    client.post(f"{LIST}/{row.pk}/edit", {"expires_on": "", "events_per_second": "5"})

    row.refresh_from_db()
    assert (row.expires_at, row.events_per_second) == (None, 5)
    client.post(f"{LIST}/{row.pk}/revoke")
    assert client.post(f"{LIST}/{row.pk}/edit", {}).status_code == 403
    assert client.post(f"{LIST}/{row.pk}/rotate", {"days": "7"}).status_code == 403


def test_its_page_shows_what_was_sent_and_refused(client):
    row, _ = create_key(name="Shop", scopes=["read"])
    assert "Not used" in client.get(f"{LIST}/{row.pk}").content.decode()

    charge_request(row, now=current_time())

    page = client.get(f"{LIST}/{row.pk}").content.decode()
    assert "Day by day" in page
    assert queries(lambda: client.get(f"{LIST}/{row.pk}")) < 25
