"""Known secrets and people are sent by every way in; whatever is logged has none of them."""

from __future__ import annotations

import base64
import json

import pytest
from django.conf import settings as installation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from segmentflow.api.keys import create_key
from segmentflow.api.websites import create_website
from segmentflow.logs.tests.captured import captured
from segmentflow.models import User
from segmentflow.roles import ADMINS
from segmentflow.tests.made import sign_in

PASSWORD = "Tr0ub4dor&3-wrong"  # noqa: S105 - nobody has it
RIGHT = "correct-Horse-7battery"
WORD = "opensesame-of-the-mail-server"
HOOK = "h00kS3cr3tOfTheProvider"
TOKEN = "AbCdEf0123456789.tokenOfAnna"  # noqa: S105 - the same
CODE = "Ab3dEf9x"
EMAIL = "anna.kowalska@example.org"
PHONE = "+48600700800"
NEVER = (PASSWORD, RIGHT, WORD, HOOK, TOKEN, CODE, EMAIL, PHONE, "Kowalska")


class Leak(Exception):
    pass


def breaks(request: HttpRequest) -> HttpResponse:
    """Has in its local names and in what it says whatever was sent."""
    password = request.POST.get("password", "")
    sent = dict(request.headers)
    raise Leak(f"password={password} email={request.POST.get('email')} {sent}")


def breaks_in_sql(request: HttpRequest) -> HttpResponse:
    User.objects.create(username="ada", email=EMAIL)
    User.objects.create(username="ada", email=EMAIL)
    return HttpResponse()


handler500 = "segmentflow.views.server_error"
urlpatterns = [
    path("breaks", breaks),
    path("breaks-in-sql", breaks_in_sql),
    path("", include("segmentflow.urls")),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def assert_nothing_leaks(log, *more):
    for text in (log.text, log.json):
        assert text
        for secret in (*NEVER, *more):
            assert secret not in text, secret


def test_signing_in(client):
    User.objects.create_user("ada", password=RIGHT, email=EMAIL)
    with captured() as log:
        client.post("/sign-in", {"username": "ada", "password": PASSWORD})
        client.post("/sign-in", {"username": "ada", "password": RIGHT})
        client.get("/")
        session = client.cookies["sessionid"].value

    assert_nothing_leaks(log, session)


def test_programs(client):
    _, key = create_key(name="shop", scopes=["ingest", "read"])
    website = create_website(name="shop", origins=["https://shop.example"])
    basic = base64.b64encode(f"{key}:".encode()).decode()
    person = {"external_id": "a", "email": EMAIL, "phone": PHONE, "last_name": "Kowalska"}
    wrong = {**person, "country": 7, "attributes": {"x": EMAIL}}
    with captured() as log:
        for headers in ({"Authorization": f"Bearer {key}"}, {"Authorization": f"Bearer {key}x"}):
            for body in (person, wrong, {"contacts": [person, wrong]}):
                client.post(
                    "/api/v1/contacts",
                    json.dumps(body),
                    content_type="application/json",
                    headers=headers,
                )
            client.get("/api/v1/contacts", {"email": EMAIL}, headers=headers)
        for sent in (basic, "!", basic[:-4]):
            client.post(
                "/v1/identify",
                json.dumps({"userId": "a", "traits": {"email": EMAIL, "phone": PHONE}}),
                content_type="application/json",
                headers={"Authorization": f"Basic {sent}"},
            )
        client.post(
            "/v1/track",
            json.dumps({"writeKey": website.key, "anonymousId": "v", "event": "Visit"}),
            content_type="text/plain",
            headers={"Origin": "https://elsewhere.example"},
        )

    assert_nothing_leaks(log, key, basic, website.key)


def test_links_of_messages_and_addresses_for_reports(client):
    with captured() as log:
        for address in (
            f"/m/c/{TOKEN}",
            f"/m/o/{TOKEN}.gif",
            f"/m/u/{TOKEN}",
            f"/s/{CODE}",
            f"/no/m/c/{TOKEN}",
            f"/m/hooks/sms/{HOOK}",
            f"/m/hooks/email/mailgun/{HOOK}?signature={TOKEN}",
        ):
            client.get(address)
            client.post(address, {"recipient": EMAIL}, content_type="application/json")

    assert_nothing_leaks(log)


def test_forms_of_the_settings(client):
    sign_in(client, ADMINS)
    sent = {
        "adapter": "smtp",
        "sender_address": EMAIL,
        "host": "mail.invalid",
        "port": "587",
        "user": "shop",
        "password": WORD,
    }
    with captured() as log:
        client.post("/settings/sending/email", sent)
        client.post("/settings/sending/email", {**sent, "port": "many"})
        client.post("/settings/sending/email/test", {"address": EMAIL})
        client.get("/settings/sending/email")
        client.get("/contacts", {"q": EMAIL})
        client.get(
            f"/contacts/1/names/remove?kind=email&value={EMAIL}", headers={"Cookie": f"a={WORD}"}
        )

    assert_nothing_leaks(log)


def test_faults(client, caplog):
    client.raise_request_exception = False
    _, key = create_key(name="shop", scopes=["read"])
    with captured() as log:
        client.post(
            f"/breaks?token={TOKEN}",
            {"password": PASSWORD, "email": EMAIL, "phone": PHONE},
            headers={"Authorization": f"Bearer {key}", "Cookie": f"sessionid={WORD}"},
        )
        client.post("/breaks-in-sql")

    assert "Leak" in log.text
    assert "IntegrityError" in log.text
    assert_nothing_leaks(log, key, installation.SECRET_KEY)


def test_reports_of_faults_that_a_developer_sees(client, settings):
    settings.DEBUG = True
    client.raise_request_exception = False
    with captured() as log:
        answer = client.post(
            "/breaks?page=1",
            {"password": PASSWORD, "email": EMAIL, "phone": PHONE},
            headers={"Authorization": f"Bearer {WORD}", "X-Api-Key": HOOK},
        )

    page = answer.content.decode()
    assert "Leak" in page
    for secret in (PASSWORD, WORD, HOOK, EMAIL, PHONE, installation.SECRET_KEY):
        assert secret not in page, secret
    assert_nothing_leaks(log)
