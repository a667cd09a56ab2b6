"""Services that deliver: what they are sent, and what their answers mean."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from campaigns.channels.adapters import WayFacts
from campaigns.channels.handing import Email, Outcome, Sms
from campaigns.channels.providers import PROVIDERS
from campaigns.channels.tests.servers import RESET, Reply, free_port, gateway
from campaigns.channels.ways import ADAPTERS
from campaigns.keys import MessageKey

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
KEY = MessageKey(7, 3, 0)


@pytest.fixture
def server():
    with gateway() as one:
        yield one


def hand(channel, adapter, message, url, config=None, **secrets):
    way = WayFacts(channel, adapter, {"api_url": url, **(config or {})}, given=secrets)
    with ADAPTERS[channel, adapter].open(way, lambda: NOW) as carrier:
        return carrier.hand(message)


EMAIL = Email(
    key=KEY,
    to="anna@example.com",
    sender="Shop <shop@example.com>",
    reply_to="help@example.com",
    subject="Zażółć",
    html="<p>Hi</p>",
    text="Hi",
    headers={
        "List-Unsubscribe": "<https://example.com/u>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)
TAKEN = {
    "brevo": Reply(201, {"messageId": "<815@brevo>"}),
    "mailersend": Reply(202, b"", {"X-Message-Id": "815", "Content-Type": "text/html"}),
    "mailgun": Reply(200, {"id": "<815@mailgun>", "message": "Queued. Thank you."}),
    "mailjet": Reply(
        200,
        {
            "Messages": [
                {
                    "Status": "success",
                    "To": [{"Email": "anna@example.com", "MessageID": 815, "MessageUUID": "u"}],
                }
            ]
        },
    ),
    "mandrill": Reply(200, [{"email": "anna@example.com", "status": "queued", "_id": "815"}]),
    "postmark": Reply(
        200,
        {"To": "anna@example.com", "MessageID": "815", "ErrorCode": 0, "Message": "OK"},
    ),
    "resend": Reply(200, {"id": "815"}),
    "sendgrid": Reply(202, b""),
    "sparkpost": Reply(
        200,
        {"results": {"id": "815", "total_accepted_recipients": 1, "total_rejected_recipients": 0}},
    ),
}


def secrets_of(name):
    [provider] = [one for one in PROVIDERS if one.name == name]
    return {field.key: "geheim" for field in provider.fields if field.is_secret}


def send(name, url):
    return hand("email", name, EMAIL, url, **secrets_of(name))


@pytest.mark.parametrize("name", [provider.name for provider in PROVIDERS])
def test_every_provider_takes_the_message_with_its_headers_and_our_key(server, name):
    server.say(TAKEN[name])
    handed = send(name, f"{server.address}/v1/")
    assert (handed.outcome, handed.error) == (Outcome.ACCEPTED, "")
    assert handed.provider_id
    [request] = server.requests
    assert request.method == "POST"
    body = request.body.decode()
    assert "anna@example.com" in body or "anna%40example.com" in body
    assert "List-Unsubscribe" in body
    assert "One-Click" in body
    if name != "mailersend":
        assert "7-3-0" in body
    given = " ".join([*request.headers.values(), body])
    assert (
        "geheim" in given
        or base64.b64encode(b"geheim:geheim").decode() in given
        or (base64.b64encode(b"api:geheim").decode() in given)
    )


@pytest.mark.parametrize(
    ("reply", "outcome", "everybody", "wait"),
    [
        (Reply(401, {"message": "bad key"}), Outcome.LATER, True, None),
        (Reply(429, {}, {"Retry-After": "30"}), Outcome.LATER, True, 30.0),
        (Reply(500, b"oops"), Outcome.LATER, False, None),
        (Reply(302, b"", {"Location": "/there"}), Outcome.LATER, True, None),
        (Reply(422, {"message": "No anna@example.com here"}), Outcome.REFUSED, False, None),
        (Reply(200, b"what?"), Outcome.UNCLEAR, False, None),
        (RESET, Outcome.UNCLEAR, False, None),
    ],
)
def test_what_a_providers_answer_means(server, reply, outcome, everybody, wait):
    server.say(reply)
    handed = send("postmark", server.address)
    assert (handed.outcome, handed.is_everybody, handed.wait_seconds) == (outcome, everybody, wait)
    assert handed.error
    assert "anna@" not in handed.error
    assert "geheim" not in handed.error
    assert len(server.requests) == 1


def test_a_provider_that_cannot_be_reached_concerns_everybody():
    handed = send("brevo", f"http://127.0.0.1:{free_port()}/")
    assert (handed.outcome, handed.is_everybody) == (Outcome.LATER, True)


def test_an_address_that_a_provider_calls_bad_is_suppressed(server):
    server.say(
        Reply(422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'anna@example.com'."})
    )
    handed = send("postmark", server.address)
    assert (handed.outcome, handed.is_bad_address) == (Outcome.REFUSED, True)
    server.say(Reply(200, [{"email": "anna@example.com", "status": "rejected", "_id": "1"}]))
    handed = send("mandrill", server.address)
    assert (handed.outcome, handed.is_bad_address) == (Outcome.REFUSED, False)


SMS = Sms(key=KEY, to="+48600100200", sender="Shop", text="Zażółć")


def twilio(server, **config):
    config = {"account_sid": "AC1", **config}
    return hand("sms", "twilio", SMS, server.address, config, auth_token="geheim")


def test_twilio_is_asked_as_its_api_wants_it(server, settings):
    settings.PUBLIC_URL = "https://news.example.com"
    server.say(Reply(201, {"sid": "SM815", "status": "queued"}))
    handed = twilio(server)
    assert (handed.outcome, handed.provider_id) == (Outcome.ACCEPTED, "SM815")
    [request] = server.requests
    assert request.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert request.headers["Authorization"] == (f"Basic {base64.b64encode(b'AC1:geheim').decode()}")
    sent = parse_qs(request.body.decode())
    assert (sent["To"], sent["From"], sent["Body"]) == (["+48600100200"], ["Shop"], ["Zażółć"])
    assert sent["StatusCallback"][0].startswith("https://news.example.com/m/hooks/sms/")
    assert sent["StatusCallback"][0].endswith("?m=7-3-0")


def test_twilio_gets_no_address_that_it_cannot_reach(server, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    twilio(server, messaging_service="MG1")
    sent = parse_qs(server.requests[0].body.decode())
    assert sorted(sent) == ["Body", "MessagingServiceSid", "To"]


@pytest.mark.parametrize(
    ("status", "code", "outcome", "everybody", "bad"),
    [
        (400, 21211, Outcome.REFUSED, False, True),
        (400, 21614, Outcome.REFUSED, False, True),
        (400, 21610, Outcome.REFUSED, False, False),
        (400, 21606, Outcome.LATER, True, False),
        (400, 21617, Outcome.REFUSED, False, False),
        (401, 20003, Outcome.LATER, True, False),
        (429, 20429, Outcome.LATER, True, False),
        (503, 20503, Outcome.LATER, True, False),
    ],
)
def test_what_twilios_errors_mean(server, status, code, outcome, everybody, bad):
    server.say(Reply(status, {"code": code, "message": "No +48600100200", "status": status}))
    handed = twilio(server)
    assert handed.outcome == outcome
    assert (handed.is_everybody, handed.is_bad_address) == (everybody, bad)
    assert str(code) in handed.error
    assert "600100200" not in handed.error


def messageflow(server):
    keys = {"authorization": "geheim-a", "application_key": "geheim-b"}
    return hand("sms", "messageflow", SMS, server.address, **keys)


def test_messageflow_is_asked_as_its_api_wants_it(server, settings):
    settings.PUBLIC_URL = "https://news.example.com"
    server.say(Reply(200, {"data": [{"messageId": "mf-815", "phoneNumber": "+48600100200"}]}))
    handed = messageflow(server)
    assert (handed.outcome, handed.provider_id) == (Outcome.ACCEPTED, "mf-815")
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/v2.1/sms")
    assert request.headers["Authorization"] == "geheim-a"
    assert request.headers["Application-Key"] == "geheim-b"
    sent = request.json()
    assert sent.pop("webhookUrl").startswith("https://news.example.com/m/hooks/sms/")
    assert sent == {
        "sender": "Shop",
        "message": "Zażółć",
        "phoneNumbers": ["+48600100200"],
        "externalId": "7-3-0",
    }


def test_what_messageflows_answers_mean(server):
    server.say(Reply(401, {}), Reply(422, {"errors": ["+48600100200 is wrong"]}), Reply(200, {}))
    outcomes = [messageflow(server) for _ in range(3)]
    assert [one.outcome for one in outcomes] == [Outcome.LATER, Outcome.REFUSED, Outcome.ACCEPTED]
    assert outcomes[0].is_everybody
    assert "600100200" not in outcomes[1].error
