"""On a cluster: what others do while a commit is seen on the coordinator and not yet on the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from django.db import connection

from contacts.erasure import erase_contacts
from contacts.merging import merge_contacts
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import UpsertResult, upsert_contacts
from events.models import Event
from events.rows import ContactRef, EventRow
from events.services import RecordResult, record_events
from segmentflow.citus.commits import wait_for_commits
from segments.engine.check import check
from segments.engine.refresh import follow_pending
from segments.engine.settle import settle
from segments.tests.made import make_field, make_segment
from tests import on_citus
from tests.slow_commits import Gate, gate_to_workers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOUGHT = {"kind": "group", "match": "all", "children": [{"kind": "event", "event": "Purchase"}]}
GOLD = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "tier", "operator": "equals", "value": "Gold"}],
}
Said = TypeVar("Said")
pytestmark = pytest.mark.django_db(transaction=True)
on_a_cluster = pytest.mark.skipif(not on_citus.WORKERS, reason="about a Citus cluster")


@pytest.fixture
def gate(transactional_db: None) -> Iterator[Gate]:
    with gate_to_workers() as gate:
        yield gate


@pytest.fixture
def people(gate: Gate) -> list[int]:
    """Twelve, on both workers, who have bought something."""
    ids = [contact_id for contact_id in named().contact_ids if contact_id is not None]
    bought(ids, "before")
    make_field("tier")
    for key, definition in (("buyers", BOUGHT), ("gold", GOLD)):
        make_segment(key, definition)
    settle(now=NOW)
    return ids


def named() -> UpsertResult:
    rows = [ContactRow(built_in={"external_id": f"u{number}"}) for number in range(12)]
    return upsert_contacts(rows=rows, now=NOW)


def bought(ids: list[int], message_id: str = "now") -> RecordResult:
    rows = [EventRow(ContactRef("id", one), "Purchase", NOW, message_id) for one in ids]
    return record_events(rows=rows, now=NOW)


def is_given(ids: list[int], **built_in: str) -> UpsertResult:
    rows = [ContactRow(id=one, built_in=built_in) for one in ids]
    return upsert_contacts(rows=rows, now=NOW)


def apart(work: Callable[[], Said]) -> Said:
    try:
        return work()
    finally:
        connection.close()


def while_it_commits(gate: Gate, first: Callable[[], object], second: Callable[[], Said]) -> Said:
    """What the second says that begins when the first has committed on the coordinator alone."""

    with ThreadPoolExecutor(2) as pool:
        with gate.shut():
            committing = pool.submit(apart, first)
            gate.wait_until_reached()
            beginning = pool.submit(apart, second)
            with pytest.raises(TimeoutError):
                beginning.result(0.5)
        committing.result(30)
        return beginning.result(30)


@on_a_cluster
def test_who_was_erased_gets_no_event(gate, people):
    said = while_it_commits(
        gate, lambda: erase_contacts(contact_ids=people), lambda: bought(people)
    )

    assert said.accepted == 0
    assert Event.objects.count() == 0


@on_a_cluster
def test_who_is_erased_leaves_no_event_behind(gate, people):
    while_it_commits(gate, lambda: bought(people), lambda: erase_contacts(contact_ids=people[3:4]))

    assert Event.objects.count() == 2 * 11
    assert not Event.objects.filter(contact_id=people[3]).exists()


@on_a_cluster
def test_who_is_merged_takes_all_events_along(gate, people):
    keep, lose = people[:2]
    while_it_commits(
        gate, lambda: bought(people), lambda: merge_contacts(keep=keep, lose=lose, now=NOW)
    )

    assert Event.objects.filter(contact_id=lose).count() == 0
    assert Event.objects.filter(message_id="now").count() == 11  # one has it twice
    assert follow_pending(now=NOW)
    assert check(now=NOW) == []


@on_a_cluster
def test_neither_of_two_changes_is_lost(gate, people):
    while_it_commits(
        gate,
        lambda: is_given(people, first_name="Ann"),
        lambda: is_given(people, city="Rome"),
    )

    assert set(Contact.objects.values_list("first_name", "city")) == {("Ann", "Rome")}


@on_a_cluster
def test_an_event_finds_who_has_just_been_made(gate):
    rows = [
        EventRow(ContactRef("external_id", f"u{number}"), "Purchase", NOW, "m")
        for number in range(12)
    ]

    said = while_it_commits(gate, named, lambda: record_events(rows=rows, now=NOW))

    assert (said.accepted, Contact.objects.count()) == (12, 12)


@on_a_cluster
def test_a_pass_sees_what_its_marks_tell_of(gate, people):
    rows = [ContactRow(id=one, attributes={"tier": "Gold"}) for one in people]
    while_it_commits(
        gate, lambda: upsert_contacts(rows=rows, now=NOW), lambda: follow_pending(now=NOW)
    )

    follow_pending(now=NOW)
    assert check(now=NOW) == []
    assert Contact.objects.filter(attributes__tier="Gold").count() == 12


@pytest.mark.plain_server("there is nobody to wait for")
def test_one_server_has_nothing_to_wait_for(django_assert_num_queries):
    with django_assert_num_queries(0):
        wait_for_commits()
