"""While another value attribute is copied, the members are those of the attribute itself."""

from __future__ import annotations

import pytest

from events import filling
from events.filling import advance_filling
from events.models import EventType
from events.registry import update_event_type
from events.tests.made import record
from segments.engine.check import check
from segments.engine.publish import rebuild_segment
from segments.engine.settle import settle
from segments.models import Segment
from segments.tests.language import definition, event
from segments.tests.made import NOW, make_segment
from tests.worlds import members_of

pytestmark = pytest.mark.django_db


def spent(attribute: str) -> dict[str, object]:
    measure = {"of": "sum", "attribute": attribute}
    return definition(event(measure=measure, operator="at_least", value=100))


def test_members_are_the_same_before_while_and_after_values_are_copied(monkeypatch):
    monkeypatch.setattr(filling, "BITE", 2)
    purchase = EventType.objects.create(key="Purchase", value_attribute="gross")
    for number, (contact, gross, net) in enumerate(
        [("anna", 120, 90), ("ben", 60, 50), ("ben", 60, 50), ("cleo", "n/a", 100), ("dora", 1, 1)]
    ):
        record(f"m{number}", contact=contact, gross=gross, net=net)
    make_segment("gross", spent("gross"))
    make_segment("net", spent("net"))
    settle(now=NOW)

    def verify() -> None:
        for key in ("gross", "net"):
            rebuild_segment(segment=Segment.objects.get(key=key))
        settle(now=NOW)
        assert members_of("gross") == {"anna", "ben"}
        assert members_of("net") == {"ben", "cleo"}
        assert check(now=NOW) == []

    verify()
    update_event_type(event_type=purchase, raw={"value_attribute": "net"}, now=NOW)
    verify()
    while advance_filling():
        verify()
    assert EventType.objects.get().value_is_filled
    verify()
