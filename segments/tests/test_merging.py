"""Two contacts become one: their events, lists and segments, also with everybody at it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.merging import foretold, merge_contacts
from contacts.models import Contact, Identity, PendingMark
from contacts.problems import Conflict
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.filling import advance_filling
from events.models import Event, EventType
from events.registry import update_event_type
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.models import TallySubject
from segmentflow.tallies import total
from segments.engine.check import check
from segments.engine.members import add_members, remove_members
from segments.engine.settle import settle
from segments.models import Membership, Segment, Transition
from segments.tests.made import NOW, make_segment

BUYERS = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "event", "event": "Purchase", "operator": "at_least", "value": 3}],
}
IDLE = {"kind": "group", "match": "none", "children": BUYERS["children"]}
LISTED = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "segment", "segment": "list", "member": True}],
}


def person(external_id: str, **values: str) -> Contact:
    row = ContactRow(built_in={"external_id": external_id, **values})
    upsert_contacts(rows=[row], now=NOW)
    return Contact.objects.get(external_id=external_id)


def purchases(external_id: str, *message_ids: str, amount: int = 1) -> None:
    rows = [
        EventRow(ContactRef("external_id", external_id), "Purchase", NOW, one, {"amount": amount})
        for one in message_ids
    ]
    record_events(rows=rows, now=NOW)


def merge(keep: Contact, lose: Contact) -> None:
    merge_contacts(keep=keep.pk, lose=lose.pk, now=NOW)


def members(key: str) -> set[int]:
    return set(Membership.objects.filter(segment__key=key).values_list("contact_id", flat=True))


@pytest.mark.django_db
def test_the_events_of_both_are_the_kept_contacts_and_segments_follow():
    EventType.objects.create(key="Purchase")
    buyers, idle = make_segment("buyers", BUYERS), make_segment("idle", IDLE)
    keep, lose = person("u1"), person("u2")
    purchases("u1", "a", "b")
    purchases("u2", "c", "d")
    settle(now=NOW)
    assert (members("buyers"), members("idle")) == (set(), {keep.pk, lose.pk})

    merge(keep, lose)
    settle(now=NOW)

    assert set(Event.objects.values_list("contact_id", "message_id")) == {
        (keep.pk, one) for one in "abcd"
    }
    assert (members("buyers"), members("idle")) == ({keep.pk}, set())
    assert check(now=NOW) == []
    for segment in (buyers, idle):
        segment.refresh_from_db()
        assert segment.member_count == len(members(segment.key))
    assert not Transition.objects.filter(contact_id=lose.pk).exists()


@pytest.mark.django_db
def test_a_message_that_both_have_is_stored_once_as_the_kept_contact_has_it():
    keep, lose = person("u1"), person("u2")
    purchases("u1", "a", "b", amount=1)
    purchases("u2", "b", "c", amount=2)

    assert foretold(keep=keep.pk, lose=lose.pk)[:2] == [
        "1 event will be moved.",
        "1 event that both have will be there once.",
    ]

    merge(keep, lose)

    stored = dict(Event.objects.values_list("message_id", "attributes__amount"))
    assert stored == {"a": 1, "b": 1, "c": 2}
    assert total(TallySubject.EVENTS, EventType.objects.get().pk) == 3


@pytest.mark.django_db
def test_events_that_move_while_values_are_filled_get_theirs():
    keep, lose = person("u1"), person("u2")
    purchases("u2", "a", amount=7)
    type_ = EventType.objects.get()
    update_event_type(event_type=type_, raw={"value_attribute": "amount"}, now=NOW)

    merge(keep, lose)

    assert Event.objects.get().value == 7
    while advance_filling():
        pass
    assert Event.objects.get().value == 7


@pytest.mark.django_db
def test_the_kept_contact_gets_onto_the_lists_of_the_other_with_their_history():
    list_ = make_segment("list", kind="static")
    other = make_segment("other", kind="static")
    make_segment("listed", LISTED)
    keep, lose = person("u1"), person("u2")
    settle(now=NOW)
    before, later = NOW - timedelta(days=2), NOW - timedelta(days=1)
    add_members(segment=list_, contact_ids=[keep.pk, lose.pk], now=before)
    remove_members(segment=list_, contact_ids=[keep.pk], now=later)
    add_members(segment=other, contact_ids=[keep.pk, lose.pk], now=later)
    settle(now=NOW)

    assert "The kept contact gets onto “List”." in foretold(keep=keep.pk, lose=lose.pk)

    merge(keep, lose)
    settle(now=NOW)

    assert members("list") == members("other") == members("listed") == {keep.pk}
    assert Membership.objects.get(segment=list_).entered_at == before
    assert Transition.objects.get(segment=list_).at == before
    assert set(Segment.objects.values_list("member_count", flat=True)) == {1}
    for segment in (list_, other):
        assert total(TallySubject.ENTERED, segment.pk) == 1
        assert total(TallySubject.LEFT, segment.pk) == 0


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    sent=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from("abcdef"), st.integers(0, 2)), max_size=25
    ),
    merges=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=5),
    data=st.data(),
)
def test_after_any_merges_all_is_as_if_the_kept_contact_had_done_it_itself(sent, merges, data):
    clear()
    EventType.objects.get_or_create(key="Purchase")
    make_segment("buyers", BUYERS)
    make_segment("idle", IDLE)
    people = {n: person(f"u{n}") for n in range(5)}
    is_now = {n: n for n in people}
    expected: dict[int, set[str]] = {n: set() for n in people}
    waiting = list(merges)
    for number, message_id, settles in sent:
        purchases(f"u{number}", message_id)
        expected[is_now[number]].add(message_id)
        if settles == 0:
            settle(now=NOW)
        if waiting and data.draw(st.booleans()):
            unite(waiting.pop(), people, is_now, expected)
    while waiting:
        unite(waiting.pop(), people, is_now, expected)
    settle(now=NOW)

    alive = set(is_now.values())
    stored: dict[int, set[str]] = {n: set() for n in alive}
    numbers = {people[n].pk: n for n in people}
    for contact_id, message_id in Event.objects.values_list("contact_id", "message_id"):
        stored[numbers[contact_id]].add(message_id)
    assert stored == {n: expected[n] for n in alive}
    buyers = {people[n].pk for n in alive if len(expected[n]) >= 3}
    assert members("buyers") == buyers
    assert members("idle") == {people[n].pk for n in alive} - buyers
    assert check(now=NOW) == []


def unite(pair, people, is_now, expected):
    keep, lose = (is_now[n] for n in pair)
    if keep == lose:
        return
    merge(people[keep], people[lose])
    expected[keep] |= expected.pop(lose)
    is_now.update({n: keep for n, at in is_now.items() if at == lose})


def clear() -> None:
    """Hypothesis runs many examples in one test."""
    for model in (Event, Membership, Transition, PendingMark, Identity, Contact):
        model.objects.all().delete()
    for segment in Segment.objects.all():
        segment.delete()


def at_once(works):
    def run(work):
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, works))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_while_contacts_merge_and_events_arrive_for_either(seed):
    EventType.objects.create(key="Purchase")
    make_segment("buyers", BUYERS)
    make_segment("idle", IDLE)
    people = [person(f"u{n}") for n in range(8)]
    settle(now=NOW)

    def unite(one: int, other: int) -> bool:
        try:
            merge(people[one], people[other])
        except Conflict:
            return False
        return True

    def send(number: int) -> None:
        rows = [
            EventRow(ContactRef("external_id", f"u{n}"), "Purchase", NOW, f"m{number}-{n}", {})
            for n in range(8)
        ]
        record_events(rows=rows, now=NOW)

    def change(number: int) -> None:
        rows = [
            ContactRow(built_in={"external_id": f"u{n}", "city": f"{number}"}) for n in range(8)
        ]
        result = upsert_contacts(rows=rows, now=NOW)
        assert not result.errors

    pairs = [(a, b) for a in range(8) for b in range(8) if a != b and a // 2 == b // 2]
    works: list[Any] = [partial(unite, *pair) for pair in pairs * 2]
    works += [partial(send, number) for number in range(20)]
    works += [partial(change, number) for number in range(6)]
    works += [partial(settle, now=NOW) for _ in range(4)]
    Random(seed).shuffle(works)  # noqa: S311

    results = at_once(works)

    assert results.count(True) == 4
    alive = set(Contact.objects.values_list("pk", flat=True))
    assert len(alive) == 4
    assert Event.objects.count() == 160
    assert set(Event.objects.values_list("contact_id", flat=True)) == alive
    owners = dict(Identity.objects.values_list("value", "contact_id"))
    assert len(owners) == 8
    assert all(owners[f"u{n}"] == owners[f"u{n + 1}"] for n in range(0, 8, 2))
    settle(now=NOW)
    assert members("buyers") == alive
    assert check(now=NOW) == []
    assert not PendingMark.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_merges_of_the_same_two_contacts_the_other_way_round_keep_one_of_them():
    for _ in range(5):
        one, other = person("u1"), person("u2")

        def unite(keep, lose):
            try:
                merge(keep, lose)
            except Conflict:
                return False
            return True

        results = at_once([partial(unite, one, other), partial(unite, other, one)])

        assert sorted(results) == [False, True]
        kept = Contact.objects.get()
        assert set(Identity.objects.values_list("value", "contact_id")) == {
            ("u1", kept.pk),
            ("u2", kept.pk),
        }
        kept.delete()
