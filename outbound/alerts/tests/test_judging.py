"""When somebody is told, by the side of a bound that a segment is on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outbound.alerts.judging import Facts, Side, judged
from segments.tests.made import NOW

HOUR = timedelta(hours=1)


def told(kind, number, *looks):
    """At which of the looks somebody is told; each is (hours, size, before)."""
    side, found = Side(), []
    for hours, size, before in looks:
        now = NOW + hours * HOUR
        facts = Facts(size, before, is_new=False)
        side, is_told = judged(kind=kind, number=number, facts=facts, side=side, now=now)
        if is_told:
            found.append(hours)
    return found


def test_what_was_so_from_the_beginning_is_no_news():
    assert told("empty", 0, (0, 0, 5), (1, 0, 5), (100, 0, 0)) == []


def test_each_crossing_is_told_once():
    looks = [(0, 5, 5), (1, 0, 5), (2, 0, 5), (50, 0, 0), (51, 3, 0), (52, 0, 3)]

    assert told("empty", 0, *looks) == [1, 52]


def test_a_segment_that_crosses_every_minute_is_told_of_once_an_hour():
    minutes = [(n / 60, n % 2, 5) for n in range(1, 180)]

    assert len(told("empty", 0, *minutes)) == 3


def test_a_change_counts_in_both_directions_and_only_beyond_the_bound():
    assert told("change", 10, (0, 100, 100), (1, 110, 100)) == []
    assert told("change", 10, (0, 100, 100), (1, 111, 100)) == [1]
    assert told("change", 10, (0, 100, 100), (1, 89, 100)) == [1]


def test_a_change_has_to_go_back_well_below_the_bound():
    looks = [(0, 100, 100), (1, 112, 100), (3, 109, 100), (5, 112, 100)]
    assert told("change", 10, *looks) == [1]

    looks[2] = (3, 108, 100)
    assert told("change", 10, *looks) == [1, 5]


def test_a_change_that_goes_on_is_told_again_after_a_day():
    days = [(0, 100, 100), *((1 + n, 120, 100) for n in range(50))]

    assert told("change", 10, *days) == [1, 25, 49]


def test_growing_from_nothing_is_a_change_but_not_of_a_new_segment():
    assert told("change", 10, (0, 0, 0), (1, 3, 0)) == [1]
    new = Facts(3, 0, is_new=True)
    side = Side(is_over=False)
    assert judged(kind="change", number=10, facts=new, side=side, now=NOW) == (side, False)


@pytest.mark.parametrize(
    ("kind", "size", "is_told"),
    [("below", 9, True), ("below", 10, False), ("above", 11, True), ("above", 10, False)],
)
def test_a_number_of_members_is_crossed(kind, size, is_told):
    assert told(kind, 10, (0, 10, 10), (1, size, 10)) == [1] * is_told
