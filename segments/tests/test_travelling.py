"""A new definition reaches the segments that refer to it: only by those whom it changes, and all of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contacts.changes import record_changes
from events.models import EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segments import services
from segments.engine import travelling
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Deadline, Membership, Segment
from segments.tests.made import GOLD, NOW, in_segment, make_contact, make_field, make_segment

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SILVER = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "tier", "operator": "equals", "value": "Silver"}],
}
LAST_3_DAYS = {"kind": "last", "amount": 3, "unit": "day"}


def alone(child: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "group", "match": "all", "children": [child]}


BOUGHT = alone({"kind": "event", "event": "Purchase", "window": LAST_3_DAYS})
FIRST_BOUGHT = alone(
    {"kind": "occurrence", "event": "Purchase", "which": "first", "window": LAST_3_DAYS}
)


def buy(name: str, *, at: datetime) -> None:
    row = EventRow(ContactRef("external_id", name), "Purchase", at, f"{name}-{at}")
    record_events(rows=[row], now=at)


def members(key: str) -> set[str]:
    rows = Membership.objects.filter(segment__key=key)
    return set(rows.values_list("contact__external_id", flat=True))


def publish(segment: Segment, definition: Any, *, now: datetime = NOW) -> None:
    services.update_segment(segment=segment, definition=definition, author=None, now=now)
    settle(now=now)


@pytest.fixture
def inner():
    """With one that refers to it, and one that refers to that one."""
    make_field()
    for number in range(20):
        make_contact(f"gold{number}", attributes={"tier": "Gold"})
    make_contact("silver", attributes={"tier": "Silver"})
    segment = make_segment("inner", GOLD)
    settle(now=NOW)
    make_segment("outer", in_segment("inner"))
    settle(now=NOW)
    make_segment("outermost", in_segment("outer"))
    settle(now=NOW)
    return segment


def rebuilds(key: str) -> int:
    return Segment.objects.get(key=key).rebuilds.count()


def test_whoever_refers_is_not_rebuilt(inner):
    publish(inner, SILVER)

    assert (members("outer"), members("outermost")) == ({"silver"}, {"silver"})
    assert (rebuilds("outer"), rebuilds("outermost")) == (1, 1)


def test_only_those_whom_it_changes_are_looked_at(inner, monkeypatch):
    seen: list[int] = []
    record = record_changes

    def counting(changes, **options):
        changes = list(changes)
        seen.append(len(changes))
        record(changes, **options)

    monkeypatch.setattr(travelling, "record_changes", counting)
    either = {"kind": "group", "match": "any", "children": [*GOLD["children"], *SILVER["children"]]}

    publish(inner, either)

    assert seen == [1]
    assert len(members("outermost")) == 21


def test_where_very_many_differ_it_is_rebuilt(inner, monkeypatch):
    monkeypatch.setattr(travelling, "MOST", 20)

    publish(inner, SILVER)

    assert members("outermost") == {"silver"}
    assert rebuilds("outer") == 2


def test_after_a_rest_everybody_is_looked_at(inner):
    """Its members are those of before the rest, and whoever refers to it has gone on."""
    services.update_segment(segment=inner, status="paused", author=None, now=NOW)
    make_contact("late", attributes={"tier": "Silver"})
    settle(now=NOW)

    services.update_segment(segment=inner, definition=SILVER, status="live", author=None, now=NOW)
    settle(now=NOW)

    assert members("outermost") == {"silver", "late"}
    assert rebuilds("outer") == 2
    assert check(now=NOW) == []


def test_an_edit_of_an_edit_counts_from_what_is_stored(inner):
    services.update_segment(segment=inner, definition=SILVER, author=None, now=NOW)
    publish(inner, alone({"kind": "everyone"}))

    assert len(members("outermost")) == 21
    assert check(now=NOW) == []


def test_a_deadline_that_was_too_early_does_not_hide_a_new_one_at_that_instant():
    EventType.objects.create(key="Purchase")
    make_contact("ann")
    buy("ann", at=NOW)
    inner = make_segment("inner", BOUGHT)
    settle(now=NOW)
    # Now it is due later, which is found out when the first instant comes.
    buy("ann", at=NOW + DAY)
    settle(now=NOW + DAY)
    make_segment("outer", in_segment("inner"))
    settle(now=NOW + DAY)
    due = dict(Deadline.objects.values_list("segment__key", "due_at"))
    assert due["inner"] == due["outer"] - DAY

    publish(inner, FIRST_BOUGHT, now=NOW + DAY)
    assert members("outer") == {"ann"}
    settle(now=NOW + 3.5 * DAY)

    assert members("inner") == members("outer") == set()
