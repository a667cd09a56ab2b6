"""Times on contacts' clocks, and the hours in which nothing is sent, around changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.delivery.times import is_quiet, local_instant, next_allowed, zone_of
from campaigns.models import SendingRules

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = SendingRules(quiet_from=time(22), quiet_to=time(8))
PLACES = ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo"]


def utc(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ((2026, 7, 1, 9), "Europe/Berlin", utc(2026, 7, 1, 7)),
        # Skipped on 29 March between 2 and 3.
        ((2026, 3, 29, 2, 30), "Europe/Berlin", utc(2026, 3, 29, 1)),
        ((2026, 3, 29, 3), "Europe/Berlin", utc(2026, 3, 29, 1)),
        ((2026, 3, 29, 1, 59), "Europe/Berlin", utc(2026, 3, 29, 0, 59)),
        # Twice on 25 October.
        ((2026, 10, 25, 2, 30), "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
        ((2026, 10, 25, 3), "Europe/Berlin", utc(2026, 10, 25, 2)),
        # Lord Howe moves by half an hour.
        ((2026, 10, 4, 2, 10), "Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)),
        ((2026, 4, 5, 1, 45), "Australia/Lord_Howe", utc(2026, 4, 4, 14, 45)),
        ((2026, 7, 1, 9), "Asia/Kathmandu", utc(2026, 7, 1, 3, 15)),
        # Samoa had no 30 December in 2011.
        ((2011, 12, 30, 15), "Pacific/Apia", utc(2011, 12, 30, 10)),
    ],
)
def test_a_skipped_time_is_the_next_that_exists_and_of_two_the_first_counts(wall, zone, instant):
    assert local_instant(datetime(*wall), ZoneInfo(zone)) == instant  # noqa: DTZ001 - on a wall


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Asia/Kathmandu", "Asia/Kathmandu"),
        (" asia/KATHMANDU ", "Asia/Kathmandu"),
        ("", "Europe/Berlin"),
        ("Atlantis", "Europe/Berlin"),
        ("Ásia/Kathmandu", "Europe/Berlin"),
        ("../../etc/passwd", "Europe/Berlin"),
        ("\x00", "Europe/Berlin"),
    ],
)
def test_whose_zone_is_unknown_is_taken_to_be_where_the_workspace_is(text, name):
    assert zone_of(text, BERLIN).key == name


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (utc(2026, 7, 1, 12), utc(2026, 7, 1, 12)),
        (utc(2026, 7, 1, 20), utc(2026, 7, 2, 6)),
        (utc(2026, 7, 1, 22, 30), utc(2026, 7, 2, 6)),
        (utc(2026, 7, 2, 6), utc(2026, 7, 2, 6)),
        # The nights in which clocks change are an hour shorter and longer.
        (utc(2026, 3, 28, 21), utc(2026, 3, 29, 6)),
        (utc(2026, 10, 24, 20), utc(2026, 10, 25, 7)),
    ],
)
def test_what_falls_into_the_night_waits_for_the_morning(at, allowed):
    assert next_allowed(at=at, zone=BERLIN, rules=NIGHT) == allowed


def test_quiet_hours_may_lie_within_a_day():
    noon = SendingRules(quiet_from=time(12), quiet_to=time(14))

    allowed = next_allowed(at=utc(2026, 7, 1, 10, 30), zone=BERLIN, rules=noon)

    assert allowed == utc(2026, 7, 1, 12)


def test_quiet_hours_that_end_in_a_skipped_hour_end_when_clocks_change():
    early = SendingRules(quiet_from=time(22), quiet_to=time(2, 30))

    allowed = next_allowed(at=utc(2026, 3, 29, 0, 30), zone=BERLIN, rules=early)

    assert allowed == utc(2026, 3, 29, 1)


def test_quiet_hours_that_end_in_an_hour_shown_twice_are_quiet_both_times():
    early = SendingRules(quiet_from=time(22), quiet_to=time(2, 30))

    first = next_allowed(at=utc(2026, 10, 25, 0, 10), zone=BERLIN, rules=early)
    second = next_allowed(at=utc(2026, 10, 25, 1, 10), zone=BERLIN, rules=early)

    assert first == utc(2026, 10, 25, 0, 30)
    assert second == utc(2026, 10, 25, 1, 30)


def test_a_night_whose_morning_was_skipped_goes_on_to_the_next_one():
    allowed = next_allowed(at=utc(2011, 12, 30, 9), zone=ZoneInfo("Pacific/Apia"), rules=NIGHT)

    assert allowed == datetime(2011, 12, 31, 8, tzinfo=ZoneInfo("Pacific/Apia"))


@pytest.mark.parametrize(
    "rules", [SendingRules(), SendingRules(quiet_from=time(9), quiet_to=time(9))]
)
def test_without_quiet_hours_every_time_is_allowed(rules):
    at = utc(2026, 7, 1, 7)

    assert next_allowed(at=at, zone=BERLIN, rules=rules) == at


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
CHANGES = [
    utc(2026, 3, 29),
    utc(2026, 10, 25),
    utc(2026, 4, 4),
    utc(2026, 10, 3),
    utc(2011, 12, 30),
]


@given(
    change=st.sampled_from(CHANGES),
    minutes=st.integers(-3000, 3000),
    place=st.sampled_from(PLACES),
    begin=MINUTES,
    end=MINUTES,
)
def test_what_is_allowed_is_never_earlier_nor_quiet_nor_much_later(
    change, minutes, place, begin, end
):
    at, zone = change + timedelta(minutes=minutes), ZoneInfo(place)
    rules = SendingRules(quiet_from=begin, quiet_to=end)

    allowed = next_allowed(at=at, zone=zone, rules=rules)

    assert at <= allowed <= at + timedelta(hours=25)
    assert not is_quiet(allowed.astimezone(zone).time(), rules)
    assert allowed == at or is_quiet(at.astimezone(zone).time(), rules)
