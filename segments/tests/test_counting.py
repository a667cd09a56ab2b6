"""How many contacts a definition matches: exactly and about, at each node, and given up."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from contacts.models import Contact, FieldTypes
from events.models import EventType
from segmentflow.limits import within as limited
from segmentflow.models import TallySubject
from segmentflow.tallies import add
from segments.catalog import current_catalog
from segments.conditions.nodes import Group
from segments.conditions.parse import parse
from segments.engine.counting import (
    Counted,
    NodeCount,
    TooSlow,
    count_all,
    count_exactly,
    count_quickly,
)
from segments.engine.moves import Moves, moves
from segments.engine.sampling import Everybody, everybody, sample_ids, scaled
from segments.tests.made import NOW, make_contact, make_field, make_segment, settled

pytestmark = pytest.mark.django_db

EVERYONE = {"kind": "everyone"}


def score(least: int) -> dict[str, Any]:
    return {"kind": "field", "field": "score", "operator": "at_least", "value": least}


def group_of(match: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "group", "match": match, "children": list(children)}


def parsed(match: str, *children: dict[str, Any]) -> Group:
    return parse(group_of(match, *children), current_catalog())


def numbers(counted: Counted) -> list[tuple[int, int]]:
    return [(node.alone, node.reaching) for node in counted.nodes]


@pytest.fixture
def ten() -> list[int]:
    """Contacts with the scores 1 to 10."""
    make_field("score", FieldTypes.NUMBER)
    return [make_contact(f"c{n}", attributes={"score": n}).pk for n in range(1, 11)]


@pytest.fixture
def many() -> int:
    """More contacts than are looked at for an estimate; a quarter of them scores."""
    make_field("score", FieldTypes.NUMBER)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_contact (attributes)
            SELECT jsonb_build_object('score', n % 4 / 3) FROM generate_series(1, 10000) AS n
            """
        )
    return 10_000


def test_all_lets_through_fewer_with_each_child(ten):
    found = count_all(parsed("all", score(3), score(6), score(2)), now=NOW)

    assert (found.count, found.total, found.is_exact) == (5, 10, True)
    assert numbers(found) == [(5, 5), (8, 8), (5, 5), (9, 5)]
    assert found.nodes[1] == NodeCount("children[0]", 8, 8)


def test_any_lets_through_more_with_each_child(ten):
    found = count_all(parsed("any", score(9), score(6), score(8)), now=NOW)

    assert numbers(found) == [(5, 5), (2, 2), (5, 5), (3, 5)]


def test_none_lets_through_those_of_whom_nothing_is_true(ten):
    found = count_all(parsed("none", score(9), score(6)), now=NOW)

    assert numbers(found) == [(5, 5), (2, 8), (5, 5)]


def test_a_group_in_a_group_counts_its_children_for_itself(ten):
    inner = group_of("none", score(8), score(10))

    found = count_all(parsed("all", score(5), inner), now=NOW)

    assert [node.path for node in found.nodes] == [
        "",
        "children[0]",
        "children[1]",
        "children[1].children[0]",
        "children[1].children[1]",
    ]
    assert numbers(found) == [(3, 3), (6, 6), (7, 3), (3, 7), (1, 7)]


def test_the_first_few_are_named(ten):
    assert count_all(parsed("all", score(3)), now=NOW).sample == ten[2:7]
    assert count_all(parsed("all", score(9)), now=NOW, sample=1).sample == ten[8:9]
    assert count_all(parsed("all", score(9)), now=NOW, sample=0).sample == []


def test_the_same_condition_twice_counts_twice(ten):
    found = count_all(parsed("all", score(3), score(3)), now=NOW)

    assert numbers(found) == [(8, 8)] * 3


def test_without_contacts_everything_is_nought(db):
    found = count_quickly(parsed("all", EVERYONE), now=NOW)

    assert (found.count, found.total, found.is_exact, found.sample) == (0, 0, True, [])


def test_few_contacts_are_counted_exactly_at_once(ten):
    found = count_quickly(parsed("all", score(3)), now=NOW)

    assert found == count_all(parsed("all", score(3)), now=NOW)


def test_many_contacts_are_counted_exactly_when_that_is_quick(many):
    found = count_quickly(parsed("all", score(1)), now=NOW, limit_ms=20_000)

    assert (found.count, found.total, found.is_exact) == (2_500, many, True)


def test_an_estimate_is_near_and_says_that_it_is_one(many):
    found = count_quickly(parsed("all", score(1), score(2)), now=NOW, limit_ms=0)

    assert not found.is_exact
    assert found.total == many
    assert abs(found.nodes[1].alone - 2_500) <= 500
    assert found.nodes[1].alone % 100 == 0
    assert found.count == found.nodes[2].reaching == 0
    assert found.sample == []


def test_an_estimate_is_the_same_every_time(many):
    group = parsed("all", score(1))

    first = count_quickly(group, now=NOW, limit_ms=0)

    assert count_quickly(group, now=NOW, limit_ms=0) == first
    assert len(first.sample) == 5


def test_an_estimate_knows_how_many_contacts_pages_show(many):
    add(TallySubject.CONTACTS, 0, {NOW: 12_345})

    found = count_quickly(parsed("all", EVERYONE), now=NOW, limit_ms=0)

    assert (found.count, found.total) == (12_345, 12_345)


