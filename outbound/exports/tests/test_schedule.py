"""When an export is due next, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from outbound.exports.schedule import Times, in_words, next_time

WARSAW = ZoneInfo("Europe/Warsaw")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KATHMANDU = ZoneInfo("Asia/Kathmandu")


def utc(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def following(times, after, zone, count):
    found = []
    for _ in range(count):
        after = next_time(times, after=after, zone=zone)
        found.append(after)
    return found


def test_a_daily_time_is_on_the_clock_of_the_workspace():
    daily = Times("daily", time(6, 0))

    assert next_time(daily, after=utc(2026, 11, 20, 4, 59), zone=WARSAW) == utc(2026, 11, 20, 5)
    assert next_time(daily, after=utc(2026, 11, 20, 5), zone=WARSAW) == utc(2026, 11, 21, 5)


def test_a_time_that_clocks_skip_is_when_they_are_put_forward():
    days = following(Times("daily", time(2, 30)), utc(2026, 3, 28, 0), WARSAW, 3)

    assert days == [utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1), utc(2026, 3, 30, 0, 30)]


def test_a_time_that_clocks_show_twice_comes_once():
    days = following(Times("daily", time(2, 30)), utc(2026, 10, 24, 12), WARSAW, 2)

    assert days == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]


@pytest.mark.parametrize("day", [utc(2026, 3, 29), utc(2026, 10, 25)])
def test_every_hour_that_passes_has_its_run_also_when_clocks_change(day):
    hours = following(Times("hourly", time(0, 15)), day, WARSAW, 6)

    assert [at - day for at in hours] == [timedelta(hours=n, minutes=15) for n in range(6)]


@pytest.mark.parametrize("zone", [LORD_HOWE, KATHMANDU])
def test_an_hourly_minute_is_the_one_on_the_local_clock(zone):
    hours = following(Times("hourly", time(0, 20)), utc(2026, 4, 4, 12), zone, 6)

    assert {at.astimezone(zone).minute for at in hours} == {20}
    assert all(timedelta(minutes=29) < b - a < timedelta(minutes=91) for a, b in pairwise(hours))


def test_a_weekly_one_comes_on_each_of_its_days():
    weekly = Times("weekly", time(6, 0), (1, 4))

    days = following(weekly, utc(2026, 11, 20, 12), WARSAW, 3)

    assert [at.astimezone(WARSAW).isoweekday() for at in days] == [1, 4, 1]
    assert in_words(weekly) == "Every Monday and Thursday at 06:00"


def test_what_runs_only_by_hand_is_never_due():
    assert next_time(Times("hand", time(6, 0)), after=utc(2026, 1, 1), zone=WARSAW) is None
