"""Which live segments look how far back for events of a type."""

from __future__ import annotations

import pytest

from events.models import EventType
from segments.lookback import lookers
from segments.tests.language import definition, event, last
from segments.tests.made import in_segment, make_segment, queries_of, settled

pytestmark = pytest.mark.django_db


def bought(**more):
    return definition(event(operator="at_least", value=1, **more))


def test_live_segments_are_named_with_their_reach_and_effect():
    EventType.objects.create(key="Purchase")
    settled(make_segment("recent", bought(window=last(3, "month"))))
    settled(make_segment("ever", definition(event(operator="at_most", value=0))))
    settled(make_segment("inside", in_segment("recent")))
    make_segment("draft", bought(), status="draft")

    found = {one.key: one for one in lookers(["Purchase"])["Purchase"]}

    assert {key: one.months for key, one in found.items()} == {
        "ever": None,
        "inside": 3,
        "recent": 3,
    }
    assert found["ever"].effect == "contacts may enter"
    assert found["recent"].effect == "contacts may leave"
    assert found["recent"].is_beyond(2)
    assert not found["recent"].is_beyond(3)
    assert found["ever"].is_beyond(240)
    assert not found["ever"].is_beyond(None)


def test_more_segments_cost_no_more_queries():
    EventType.objects.create(key="Purchase")
    for key in ("a", "b"):
        settled(make_segment(key, bought()))
    lookers(["Purchase"])
    few = queries_of(lambda: lookers(["Purchase"]))
    for key in ("c", "d", "e", "f"):
        settled(make_segment(key, bought()))
    lookers(["Purchase"])

    assert queries_of(lambda: lookers(["Purchase"])) == few
