"""Where one is signed in: listed, ended by oneself, by an admin, and by time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from segmentflow.audit.models import AuditEntry
from segmentflow.clock import current_time
from segmentflow.models import Session, User
from segmentflow.signin.sessions import places_of
from segmentflow.signin.store import BEGAN, SEEN
from segmentflow.signin.tests.conftest import PASSWORD
from segmentflow.signin.tests.made import is_in, sign_in
from segmentflow.tests.made import queries

pytestmark = pytest.mark.django_db

LIST = "/account/sessions"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def other(mark):
    """The same person's phone."""
    phone = Client()
    sign_in(phone, REMOTE_ADDR="198.51.100.4", headers={"User-Agent": FIREFOX})
    return phone


def age(client: Client, **spans: timedelta) -> None:
    """Have a session be older than it is."""
    session = client.session
    for name, span in spans.items():
        session[name] -= int(span.total_seconds())
    session.save()


def seen() -> datetime:
    at = Session.objects.get().seen_at
    assert at is not None
    return at


def test_they_are_listed_with_browser_and_address_and_without_what_lets_in(client, other, mark):
    sign_in(client)

    page = client.get(LIST).content.decode()

    assert "Firefox on Windows" in page
    assert "198.51.100.4" in page
    assert page.count("This session") == 1
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))


def test_one_is_ended_and_the_others_go_on(client, other, mark):
    sign_in(client)
    ref = Session.objects.get(address="198.51.100.4").ref

    client.post(f"{LIST}/{ref}/end")

    assert not is_in(other)
    assert is_in(client)
    assert AuditEntry.objects.filter(action="signed out", said="1 session").exists()


def test_all_others_are_ended_at_once(client, other, mark):
    sign_in(client)

    client.post(f"{LIST}/end")

    assert not is_in(other)
    assert is_in(client)
    assert len(places_of(mark, now=current_time())) == 1


def test_nobody_ends_what_is_somebody_elses(client, other, ada):
    sign_in(client, name="ada")

    assert (
        client.post(f"{LIST}/{Session.objects.get(user__username='mark').ref}/end").status_code
        == 404
    )
    assert is_in(other)


def test_an_admin_signs_somebody_out_everywhere(admin, other, mark):
    admin.post(f"/settings/users/{mark.pk}/sign-out")

    assert not is_in(other)
    assert admin.get("/account").status_code == 200


def test_whoever_was_deactivated_stays_out_when_they_may_come_again(admin, other, mark):
    form = {"role": "Marketers", "email": "mark@example.com"}
    admin.post(f"/settings/users/{mark.pk}", form)
    assert not is_in(other)
    admin.post(f"/settings/users/{mark.pk}", form | {"is_active": "on"})

    assert not is_in(other)
    assert sign_in(other).headers["Location"] == "/"


def test_another_email_takes_the_password_and_signs_others_out(client, other, mark):
    sign_in(client)
    assert client.post("/account", {"email": "new@example.com"}).status_code == 422
    assert is_in(other)

    client.post("/account", {"email": "new@example.com", "current_password": PASSWORD})

    assert User.objects.get(pk=mark.pk).email == "new@example.com"
    assert not is_in(other)
    assert is_in(client)


def test_a_session_ends_when_nobody_came_for_a_while(other):
    assert is_in(other)
    age(other, **{SEEN: settings.SESSION_IDLE - timedelta(minutes=1)})
    assert is_in(other)  # and was seen again
    age(other, **{SEEN: settings.SESSION_IDLE + timedelta(minutes=1)})

    assert not is_in(other)


def test_a_session_ends_after_some_days_however_often_somebody_comes(other):
    age(other, **{BEGAN: settings.SESSION_WHOLE - timedelta(minutes=1)})
    assert is_in(other)
    age(other, **{BEGAN: timedelta(minutes=2)})

    assert not is_in(other)


def test_that_somebody_was_here_is_written_every_few_minutes(other):
    is_in(other)
    before = seen()
    usual = queries(lambda: is_in(other))
    assert seen() == before

    age(other, **{SEEN: timedelta(minutes=6)})

    assert queries(lambda: is_in(other)) > usual
    assert seen() >= before


def test_a_page_that_asks_by_itself_does_not_keep_a_session_alive(other):
    age(other, **{SEEN: timedelta(hours=1)})
    before = seen()

    other.get("/freshness", headers={"X-Polling": "1"})
    assert seen() == before
    other.get("/")

    assert seen() > before


def test_sessions_that_are_over_are_forgotten_when_somebody_signs_in(client, other, ada):
    Session.objects.update(expire_date=current_time() - timedelta(days=1))

    sign_in(client, name="ada")

    assert [session.user for session in Session.objects.all()] == [ada]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client, mark):
    answer = sign_in(client)
    client.get("/sign-in")

    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert int(answer.cookies["sessionid"]["max-age"]) <= settings.SESSION_IDLE.total_seconds()
