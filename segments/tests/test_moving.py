"""Moving boundaries against the plain definition: shift the clock, and look."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segments.conditions import calendar
from segments.conditions.moving import MICROSECOND, Moving, moving_day, moving_instant
from segments.conditions.nodes import Duration, Unit

ZONES = [
    "UTC",
    "Europe/Warsaw",
    "America/New_York",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Sao_Paulo",
]
zones = st.sampled_from([ZoneInfo(key) for key in ZONES])
durations = st.builds(
    Duration,
    st.sampled_from([1, 2, 3, 6, 12, 13, 30, 90]),
    st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR]),
)
signs = st.sampled_from([-1, 1])
fractions = st.lists(st.floats(0, 1), min_size=20, max_size=20)


@st.composite
def instants(draw, zone: ZoneInfo) -> datetime:
    """Ordinary ones, month ends, and those around a change of the clock."""
    year = draw(st.sampled_from([2011, 2018, 2024, 2026, 2027, 2028]))
    near = calendar.transitions(zone, year)
    if near and draw(st.booleans()):
        return draw(st.sampled_from(near))[0] + timedelta(minutes=draw(st.integers(-200, 200)))
    month = datetime(year, draw(st.integers(1, 12)), 1, tzinfo=UTC)
    day = timedelta(days=draw(st.sampled_from([0, 26, 27, 28, 29, 30, 31])))
    second = timedelta(seconds=draw(st.integers(0, 86_399)))
    return month + day + second + draw(st.sampled_from([0, 1, 999_999])) * MICROSECOND


def first_pass(boundary: Moving, time, tick):
    """What `Moving` promises about the first x with c(x) > time."""
    if boundary.horizon is None:
        return time + boundary.shifts[0] + tick
    piece = bisect_right(boundary.passes, time)
    if piece == len(boundary.starts):
        return boundary.horizon
    return max(boundary.starts[piece], time + boundary.shifts[piece] + tick)


def first_return(boundary: Moving, time):
    """What `Moving` promises about the first x with c(x) <= time; None is never."""
    return next((start for value, start in boundary.returns if time >= value), None)


@settings(max_examples=400)
@given(st.data())
def test_a_boundary_passes_a_time_when_moving_says(data):
    zone, duration, sign = data.draw(zones), data.draw(durations), data.draw(signs)
    now = data.draw(instants(zone))
    boundary = moving_instant(now, duration, sign, zone)
    time = boundary.value + timedelta(seconds=data.draw(st.integers(0, 86_400 * 40)))

    passed = first_pass(boundary, time, MICROSECOND)

    assert passed > now
    before = [now + (passed - MICROSECOND - now) * part for part in data.draw(fractions)]
    for moment in [*before, passed - MICROSECOND]:
        assert calendar.shift(moment, duration, sign, zone) <= time
    if boundary.horizon is None or passed < boundary.horizon:
        assert calendar.shift(passed, duration, sign, zone) > time


@settings(max_examples=400)
@given(st.data())
def test_a_time_that_was_passed_returns_only_when_moving_says(data):
    zone, duration, sign = data.draw(zones), data.draw(durations), data.draw(signs)
    now = data.draw(instants(zone))
    boundary = moving_instant(now, duration, sign, zone)
    time = boundary.value - timedelta(seconds=data.draw(st.integers(1, 86_400 * 5)))

    returned = first_return(boundary, time)

    end = returned or now + timedelta(days=60)
    for part in data.draw(fractions):
        moment = now + (end - MICROSECOND - now) * part
        assert calendar.shift(moment, duration, sign, zone) > time
    if returned:
        assert calendar.shift(returned, duration, sign, zone) <= time


@settings(max_examples=300)
@given(
    st.dates(date(2023, 1, 1), date(2029, 1, 1)), durations, signs, st.integers(-5, 40), fractions
)
def test_days_pass_and_return_when_moving_says(today, duration, sign, distance, parts):
    boundary = moving_day(today, duration, sign)
    day = boundary.value + timedelta(days=distance)
    tick = timedelta(days=1)

    if distance >= 0:
        change = first_pass(boundary, day, tick)
    else:
        change = first_return(boundary, day) or today + timedelta(days=60)

    assume(change > today)
    for part in parts:
        looked = today + timedelta(days=int(((change - today).days - 1) * part))
        assert (calendar.shift_day(looked, duration, sign) <= day) == (distance >= 0)


@pytest.mark.parametrize(
    ("now", "duration", "expected"),
    [
        ("2026-03-31T10:00", Duration(1, Unit.MONTH), "2026-02-28T10:00"),
        ("2028-03-31T10:00", Duration(1, Unit.MONTH), "2028-02-29T10:00"),
        ("2028-02-29T10:00", Duration(1, Unit.YEAR), "2027-02-28T10:00"),
        # 02:30 did not exist on 29 March: read in standard time.
        ("2026-04-05T02:30", Duration(1, Unit.WEEK), "2026-03-29T03:30"),
        ("2026-03-30T12:00", Duration(1, Unit.DAY), "2026-03-29T12:00"),
        # 24 hours are 24 hours, whatever the wall clock says.
        ("2026-03-30T00:30", Duration(24, Unit.HOUR), "2026-03-28T23:30"),
    ],
)
def test_shifting_back_keeps_the_wall_clock(now, duration, expected):
    zone = ZoneInfo("Europe/Warsaw")
    instant = calendar.instant_of(datetime.fromisoformat(now), zone)

    shifted = calendar.shift(instant, duration, -1, zone)

    assert calendar.local_time(shifted, zone) == datetime.fromisoformat(expected)


def test_a_day_whose_midnight_is_repeated_begins_with_the_earlier_one():
    havana = ZoneInfo("America/Havana")

    first = calendar.first_instant(date(2026, 11, 1), havana)

    assert calendar.local_day(first, havana) == date(2026, 11, 1)
    assert calendar.local_day(first - MICROSECOND, havana) == date(2026, 10, 31)


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_has_changed():
    havana = ZoneInfo("America/Havana")

    first = calendar.first_instant(date(2026, 3, 8), havana)

    assert calendar.local_time(first, havana) == datetime(2026, 3, 8, 1)  # noqa: DTZ001 (a wall clock)


def test_a_leap_day_beyond_the_horizon_is_not_left_out():
    """Three years before June 2029 is 1,096 days, three years before November 2031 is 1,095."""
    now, utc = datetime(2029, 6, 29, 14, tzinfo=UTC), ZoneInfo("UTC")
    happened = datetime(2028, 11, 25, 6, tzinfo=UTC)

    boundary = moving_instant(now, Duration(3, Unit.YEAR), -1, utc)

    assert first_pass(boundary, happened, MICROSECOND) <= datetime(2031, 11, 25, 6, tzinfo=UTC)


@settings(max_examples=400)
@given(st.data())
def test_a_boundary_that_is_steady_goes_on_with_the_clock(data):
    zone, duration, sign = data.draw(zones), data.draw(durations), data.draw(signs)
    now = data.draw(instants(zone))
    boundary = moving_instant(now, duration, sign, zone)
    end = boundary.steady_until or now + timedelta(days=400)
    assume(end > now)

    for part in [0.0, *data.draw(fractions), 1.0]:
        later = min(now + (end - now) * part, end - MICROSECOND)
        anew = moving_instant(later, duration, sign, zone)
        assert anew.value == later - boundary.shifts[0]
        assert anew.returns[: len(boundary.returns)] == boundary.returns
        beyond = [start for _, start in anew.returns[len(boundary.returns) :]]
        assert all(boundary.horizon and start >= boundary.horizon for start in beyond)
        assert anew.passes[: len(boundary.passes) - 1] == boundary.passes[:-1]
