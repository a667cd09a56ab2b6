"""An event is looked at only by the segments that may count it."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from contacts.models import Contact, PendingMark
from events.models import EventType
from segments import services
from segments.engine import refresh
from segments.engine.affected import affected, targets
from segments.engine.pending import claim_marks, newest_mark, put_back
from segments.engine.settle import settle
from segments.models import Membership, Rebuild, Segment, Transition
from segments.tests.made import NOW, in_segment, make_contact, make_segment, settled
from tests import worlds
from tests.oracle import Happening

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def ann() -> Contact:
    for key in ("Purchase", "Visit"):
        EventType.objects.create(key=key)
    return make_contact("ann")


def bought(operator: str = "greater_than", value: object = 100, **parts: object) -> Json:
    amount = {"attribute": "amount", "type": "number", "operator": operator, "value": value}
    where = {
        "kind": "group",
        "match": "all",
        "children": [{"kind": "attribute", **amount}],
    }
    condition = {"kind": "event", "event": "Purchase", "where": where, **parts}
    return {"kind": "group", "match": "all", "children": [condition]}


def send(contact: Contact, *amounts: object, event: str = "Purchase", **more: object) -> None:
    """Each a minute before the one before."""
    events = [
        Happening(
            event,
            NOW - timedelta(minutes=number),
            f"{event} {next(NUMBERS)}",
            {"amount": amount, **more},
        )
        for number, amount in enumerate(amounts)
    ]
    worlds.send_events(contact.pk, events, now=NOW)


def looked_at() -> set[str]:
    """The segments that the marks of now have looked at."""
    newest = newest_mark()
    assert newest is not None
    marks = claim_marks(buckets=range(8), is_bulk=False, newest=newest)
    keys = dict(Segment.objects.values_list("pk", "key"))
    return {keys[target.segment_id] for target in affected(marks, targets())}


def test_an_event_that_misses_the_filter_evaluates_nothing(ann: Contact):
    settled(make_segment("big", bought()))
    send(ann, 99)

    with patch.object(refresh, "evaluated") as evaluated:
        settle(now=NOW)

    assert not evaluated.called
    assert not PendingMark.objects.exists()


def test_only_segments_that_may_count_an_event_look_at_it(ann: Contact):
    make_segment("big", bought())
    make_segment("small", bought("at_most", 100))
    make_segment("refers", in_segment("big"))
    make_segment("any", {**bought(), "match": "none", "children": [*bought()["children"], PLAIN]})
    settle(now=NOW)

    send(ann, 5)
    assert looked_at() == {"small", "any"}
    send(ann, 500)
    assert looked_at() == {"big", "refers", "any"}
    send(ann, 7, 700)
    assert looked_at() == {"big", "small", "refers", "any"}
    send(ann, 500, event="Visit")
    assert looked_at() == set()


PLAIN: Json = {"kind": "event", "event": "Purchase"}


def test_a_window_that_is_over_spares_looks(ann: Contact):
    make_segment("over", bought(window={"kind": "before", "at": "2026-10-01"}))
    make_segment("open", bought(window={"kind": "after", "at": "2026-10-01"}))
    settle(now=NOW)
    send(ann, 500)

    assert looked_at() == {"open"}


def test_attributes_too_long_to_tell_are_looked_at_by_all(ann: Contact):
    settled(make_segment("big", bought()))
    send(ann, 5, note="x" * 3_000)

    assert PendingMark.objects.get().attributes is None
    assert looked_at() == {"big"}


def test_marks_that_are_put_back_still_tell(ann: Contact):
    settled(make_segment("big", bought()))
    send(ann, 5)
    [mark] = claim_marks(buckets=range(8), is_bulk=False, newest=newest_mark() or 0)
    put_back([mark], is_bulk=False)

    assert PendingMark.objects.get().attributes == '{"amount":5}'
    assert looked_at() == set()


def test_the_cause_is_an_event_that_counts(ann: Contact):
    settled(make_segment("big", bought()))
    send(ann, 5, 500, 6)  # the one that counts is not the newest
    settle(now=NOW)

    [transition] = Transition.objects.all()
    assert transition.cause["occurred_at"] == (NOW - timedelta(minutes=1)).isoformat()


def test_a_new_definition_of_a_segment_that_is_referred_to_is_heeded(ann: Contact):
    big = settled(make_segment("big", bought()))
    settled(make_segment("refers", in_segment("big")))
    send(ann, 50)
    assert looked_at() == set()

    services.update_segment(segment=big, definition=bought(value=10), author=None, now=NOW)
    settle(now=NOW)
    assert set(Membership.objects.values_list("segment__key", flat=True)) == {"big", "refers"}
    send(ann, 20)

    assert looked_at() == {"big", "refers"}


def test_a_version_that_is_built_looks_at_what_it_will_count(ann: Contact):
    big = settled(make_segment("big", bought()))
    services.update_segment(segment=big, definition=bought(value=10), author=None, now=NOW)
    [rebuild] = Rebuild.objects.filter(state=Rebuild.State.BUILDING)
    send(ann, 20)

    marks = claim_marks(buckets=range(8), is_bulk=False, newest=newest_mark() or 0)
    assert [target.rebuild_id for target in affected(marks, targets())] == [rebuild.pk]


def one_after_the_other(*steps: Json) -> Json:
    condition = {"kind": "sequence", "steps": list(steps)}
    return {"kind": "group", "match": "all", "children": [condition]}


VISIT, PURCHASE = {"event": "Visit"}, {"event": "Purchase"}
NO_PURCHASE = PURCHASE | {"performed": False, "within": {"amount": 2, "unit": "hour"}}
MINUTE = timedelta(minutes=1)


@pytest.mark.plain_server("a cluster looks at every step")
def test_a_step_that_nothing_follows_is_looked_at_by_nobody(ann: Contact):
    settled(make_segment("bought", one_after_the_other(VISIT, PURCHASE)))
    send(ann, 1)  # a purchase
    assert looked_at() == {"bought"}

    send(ann, 1, event="Visit")  # at the same instant, so not before it
    assert looked_at() == set()
    send(ann, *[1] * 3, event="Visit")  # of which two are before it
    assert looked_at() == {"bought"}


def test_an_earlier_step_that_comes_late_moves_its_contact(ann: Contact):
    segment = settled(make_segment("bought", one_after_the_other(VISIT, VISIT, PURCHASE)))
    for event, ago in ("Purchase", 0), ("Visit", 1), ("Visit", 2):
        happened = Happening(event, NOW - ago * MINUTE, f"{event} {ago}", {})
        worlds.send_events(ann.pk, [happened], now=NOW)
        assert not Membership.objects.exists()
        settle(now=NOW)

    assert Membership.objects.get().segment == segment


def test_the_last_step_that_is_to_come_is_looked_at_and_so_is_the_one_that_is_not(ann: Contact):
    settled(make_segment("left", one_after_the_other(VISIT, NO_PURCHASE)))

    send(ann, 1, event="Visit")
    assert looked_at() == {"left"}
    send(ann, 1)
    assert looked_at() == {"left"}


def test_the_greatest_is_told_by_single_events(ann: Contact):
    def greatest(operator: str, **parts: object) -> Json:
        measure = {"of": "maximum", "attribute": "amount"}
        condition = {"kind": "event", "event": "Purchase", "measure": measure, "operator": operator}
        return {"kind": "group", "match": "all", "children": [{**condition, **parts}]}

    make_segment("large", greatest("at_least", value=200))
    make_segment("small", greatest("at_most", value=200))
    make_segment("exactly", greatest("equals", value=200))
    make_segment("between", greatest("between", value={"from": 100, "to": 200}))
    settle(now=NOW)

    send(ann, 50)
    assert looked_at() == {"small"}
    send(ann, 150)
    assert looked_at() == {"small", "between"}
    send(ann, 200)
    assert looked_at() == {"large", "small", "exactly", "between"}
    send(ann, 200)
    settle(now=NOW)
    assert _segments_of(ann) == {"large", "small", "exactly", "between"}
    send(ann, 300)
    settle(now=NOW)
    assert _segments_of(ann) == {"large"}


def _segments_of(contact: Contact) -> set[str]:
    members = Membership.objects.filter(contact=contact)
    return set(members.values_list("segment__key", flat=True))
