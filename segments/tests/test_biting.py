"""Bites of a rebuild that are done by halves at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from segmentflow.database.yielding import Beside
from segments.engine import biting, lane
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Candidate, Membership, Rebuild
from segments.tests.made import GOLD, NOW, make_contact, make_field, make_segment

pytestmark = pytest.mark.django_db(transaction=True)


on_one_server = pytest.mark.plain_server(
    "a cluster has no halves: each machine has a part of every bite"
)


@pytest.fixture(autouse=True)
def _small_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(biting, "WORTH_HALVES", 2)


@pytest.fixture
def beside() -> Iterator[Beside]:
    with closing(Beside()) as own:
        yield own


def make_gold(number: int) -> set[int]:
    make_field("tier")
    contacts = [make_contact(str(one), attributes={"tier": "Gold"}) for one in range(number)]
    settle(now=NOW)
    return {contact.pk for contact in contacts}


def members() -> set[int]:
    return set(Membership.objects.values_list("contact_id", flat=True))


@on_one_server
def test_both_halves_are_in_the_segment(beside: Beside):
    gold = make_gold(5)
    make_segment(definition=GOLD)

    asked = []

    def both(here: Callable[[], None], there: Callable[[], None]) -> None:
        asked.append(True)
        beside.both(here, there)

    assert lane.advance_rebuilds(now=NOW, both=both)

    assert set(Candidate.objects.values_list("contact_id", flat=True)) == gold
    assert asked
    settle(now=NOW)
    assert members() == gold
    assert check(now=NOW) == []


class Crash(Exception):
    pass


def crash() -> None:
    raise Crash


@on_one_server
def test_a_half_that_was_stored_alone_is_no_hindrance_and_ends_right(beside: Beside):
    gold = make_gold(4)
    make_segment(definition=GOLD)

    def both(_here: Callable[[], None], there: Callable[[], None]) -> None:
        beside.both(lambda: None, there)
        crash()

    with pytest.raises(Crash):
        lane.advance_rebuilds(now=NOW, both=both)

    assert Rebuild.objects.get().last_contact_id == 0
    assert Candidate.objects.count() == 2
    assert lane.advance_rebuilds(now=NOW, both=beside.both)
    settle(now=NOW)
    assert members() == gold
    assert check(now=NOW) == []


@on_one_server
@pytest.mark.parametrize("fails", ["here", "there"])
def test_a_half_that_fails_fails_the_bite(beside: Beside, fails: str):
    make_gold(4)
    make_segment(definition=GOLD)

    def both(here: Callable[[], None], there: Callable[[], None]) -> None:
        halves = {"here": here, "there": there, fails: crash}
        beside.both(halves["here"], halves["there"])

    with pytest.raises(Crash):
        lane.advance_rebuilds(now=NOW, both=both)

    assert Rebuild.objects.get().last_contact_id == 0
    assert not Candidate.objects.exists()


def test_while_changes_wait_a_bite_has_one_process():
    make_gold(4)
    make_segment(definition=GOLD)
    make_contact("late", attributes={"tier": "Gold"})

    def both(_here: Callable[[], None], _there: Callable[[], None]) -> None:
        raise AssertionError("the other processor is needed elsewhere")

    assert lane.advance_rebuilds(now=NOW, both=both)
