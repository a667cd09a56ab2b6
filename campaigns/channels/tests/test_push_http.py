"""Push messages that somebody else delivers: one request for each, as that one wants it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from campaigns.channels.handing import Handed, Outcome, Push
from campaigns.channels.ways import ADAPTERS, carrier_for, set_way
from campaigns.keys import MessageKey
from campaigns.push.tests.made import PushService

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture
def gateway():
    gateway = PushService()
    yield gateway
    gateway.stop()


def test_a_gateway_gets_each_message_once_as_json(gateway):
    adapter = ADAPTERS["push", "push_gateway"]
    raw = {field.key: field.default for field in adapter.fields}
    raw |= {"url": f"{gateway.url}/send", "headers": "X-Key: secret"}
    way = set_way(channel="push", adapter="push_gateway", raw=raw, now=NOW)
    message = Push(
        MessageKey(7, 3, 0),
        "u1",
        (),
        'Sale "now"',
        "Only today\nand here",
        "https://x.example/?a=1",
    )
    with carrier_for("push", way=way, clock=lambda: NOW) as carrier:
        assert carrier.hand(message) == Handed(Outcome.ACCEPTED)
        nobody = Push(MessageKey(8, 3, 0), "", (), "Sale", "", "")
        assert carrier.hand(nobody).outcome == Outcome.REFUSED

    [taken] = gateway.taken
    assert (taken.path, taken.headers["x-key"]) == ("/send", "secret")
    sent = json.loads(taken.body)
    assert sent.pop("id")
    assert sent == {
        "to": "u1",
        "title": 'Sale "now"',
        "body": "Only today\nand here",
        "url": "https://x.example/?a=1",
        "icon": "",
        "image": "",
    }
