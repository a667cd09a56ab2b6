"""Webhooks by the API: for admins, and for keys that may both read and write."""

from __future__ import annotations

import json

import pytest

from campaigns.channels.tests.servers import Reply
from outbound.webhooks.models import Webhook
from outbound.webhooks.tests.made import make_webhook, send, turn
from segmentflow.api.keys import create_key

pytestmark = pytest.mark.django_db
ALL = "/api/v1/webhooks"


@pytest.fixture
def ask(client):
    def ask_(method, path, body=None, scopes=("read", "write")):
        _, key = create_key(name="Program", scopes=list(scopes))
        return client.generic(
            method,
            path,
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    return ask_


def test_a_webhook_is_made_changed_and_deleted(ask, gold, receiver):
    made = ask("POST", ALL, {"name": "CRM", "url": receiver.address, "segments": ["gold"]})
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["secret"].startswith("whsec_")
    assert told["state"] == "ready"
    assert told["fields_told"] == ["external_id", "email"]
    one = f"{ALL}/{told['id']}"

    del told["secret"]
    assert ask("GET", one).json() == told
    assert ask("GET", ALL).json() == {"results": [told], "next": None}
    changed = ask("PATCH", one, {"every_segment": True, "status": "paused", "wait_ms": 10}).json()
    assert (changed["segments"], changed["every_segment"]) == ([], True)
    assert (changed["state"], changed["wait_ms"], changed["name"]) == ("paused", 10, "CRM")
    assert ask("PATCH", one, {"segments": ["gold"], "status": "active"}).json() == told | {
        "wait_ms": 10
    }
    renewed = ask("POST", f"{one}/secret").json()
    assert renewed["secret"].startswith("whsec_")
    assert ask("DELETE", one).status_code == 204
    assert ask("GET", one).status_code == 404


def test_wrong_requests_are_told_what_is_wrong(ask, gold, receiver):
    for body, path in (
        ({"name": "CRM"}, "url"),
        ({"name": "CRM", "url": "http://10.0.0.1/"}, "url"),
        ({"name": "CRM", "url": receiver.address}, "segments"),
        ({"name": "CRM", "url": receiver.address, "segments": ["x\0"]}, "segments[0]"),
        ({"name": "CRM", "url": receiver.address, "segments": ["gone"]}, "segments"),
        ({"name": "CRM", "url": receiver.address, "segments": ["gold"], "other": 1}, "other"),
        ({"name": "a\0", "url": receiver.address, "every_segment": True}, "name"),
        (
            {"name": "CRM", "url": receiver.address, "every_segment": True, "wait_ms": 1e30},
            "wait_ms",
        ),
        (
            {"name": "C", "url": receiver.address, "every_segment": True, "fields_told": ["x"]},
            "fields",
        ),
    ):
        answer = ask("POST", ALL, body)
        assert answer.status_code == 400, body
        assert answer["Content-Type"] == "application/problem+json"
        paths = [error["path"].partition("[")[0] for error in answer.json()["errors"]]
        assert path.partition("[")[0] in paths, (body, paths)
    assert not Webhook.objects.exists()


def test_a_key_that_may_not_read_makes_no_webhook(ask, gold, receiver):
    body = {"name": "CRM", "url": receiver.address, "every_segment": True}
    assert ask("POST", ALL, body, scopes=["write"]).status_code == 403
    assert ask("POST", ALL, body, scopes=["read"]).status_code == 403
    assert ask("GET", ALL, scopes=["read"]).status_code == 200


def test_deliveries_are_listed_and_sent_again(ask, gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address, "gold")
    receiver.say(Reply(410), Reply())
    turn("anna")
    send(clock)
    log = f"{ALL}/{webhook.pk}/deliveries"
    [told] = ask("GET", f"{log}?state=failed").json()["results"]
    assert (told["state"], told["status"], told["attempts"]) == ("failed", 410, 1)
    assert told["webhook_id"] == receiver.requests[0].headers["webhook-id"]
    assert ask("GET", f"{log}?state=delivered").json()["results"] == []
    assert ask("GET", f"{log}?state=no").status_code == 400
    assert ask("GET", f"{ALL}/{webhook.pk}").json()["state"] == "ended"

    ask("PATCH", f"{ALL}/{webhook.pk}", {"status": "active"})
    assert ask("POST", f"{log}/resend").json() == {"resent": 1}
    one = f"{log}/{told['id']}/resend"
    assert ask("POST", one).status_code == 409
    send(clock)
    assert ask("POST", one).json() == {"resent": 1}
    test = ask("POST", f"{ALL}/{webhook.pk}/test").json()
    assert (test["state"], test["is_test"], test["status"]) == ("delivered", True, 200)
    assert ask("POST", f"{log}/{test['id']}/resend").status_code == 400
    assert ask("POST", f"{log}/999999999999999999/resend").status_code == 404
