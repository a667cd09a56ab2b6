"""How far back definitions look, in months that have to be kept."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentflow.months import kept_from
from segments.conditions.calendar import shift
from segments.conditions.nodes import Duration, Last, Unit
from segments.conditions.reach import Reach, months_of, reach
from segments.tests.language import EVERYONE, event, field, last, occurrence, parsed, sequence, span
from tests.random_times import ZONES


def reach_of(*children: object) -> Reach:
    return reach(parsed(*children), lambda key: None)


@pytest.mark.parametrize(
    ("window", "months"),
    [
        (None, None),
        (last(6, "month"), 6),
        (last(2, "year"), 24),
        (last(28, "day"), 1),
        (last(29, "day"), 2),
        (last(365, "day"), 12),
        (last(366, "day"), 13),
        (last(1, "minute"), 1),
        (last(60, "hour"), 1),
        ({"kind": "before_ago", **span(1, "month")}, None),
        ({"kind": "after", "at": "2026-01-01"}, None),
        ({"kind": "period", "period": "last_month"}, 2),
        ({"kind": "period", "period": "this_week"}, 1),
        ({"kind": "period", "period": "last_year"}, 24),
    ],
)
def test_a_window_says_how_many_months_have_to_be_kept(window, months):
    more = {} if window is None else {"window": window}

    assert reach_of(event(operator="at_least", value=1, **more)) == {"Purchase": months}


def test_the_longest_of_several_counts_and_for_ever_is_the_longest():
    short, long = (
        event(operator="at_least", value=1, window=last(months, "month")) for months in (2, 5)
    )

    assert reach_of(short, long, EVERYONE) == {"Purchase": 5}
    assert reach_of(short, occurrence(), long) == {"Purchase": None}


def test_later_steps_of_a_sequence_come_after_its_window_began():
    steps = [{"event": "Purchase"}, {"event": "Refund"}]

    assert reach_of(sequence(*steps, window=last(3, "month"))) == {
        "Purchase": 3,
        "Refund": 3,
    }


def test_what_looks_at_no_event_needs_none():
    assert reach_of(field("tier", "equals", "Gold")) == {}


@given(
    amount=st.integers(1, 400),
    unit=st.sampled_from(list(Unit)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    now=st.datetimes(datetime(2011, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - naive is what it takes
)
def test_what_a_window_looks_at_is_always_kept(amount, unit, zone, now):
    at, duration = (
        now.replace(tzinfo=UTC),
        Duration(amount if unit not in (Unit.YEAR, Unit.MONTH) else min(amount, 20), unit),
    )
    months = months_of(Last(duration))

    assert months is not None
    assert kept_from(months, now=at, zone=zone) <= shift(at, duration, -1, zone)
