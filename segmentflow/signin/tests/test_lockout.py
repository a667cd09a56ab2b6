"""Whoever tries too often is kept out: from there, for a while, and nobody else is."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client

from segmentflow.audit.models import AuditEntry
from segmentflow.models import User
from segmentflow.signin.lockout import OF_ADDRESS, locks_of
from segmentflow.signin.tests.conftest import PASSWORD
from segmentflow.signin.tests.made import is_in, sign_in

pytestmark = pytest.mark.django_db

LIMIT = settings.AXES_FAILURE_LIMIT
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.4"}


def fail(client: Client, *, times: int = LIMIT, name: str = "mark", **more) -> Any:
    for _ in range(times):
        answer = sign_in(client, name=name, password="wrong", **more)
    return answer


def test_after_some_wrong_passwords_the_right_one_does_not_let_in_either(client, mark):
    assert fail(client, times=LIMIT - 1).status_code == 200
    answer = fail(client, times=1)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 1800
    assert "Too many attempts" in answer.content.decode()
    assert sign_in(client).status_code == 429
    assert not is_in(client)


def test_it_ends_by_itself_and_trying_on_does_not_make_it_longer(client, mark):
    fail(client)
    first = AccessAttempt.objects.get().attempt_time
    fail(client, times=3)

    assert AccessAttempt.objects.get().attempt_time == first
    AccessAttempt.objects.update(attempt_time=first - settings.AXES_COOLOFF_TIME)
    assert sign_in(client).headers["Location"] == "/"
    assert not AccessAttempt.objects.exists()


def test_nobody_is_kept_out_by_what_others_do_elsewhere(client, mark):
    fail(client, times=2 * LIMIT, **ELSEWHERE)

    assert sign_in(client).headers["Location"] == "/"


def test_an_address_that_tries_many_names_is_kept_out_as_a_whole(client, mark):
    AccessAttempt.objects.bulk_create(
        AccessAttempt(username=f"name {number}", ip_address="127.0.0.1", failures_since_start=1)
        for number in range(LIMIT * OF_ADDRESS)
    )

    assert sign_in(client).status_code == 429
    assert sign_in(client, **ELSEWHERE).headers["Location"] == "/"


def test_an_address_of_ipv6_counts_as_its_network(client, mark):
    for host in range(LIMIT):
        fail(client, times=1, REMOTE_ADDR=f"2001:db8::{host + 1}")

    assert sign_in(client, REMOTE_ADDR="2001:db8::99").status_code == 429
    assert sign_in(client, REMOTE_ADDR="2001:db8:0:1::1").status_code == 302


def test_behind_a_proxy_the_address_of_the_visitor_counts_and_none_that_they_made_up(
    client, mark, settings
):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    fail(client, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.4"})

    assert sign_in(client, headers={"X-Forwarded-For": "1.1.1.1, 198.51.100.4"}).status_code == 429
    assert sign_in(client, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 302


def test_a_success_begins_to_count_anew(client, mark):
    fail(client, times=LIMIT - 1)
    sign_in(client)
    client.post("/sign-out")

    assert fail(client, times=LIMIT - 1).status_code == 200


def answered(client: Client, **who: str) -> tuple[int, str]:
    answer = sign_in(client, **who)
    said = re.sub(r'(name="csrfmiddlewaretoken" )value="[^"]+"', "", answer.content.decode())
    return answer.status_code, said.replace(f'value="{who["name"]}"', "")


def test_nothing_tells_whether_there_is_somebody_of_a_name(client, mark):
    gone = User.objects.create_user("gone", password=PASSWORD, is_active=False)
    known = answered(client, name="mark", password="wrong")

    assert answered(client, name="nobody", password="wrong") == known
    assert answered(client, name=gone.username, password=PASSWORD) == known
    for _ in range(LIMIT):
        sign_in(client, name="mark", password="wrong")
        sign_in(client, name="nobody", password="wrong")
    locked = [sign_in(client, name=name, password="wrong") for name in ("mark", "nobody")]
    assert [answer.status_code for answer in locked] == [429, 429]


def test_a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has(client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    User.objects.create_user("slow", password=PASSWORD)

    def spent(name: str) -> float:
        begun = time.process_time()
        sign_in(client, name=name, password="wrong")
        return time.process_time() - begun

    known, unknown = spent("slow"), spent("nobody")

    assert 0.5 < unknown / known < 2


def test_nothing_that_was_typed_is_kept_but_the_name(client, mark):
    sign_in(client, password="secret in vain")
    client.force_login(mark)
    form = {"old_password": "secret in vain", "new_password1": "x y", "new_password2": "x y"}
    client.post("/account/password", form)

    kept = AccessAttempt.objects.get()
    assert kept.failures_since_start == 2
    assert "in vain" not in kept.post_data + kept.get_data
    assert "x y" not in kept.post_data


def test_wrong_passwords_count_where_one_changes_things_too(client, mark):
    client.force_login(mark)
    form = {"new_password1": "another horse", "new_password2": "another horse"}
    for _ in range(LIMIT - 1):
        client.post("/account/password", form | {"old_password": "wrong"})

    answer = client.post("/account", {"email": "x@example.com", "current_password": "wrong"})

    assert answer.status_code == 429
    assert User.objects.get(pk=mark.pk).email == "mark@example.com"


def test_an_admin_sees_who_is_kept_out_and_lets_them_in(client, admin, mark):
    fail(client, REMOTE_ADDR="192.0.2.8")
    page = admin.get(f"/settings/users/{mark.pk}").content.decode()
    assert "192.0.2.8" in page
    assert "Let in again" in page

    admin.post(f"/settings/users/{mark.pk}/unlock")

    assert locks_of(mark) == []
    assert sign_in(client, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_what_was_tried_stands_in_the_log_without_what_was_typed(client, mark):
    fail(client)
    sign_in(client, name="my password, by mistake", password="wrong")

    told = list(AuditEntry.objects.order_by("pk").values_list("action", "name"))
    assert told[: LIMIT - 1] == [("refused to sign in", "mark")] * (LIMIT - 1)
    assert told[LIMIT - 1 :] == [
        ("kept out", "mark"),
        ("refused to sign in", "somebody unknown"),
    ]


def test_old_attempts_are_forgotten(client, mark):
    fail(client, times=1, **ELSEWHERE)
    AccessAttempt.objects.update(
        attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(hours=1)
    )

    sign_in(client)

    assert not AccessAttempt.objects.exists()
