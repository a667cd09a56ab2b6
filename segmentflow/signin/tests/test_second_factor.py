"""An app's codes and recovery codes: set up, asked for, each used once, turned off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from segmentflow.audit.models import AuditEntry
from segmentflow.clock import current_time
from segmentflow.models import RecoveryCodes, Session, User
from segmentflow.signin import entering
from segmentflow.signin.codes import HOW_MANY, is_recovery_code
from segmentflow.signin.factors import MOST_DELAY
from segmentflow.signin.tests.conftest import PASSWORD
from segmentflow.signin.tests.made import (
    CODE,
    CODES,
    NEW,
    OFF,
    code_of,
    is_in,
    set_up,
    sign_in,
    with_app,
)
from tests.site.world import make_passkey

pytestmark = pytest.mark.django_db


def test_setting_up_shows_a_picture_and_the_key_and_then_recovery_codes_once(client, mark):
    sign_in(client)
    page = client.get(NEW).content.decode()
    key = client.session["new_app"]
    assert 'src="data:image/png;base64,' in page
    assert "unsafe" not in client.get(NEW).headers["Content-Security-Policy"]
    assert client.session["new_app"] == key  # reloading the page is harmless

    device, codes = set_up(client)

    assert device.user == mark
    assert len(set(codes)) == HOW_MANY
    assert all(is_recovery_code(code) for code in codes)
    kept = RecoveryCodes.objects.get(user=mark)
    assert not set(codes) & set(kept.digests)
    assert not any(
        code in str(session.get_decoded()) for session in Session.objects.all() for code in codes
    )
    assert codes[0] not in client.get("/account/security").content.decode()
    assert "new_app" not in client.session


@pytest.mark.parametrize(
    "wrong", [{"code": "000000"}, {"code": "abc"}, {"current_password": "x"}, {"code": "\0"}]
)
def test_it_takes_a_right_code_and_the_password(client, mark, wrong):
    sign_in(client)
    client.get(NEW)
    device = TOTPDevice(key=client.session["new_app"])

    answer = client.post(NEW, {"code": code_of(device), "current_password": PASSWORD} | wrong)

    assert answer.status_code == 422
    assert not TOTPDevice.objects.exists()


def test_signing_in_asks_for_a_code_after_the_password(client, mark):
    device, _ = with_app(mark)

    assert sign_in(client).headers["Location"] == CODE
    assert not is_in(client)
    assert client.get(CODE).status_code == 200
    answer = client.post(CODE, {"code": code_of(device, steps=1)})

    assert answer.headers["Location"] == "/"
    assert is_in(client)
    assert Session.objects.get(user=mark).how == "code"


def test_one_comes_where_one_wanted_to_go_and_never_to_another_site(client, mark):
    _, codes = with_app(mark)
    for wanted, led in (("/segments?q=x", "/segments?q=x"), ("https://elsewhere.example/", "/")):
        client.post("/sign-in", {"username": "mark", "password": PASSWORD, "next": wanted})
        assert client.post(CODE, {"code": codes.pop()}).headers["Location"] == led
        client.post("/sign-out")


def test_a_code_lets_in_once(client, mark):
    device, _ = with_app(mark)
    code = code_of(device, steps=1)
    sign_in(client)
    client.post(CODE, {"code": code})
    client.post("/sign-out")

    sign_in(client)
    answer = client.post(CODE, {"code": code})

    assert answer.status_code == 422
    assert not is_in(client)


def test_each_recovery_code_lets_in_once_however_it_is_typed(client, mark):
    _, codes = with_app(mark)
    sign_in(client)
    client.post(CODE, {"code": f" {codes[0].upper().replace('-', ' ')} "})
    assert is_in(client)
    assert Session.objects.get(user=mark).how == "recovery"
    assert "9 codes left" in client.get("/account/security").content.decode()
    client.post("/sign-out")

    sign_in(client)

    assert client.post(CODE, {"code": codes[0]}).status_code == 422
    assert not is_in(client)


def test_wrong_codes_make_the_next_one_wait_but_never_for_long(client, mark):
    device, _ = with_app(mark)
    sign_in(client)
    client.post(CODE, {"code": "000000"})
    answer = client.post(CODE, {"code": code_of(device, steps=1)})
    assert "There were wrong codes just now. Try again in 1 seconds" in answer.content.decode()

    # Somebody who knows the password has tried for days.
    long_ago = current_time() - timedelta(seconds=2**MOST_DELAY)
    TOTPDevice.objects.update(throttling_failure_count=1_000, throttling_failure_timestamp=long_ago)

    assert client.post(CODE, {"code": code_of(device, steps=1)}).status_code == 302


def test_codes_of_recovery_go_on_while_those_of_the_app_have_to_wait(client, mark):
    _, codes = with_app(mark)
    sign_in(client)
    client.post(CODE, {"code": "000000"})

    assert client.post(CODE, {"code": codes[0]}).status_code == 302


def test_wrong_codes_count_like_wrong_passwords(client, mark):
    device, _ = with_app(mark)
    sign_in(client)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        TOTPDevice.objects.update(throttling_failure_count=0)
        answer = client.post(CODE, {"code": "000000"})

    assert answer.status_code == 429
    assert client.post(CODE, {"code": code_of(device, steps=1)}).status_code == 429
    assert sign_in(client).status_code == 429


@pytest.mark.parametrize("code", ["", "\0", "٣٣٣٣٣٣", "9" * 40, "-1", "1e5", "a" * 16])
def test_what_is_no_code_is_refused(client, mark, code):
    with_app(mark)
    sign_in(client)

    assert client.post(CODE, {"code": code}).status_code == 422
    assert not is_in(client)


def test_the_second_step_needs_the_first_and_does_not_wait_for_ever(client, mark):
    device, _ = with_app(mark)
    assert client.get(CODE).headers["Location"] == "/sign-in"
    assert client.post(CODE, {"code": "1"}).headers["Location"] == "/sign-in"
    sign_in(client)
    session = client.session
    session[entering.WAITING] = session[entering.WAITING] | {"until": 1}
    session.save()

    answer = client.post(CODE, {"code": code_of(device, steps=1)})

    assert answer.headers["Location"] == "/sign-in"
    assert not is_in(client)


def test_another_password_meanwhile_ends_the_second_step(client, mark):
    with_app(mark)
    sign_in(client)
    mark.set_password("another horse")
    mark.save()

    assert client.get(CODE).headers["Location"] == "/sign-in"


def test_the_session_gets_a_new_key_with_each_step(client, mark):
    device, _ = with_app(mark)
    client.get("/sign-in")
    keys = []
    sign_in(client)
    keys.append(client.session.session_key)
    client.post(CODE, {"code": code_of(device, steps=1)})
    keys.append(client.session.session_key)

    assert len({*keys, None}) == 3


def test_turning_it_off_takes_password_and_code(client, mark):
    sign_in(client)
    device, codes = set_up(client)
    form = {"current_password": PASSWORD, "code": codes[0]}

    assert client.post(OFF, form | {"code": "000000"}).status_code == 422
    assert client.post(OFF, form | {"current_password": "x"}).status_code == 422
    assert TOTPDevice.objects.filter(pk=device.pk).exists()
    assert client.post(OFF, form).headers["Location"] == "/account/security"

    assert not TOTPDevice.objects.exists()
    assert not RecoveryCodes.objects.exists()
    client.post("/sign-out")
    assert sign_in(client).headers["Location"] == "/"


def test_new_recovery_codes_take_the_password_and_end_those_of_before(client, mark):
    sign_in(client)
    _, before = set_up(client)
    assert client.post(CODES, {"current_password": "x"}).status_code == 422

    after = client.post(CODES, {"current_password": PASSWORD}).context["codes"]

    client.post("/sign-out")
    sign_in(client)
    assert client.post(CODE, {"code": before[0]}).status_code == 422
    RecoveryCodes.objects.update(throttling_failure_count=0)
    assert client.post(CODE, {"code": after[0]}).status_code == 302


def test_other_devices_are_signed_out_when_it_is_set_up(client, mark):
    other = Client()
    sign_in(other)
    sign_in(client)
    assert is_in(other)

    set_up(client)

    assert not is_in(other)
    assert is_in(client)


def test_another_phone_takes_the_place_of_the_first(client, mark):
    sign_in(client)
    first, _ = set_up(client)
    second, _ = set_up(client)

    assert list(TOTPDevice.objects.filter(user=mark)) == [second]
    assert first.key != second.key
    assert is_in(client)


def test_an_admin_sees_who_has_one_and_resets_one_that_was_lost(client, admin, mark):
    with_app(mark)
    make_passkey(mark)
    assert "1 passkey" in admin.get(f"/settings/users/{mark.pk}").content.decode()
    assert "badge-good" in admin.get("/settings/users?q=mark").content.decode()

    admin.post(f"/settings/users/{mark.pk}/reset")

    assert sign_in(client).headers["Location"] == "/"
    assert not RecoveryCodes.objects.filter(user=mark).exists()
    assert AuditEntry.objects.filter(action="reset", name="mark", actor_name="ada").exists()


def test_nobody_resets_their_own_without_a_code(admin, ada):
    answer = admin.post(f"/settings/users/{ada.pk}/reset")

    assert answer.headers["Location"] == "/account/security"
    assert TOTPDevice.objects.filter(user=ada).exists()


def test_the_log_tells_of_it_and_of_no_secret(client, mark):
    device, codes = with_app(mark)

    told = list(AuditEntry.objects.order_by("pk").values_list("action", "said"))
    assert ("set up", "Authenticator app") in told
    assert ("changed", "recovery codes") in told
    whole = str(list(AuditEntry.objects.values()))
    assert device.key not in whole
    assert codes[0] not in whole


def test_the_administration_opens_only_with_a_second_factor(client):
    owner = User.objects.create_superuser("owner", password=PASSWORD)
    sign_in(client, name="owner")
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == NEW
    assert "opens only for those with a second factor" in answer.content.decode()

    set_up(client)

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/password_change/").headers["Location"] == "/account/security"
    assert TOTPDevice.objects.filter(user=owner).exists()
