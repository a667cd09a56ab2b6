"""Passkeys as far as no device is needed: tests/browser/test_passkeys.py has one."""

from __future__ import annotations

import pytest
from django_otp_webauthn.models import WebAuthnCredential

from segmentflow.signin.relying_party import relying_party
from segmentflow.signin.tests.conftest import PASSWORD
from segmentflow.signin.tests.made import sign_in
from segmentflow.tests.made import enter
from tests.site.world import make_passkey

pytestmark = pytest.mark.django_db

BEGIN, FINISH = "/account/passkeys", "/account/passkeys/answer"
ASKED, SHOWN = "/sign-in/passkey", "/sign-in/passkey/answer"


def send(client, path, data):
    return client.post(path, data, content_type="application/json")


@pytest.mark.parametrize(
    ("url", "party", "origin", "is_possible"),
    [
        ("https://segments.example.com", "segments.example.com", None, True),
        ("https://segments.example.com:8443", "segments.example.com", None, True),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000", True),
        ("http://segments.lan", "segments.lan", "https://segments.lan", False),
        ("https://192.0.2.1", "192.0.2.1", None, False),
    ],
)
def test_they_belong_to_the_public_address(url, party, origin, is_possible):
    found = relying_party(url)

    assert (found.id, found.origin, found.is_possible) == (party, origin or url, is_possible)


def test_making_one_takes_a_name_and_the_password(client, mark):
    enter(client, mark)

    assert send(client, BEGIN, {"name": "Phone"}).status_code == 422
    assert send(client, BEGIN, {"name": "Phone", "current_password": "x"}).status_code == 422
    assert send(client, BEGIN, {"name": "", "current_password": PASSWORD}).status_code == 422
    answer = send(client, BEGIN, {"name": "Phone", "current_password": PASSWORD})

    options = answer.json()
    assert options["rp"] == {"id": "localhost", "name": "SegmentFlow"}
    assert options["authenticatorSelection"]["userVerification"] == "required"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '"x"',
        "1",
        "null",
        "{",
        b"\xff",
        "[" * 100_000,
        '{"id": 1}',
        '{"id": "\\u0000", "rawId": "\\u0000", "type": "public-key", "response": {}}',
        '{"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "e30", "authenticatorData": "e30", "signature": "e30"}}',
        '{"id": "a", "rawId": "a", "type": "public-key", "response": []}',
    ],
)
def test_what_no_browser_sends_is_refused(client, mark, body):
    enter(client, mark)
    send(client, BEGIN, {"name": "Phone", "current_password": PASSWORD})
    assert 400 <= send(client, FINISH, body).status_code < 500
    client.post("/sign-out")
    send(client, ASKED, {})

    assert 400 <= send(client, SHOWN, body).status_code < 500
    assert "_auth_user_id" not in client.session


def test_an_answer_needs_a_question(client, mark):
    assert send(client, SHOWN, {"id": "a"}).json()["code"] == "invalid_state"


def test_before_the_password_no_passkey_is_named_and_after_it_only_ones_own(client, mark, ada):
    make_passkey(mark)
    make_passkey(ada)
    assert not send(client, ASKED, {}).json()["allowCredentials"]

    sign_in(client)

    options = send(client, ASKED, {}).json()
    assert len(options["allowCredentials"]) == 1
    assert options["userVerification"] == "required"


def test_ones_own_is_renamed_and_removed_with_the_password(client, mark):
    enter(client, mark)
    passkey = make_passkey(mark)
    path = f"/account/passkeys/{passkey.pk}"

    assert client.post(path, {"name": "x" * 65}).status_code == 422
    client.post(path, {"name": "Blue key"})
    assert "Blue key" in client.get("/account/security").content.decode()
    assert client.post(f"{path}/remove", {"current_password": "x"}).status_code == 422
    client.post(f"{path}/remove", {"current_password": PASSWORD})

    assert not WebAuthnCredential.objects.exists()
    assert client.get("/account").status_code == 200


def test_where_passkeys_do_not_work_the_page_says_where_they_do(client, mark, settings):
    settings.PUBLIC_URL = "https://segments.example.com"
    enter(client, mark)

    page = client.get("/account/security").content.decode()

    assert "https://segments.example.com/account/security" in page
    assert "Add a passkey" not in page
