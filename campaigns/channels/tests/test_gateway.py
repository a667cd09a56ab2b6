"""HTTP gateways of one's own kind, with a server that answers, refuses, hangs and breaks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from campaigns.channels.adapters import WayFacts
from campaigns.channels.gateway import GatewayCarrier, request_problems
from campaigns.channels.handing import Outcome, Sms
from campaigns.channels.tests.servers import HANG, RESET, Reply, free_port, gateway
from campaigns.keys import MessageKey

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
JSON = '{"to": "{to}", "text": "{text}", "meta": [{"ref": "{id}"}], "n": 1}'
TO = '{"to": "{to}"}'
TEXT = 'Hi "{to}" \\ ✓'


@pytest.fixture
def server():
    with gateway() as one:
        yield one


def hand(url, headers="X-Key: geheim", **config):
    config = {"url": url, "template": JSON, **config}
    way = WayFacts("sms", "gateway", config, given={"headers": headers})
    message = Sms(key=MessageKey(7, 3, 0), to="+48600100200", sender="Shop & Co", text=TEXT)
    with GatewayCarrier(way, lambda: NOW, timeouts=(0.3, 0.3)) as carrier:
        return carrier.hand(message)


def test_values_stay_values_inside_of_json(server):
    server.say(Reply(202, {"messages": [{"id": 815}]}))
    handed = hand(f"{server.address}/send", id_path="messages.0.id")
    assert (handed.outcome, handed.provider_id) == (Outcome.ACCEPTED, "815")
    [request] = server.requests
    assert request.json() == {
        "to": "+48600100200",
        "text": TEXT,
        "meta": [{"ref": "7-3-0"}],
        "n": 1,
    }
    assert request.headers["X-Key"] == "geheim"


def test_form_fields_and_addresses_are_encoded(server):
    hand(f"{server.address}/send?to={{to_digits}}&from={{sender}}", format="none", method="GET")
    hand(f"{server.address}/send", format="form", template="msg={text}\nfrom={sender}")
    first, second = server.requests
    assert (first.method, first.path) == ("GET", "/send?to=48600100200&from=Shop%20%26%20Co")
    assert second.body == b"msg=Hi+%22%7Bto%7D%22+%5C+%E2%9C%93&from=Shop+%26+Co"


@pytest.mark.parametrize(
    ("reply", "outcome", "everybody", "wait"),
    [
        (Reply(400, {"error": "text too long for +48600100200"}), Outcome.REFUSED, False, None),
        (Reply(401), Outcome.LATER, True, None),
        (Reply(302, headers={"Location": "/other"}), Outcome.LATER, True, None),
        (Reply(429, headers={"Retry-After": "7"}), Outcome.LATER, True, 7.0),
        (
            Reply(503, headers={"Retry-After": "Fri, 20 Nov 2026 10:01:00 GMT"}),
            Outcome.LATER,
            True,
            60.0,
        ),
        (Reply(500), Outcome.LATER, False, None),
        (Reply(504), Outcome.UNCLEAR, False, None),
        (HANG, Outcome.UNCLEAR, False, None),
        (RESET, Outcome.UNCLEAR, False, None),
    ],
)
def test_each_answer_means_what_it_says(server, reply, outcome, everybody, wait):
    server.say(reply)
    handed = hand(f"{server.address}/send")
    assert (handed.outcome, handed.is_everybody, handed.wait_seconds) == (outcome, everybody, wait)
    assert handed.error
    assert "600100200" not in handed.error
    assert len(server.requests) == 1


def test_nobody_there_concerns_everybody():
    handed = hand(f"http://127.0.0.1:{free_port()}/")
    assert (handed.outcome, handed.is_everybody) == (Outcome.LATER, True)


def test_a_gateway_may_tell_of_failure_with_a_status_of_success(server):
    server.say(Reply(200, {"result": {"ok": False}, "why": "no credit"}))
    told = {"success_path": "result.ok", "success_value": "true"}
    handed = hand(f"{server.address}/send", **told)
    assert handed.outcome == Outcome.REFUSED
    assert "no credit" in handed.error
    server.say(Reply(200, {"result": {"ok": True}}))
    assert hand(f"{server.address}/send", **told).outcome == Outcome.ACCEPTED
    server.say(Reply(200, b"no json", {"Content-Type": "text/plain"}))
    assert hand(f"{server.address}/send", **told).outcome == Outcome.REFUSED


@pytest.mark.parametrize(
    ("config", "headers", "path"),
    [
        ({"template": "{to}"}, "", "template"),
        ({"template": '{"a": "{name}"}'}, "", "template"),
        ({"template": '{"a": "fixed"}'}, "", "template"),
        ({"template": "{to}", "format": "form"}, "", "template"),
        ({"template": TO, "success_path": "ok"}, "", "success_value"),
        ({"template": TO}, "no header", "headers"),
        ({"template": TO}, "X-Key: ż", "headers"),
    ],
)
def test_what_cannot_be_sent_is_said_before(config, headers, path):
    way = WayFacts(
        "sms", "gateway", {"url": "http://a.example", **config}, given={"headers": headers}
    )
    assert [problem.path for problem in request_problems(way, ("to", "text"))][:1] == [path]