def test_what_takes_too_long_is_estimated(many):
    found = count_quickly(parsed("all", *[score(n) for n in range(40)]), now=NOW, limit_ms=1)

    assert not found.is_exact


def test_a_limit_is_gone_afterwards(ten):
    with transaction.atomic():
        count_quickly(parsed("all", score(1)), now=NOW, limit_ms=7)
        with pytest.raises(TooSlow), limited(20), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)


def test_a_long_definition_is_no_problem(ten):
    inner = [group_of("any", *[score(n % 12) for n in range(50)]) for _ in range(9)]

    found = count_quickly(parsed("all", *inner), now=NOW, limit_ms=30_000)

    assert found.count == 10
    assert len(found.nodes) == 1 + 9 * 51


BUSY = """
    INSERT INTO events_event (contact_id, type_id, message_id, occurred_at)
    SELECT %(contact)s, %(type)s, %(type)s || '-' || n, %(now)s - n * interval '7 minutes'
    FROM generate_series(1, 20000) AS n"""


@pytest.mark.parametrize(
    "window", [{"kind": "ever"}, {"kind": "last", "amount": 1, "unit": "year"}]
)
@pytest.mark.parametrize("within", [{}, {"within": {"amount": 3, "unit": "day"}}])
def test_a_very_busy_contact_delays_nobody(window, within):
    """Its events are not compared each with each."""
    contact = make_contact()
    for key in ("Visit", "Purchase"):
        values: dict[str, Any] = {
            "contact": contact.pk,
            "type": EventType.objects.create(key=key).pk,
            "now": NOW,
        }
        with connection.cursor() as cursor:
            cursor.execute(BUSY, values)
    steps = [{"event": "Visit"}, {"event": "Purchase", **within}]
    group = parsed("all", {"kind": "sequence", "window": window, "steps": steps})

    with limited(5_000):
        assert count_all(group, now=NOW).count == 1


# The contacts that stand for all.


@pytest.mark.parametrize(
    ("found", "seen", "total", "about"),
    [
        (0, 1_562, 100_000, 0),
        (1, 1_562, 100_000, 64),
        (123, 1_562, 100_000, 7_900),
        (781, 1_562, 100_000, 50_000),
        (1_562, 1_562, 98_765, 98_765),
        (1_561, 1_562, 98_765, 98_765),
        (3, 8, 8, 3),
        (0, 0, 8, 0),
    ],
)
def test_an_estimate_has_two_digits(found: int, seen: int, total: int, about: int):
    assert scaled(found, seen=seen, total=total) == about


@pytest.mark.parametrize("total", [5_000, 100_000, 3_000_000, 100_000_000])
def test_a_sample_is_as_large_as_it_should_be(total: int):
    ids = sample_ids(Everybody(total, 1, total), 2_000)

    assert 1_300 <= len(ids) <= 2_900
    assert ids == sorted(set(ids))
    assert ids[1] >= 1
    assert ids[-2] <= total


def test_a_sample_takes_contacts_of_every_sort():
    """Every second, third, … contact may be of a sort."""
    ids = sample_ids(Everybody(100_000, 1, 100_000), 2_000)

    for every in (2, 3, 7, 10, 64):
        share = sum(number % every == 0 for number in ids) / len(ids)
        assert abs(share - 1 / every) < 0.05


def test_a_sample_stays_when_contacts_come():
    before = sample_ids(Everybody(100_000, 1, 100_000), 2_000)
    after = sample_ids(Everybody(110_000, 1, 110_000), 2_000)

    assert after[: len(before) - 1] == before[:-1]


def test_contacts_far_apart_are_found():
    ids = sample_ids(Everybody(10_000, 1, 10_000_000_000), 2_000)

    assert len(ids) <= 100_001


def test_those_who_are_gone_do_not_count(many):
    Contact.objects.filter(pk__lt=everybody().first + 9_000).delete()

    found = count_quickly(parsed("all", EVERYONE), now=NOW, limit_ms=0)

    assert (found.count, found.total) == (1_000, 1_000)


# Before publishing: who enters, who leaves.


def test_moves_compare_with_the_stored_members(ten):
    segment = settled(make_segment(definition=group_of("all", score(6))))

    assert moves(parsed("all", score(9)), segment=segment, now=NOW) == Moves(0, 3, 2, is_exact=True)
    assert moves(parsed("none", score(8)), segment=segment, now=NOW) == Moves(
        5, 3, 2, is_exact=True
    )
    assert moves(parsed("all", EVERYONE), segment=segment, now=NOW) == Moves(5, 0, 5, is_exact=True)


def test_moves_into_a_new_segment_all_enter(ten):
    segment = make_segment(definition=None)

    assert moves(parsed("all", score(9)), segment=segment, now=NOW) == Moves(2, 0, 0, is_exact=True)


def test_moves_are_estimated_when_there_is_no_time(many):
    segment = settled(make_segment(definition=group_of("all", score(1))))

    found = moves(parsed("none", score(1)), segment=segment, now=NOW, limit_ms=0)

    assert not found.is_exact
    assert (found.entering % 100, found.staying) == (0, 0)
    assert abs(found.leaving - 2_500) <= 500


# Counts on a connection of their own: test_cancelling.py has the rest.


@pytest.mark.django_db(transaction=True)
def test_an_exact_count_sees_what_is_stored(ten):
    group = parsed("all", score(3))

    assert count_exactly(group, now=NOW, token="1-1") == count_all(group, now=NOW)
