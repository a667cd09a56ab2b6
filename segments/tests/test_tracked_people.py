"""Visitors nobody knows, who sign in later: one contact, its whole history, right segments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contacts.models import Contact
from events.models import Event, EventType
from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Membership, Segment
from segments.tests.made import make_segment

pytestmark = pytest.mark.django_db


def group(match: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "group", "match": match, "children": list(children)}


VISITS = {"kind": "event", "event": "Page_visit", "operator": "at_least", "value": 3}
NAMED = {"kind": "field", "field": "email", "operator": "is_set"}


@pytest.fixture
def send(client):
    key = create_key(name="site", scopes=["ingest"])[1]

    def sent(call: str, **body: Any) -> None:
        answer = client.post(
            f"/v1/{call}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 200, answer.content
        settle(now=current_time())
        assert check(now=current_time()) == []

    return sent


def members(key: str) -> set[str]:
    found = Membership.objects.filter(segment__key=key)
    return set(found.values_list("contact__external_id", flat=True))


@pytest.mark.parametrize("is_known", [False, True])
def test_who_visits_and_then_signs_in_is_one_contact_in_the_right_segments(send, is_known):
    EventType.objects.create(key="Page_visit")
    make_segment("visitors", group("all", VISITS))
    make_segment("strangers", group("none", NAMED))
    make_segment("known", group("all", VISITS, NAMED))
    if is_known:
        send("identify", userId="u1", traits={"email": "a@b.c"})
        send("page", userId="u1", name="Start", messageId="0")
    for n in range(1, 3):
        send("page", anonymousId="x", name=f"Page {n}", messageId=f"{n}")
    assert members("strangers") == {""}
    assert members("visitors") == set()

    send("identify", anonymousId="x", userId="u1", traits={"email": "a@b.c"})
    send("page", anonymousId="x", userId="u1", messageId="3")
    send("page", anonymousId="x", messageId="4")

    contact = Contact.objects.get()
    assert contact.external_id == "u1"
    assert Event.objects.filter(contact=contact).count() == (5 if is_known else 4)
    assert members("visitors") == members("known") == {"u1"}
    assert members("strangers") == set()
    counts = dict(Segment.objects.values_list("key", "member_count"))
    assert counts == {"visitors": 1, "strangers": 0, "known": 1}
