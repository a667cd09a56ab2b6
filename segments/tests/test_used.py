"""Fields and event types know which segments use them."""

from __future__ import annotations

import pytest

from contacts.usage import Use, uses_by_key
from events.models import EventType
from segments.tests.made import make_segment, queries_of

pytestmark = pytest.mark.django_db


def did(event: str) -> dict:
    EventType.objects.get_or_create(key=event)
    child = {"kind": "event", "event": event, "operator": "at_least", "value": 1}
    return {"kind": "group", "match": "all", "children": [child]}


def test_each_key_has_the_segments_that_name_it_in_order():
    make_segment("openers", did("MailOpen"))
    make_segment("buyers", did("Purchase"))
    make_segment("again", did("Purchase"))

    found = uses_by_key("event", ["Purchase", "MailOpen", "Cart_add"])

    assert found == {
        "Purchase": [Use("Again", "/segments/again"), Use("Buyers", "/segments/buyers")],
        "MailOpen": [Use("Openers", "/segments/openers")],
    }


def test_many_keys_cost_what_one_does():
    make_segment("buyers", did("Purchase"))

    few = queries_of(lambda: uses_by_key("event", ["Purchase"]))

    assert queries_of(lambda: uses_by_key("event", [f"T{n}" for n in range(200)])) == few == 3
