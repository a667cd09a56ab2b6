"""Size over time, from who entered and left."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from contacts.models import Contact
from segmentflow.clock import current_time
from segmentflow.models import TallySubject
from segmentflow.tallies import add, roll_up
from segments.history import (
    Day,
    Hour,
    history,
    hourly,
    hours_between,
    hours_of_days,
    size_changes,
    weekly,
)
from segments.models import Segment, Transition

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
ENTERED, LEFT = TallySubject.ENTERED, TallySubject.LEFT


@pytest.fixture(autouse=True)
def in_utc(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def segment():
    return Segment.objects.create(key="vips", name="Vips")


def move(segment, *, entered, at):
    contact = Contact.objects.create()
    Transition.objects.create(contact=contact, segment=segment, entered=entered, at=at, cause={})
    add(TallySubject.ENTERED if entered else TallySubject.LEFT, segment.pk, {at: 1})


def at(day, hour=12):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_every_day_has_a_row_also_when_nobody_moved(segment):
    move(segment, entered=True, at=at(MONDAY))
    move(segment, entered=True, at=at(MONDAY + timedelta(days=2)))
    move(segment, entered=False, at=at(MONDAY + timedelta(days=2)))

    days = history(segment=segment, first=MONDAY, last=MONDAY + timedelta(days=2))

    assert days == [
        Day(MONDAY, 1, 0, 1),
        Day(MONDAY + timedelta(days=1), 0, 0, 1),
        Day(MONDAY + timedelta(days=2), 1, 1, 1),
    ]


def test_what_was_before_counts_in_the_first_day(segment):
    move(segment, entered=True, at=at(MONDAY - timedelta(days=400)))
    move(segment, entered=True, at=at(MONDAY - timedelta(days=1), hour=23))

    (day,) = history(segment=segment, first=MONDAY, last=MONDAY)

    assert day == Day(MONDAY, 0, 0, 2)


def test_another_segment_does_not_count(segment):
    move(Segment.objects.create(key="others", name="Others"), entered=True, at=at(MONDAY))

    (day,) = history(segment=segment, first=MONDAY, last=MONDAY)

    assert day.members == 0


def test_days_are_those_of_the_workspace(segment, settings):
    settings.TIME_ZONE = "Europe/Warsaw"
    move(segment, entered=True, at=at(MONDAY, hour=23))  # Tuesday in Warsaw

    days = history(segment=segment, first=MONDAY, last=MONDAY + timedelta(days=1))

    assert [day.entered for day in days] == [0, 1]
    assert [day.members for day in days] == [0, 1]


@pytest.mark.parametrize("first", [date.min, date(1, 1, 2), date(9997, 6, 1)])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_days_at_the_ends_of_the_calendar_have_rows_too(segment, settings, first, zone):
    settings.TIME_ZONE = zone
    move(segment, entered=True, at=at(MONDAY))

    days = history(segment=segment, first=first, last=first + timedelta(days=9))

    assert [day.members for day in days] == [int(first > MONDAY)] * 10


def test_sizes_of_all_segments_are_read_at_once(segment, django_assert_num_queries):
    today = current_time().date()
    others = [Segment.objects.create(key=f"s{n}", name=f"S{n}") for n in range(5)]
    for number, one in enumerate([segment, *others]):
        move(one, entered=True, at=at(today - timedelta(days=30)))
        for days in range(number):
            move(one, entered=days % 2 == 0, at=at(today - timedelta(days=days)))

    with django_assert_num_queries(2):  # of the zone, of the sizes
        found = size_changes(days=7)

    week = {"first": today - timedelta(days=6), "last": today}
    assert found == {one.pk: history(segment=one, **week) for one in [segment, *others]}
    assert found[segment.pk][-1] == Day(today, 0, 0, 1)


ZONES = ["UTC", "Europe/Warsaw", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(4))
def test_hours_and_days_are_what_the_moves_say(segment, settings, zone, seed):
    """Recomputed from every single move, around a change of the clocks, some tallies rolled up."""
    settings.TIME_ZONE = zone
    local = ZoneInfo(zone)
    chance = random.Random(seed)  # noqa: S311 - a history, not a secret
    begin = datetime(2026, 3 if seed % 2 else 10, 20, tzinfo=UTC)
    moves: list[tuple[datetime, bool]] = []
    for number in range(60):
        moves.append((begin + timedelta(seconds=chance.randrange(16 * 86_400)), number % 3 > 0))
        add(ENTERED if moves[-1][1] else LEFT, segment.pk, {moves[-1][0]: 1})
        if number == 30:
            roll_up()

    def check(edges, rows):
        for start, end, row in zip(edges, [*edges[1:], None], rows, strict=True):
            at = [entered for at, entered in moves if start <= at and (end is None or at < end)]
            assert (row.entered, row.left) == (sum(at), len(at) - sum(at))
            until = [entered for at, entered in moves if end is None or at < end]
            assert row.members == 2 * sum(until) - len(until)

    first, last = (begin + timedelta(days=4)).date(), (begin + timedelta(days=17)).date()
    days = history(segment=segment, first=first, last=last)
    check([datetime.combine(row.day, time.min, tzinfo=local) for row in days], days)
    weeks = weekly(days)
    check([datetime.combine(row.day, time.min, tzinfo=local) for row in weeks], weeks)
    starts = hours_of_days(first, last, until=begin + timedelta(days=30), zone=local)
    hours = hourly(segment=segment, starts=starts)
    check(starts, hours)
    assert starts[0] == datetime.combine(first, time.min, tzinfo=local)
    by_day = Counter[date]()
    for hour in hours:
        by_day[hour.start.astimezone(local).date()] += hour.entered
    if zone != "Australia/Lord_Howe":  # whose hours lie across midnight for half of the year
        assert [by_day[day.day] for day in days] == [day.entered for day in days]


def test_hours_begin_on_the_hour_of_the_clock_on_the_wall():
    zone = ZoneInfo("Asia/Kathmandu")
    at = datetime(2026, 11, 16, 12, 34, 56, 7, tzinfo=UTC)

    starts = hours_between(at - timedelta(hours=2), at, zone=zone)

    assert [f"{start.astimezone(zone):%H:%M:%S.%f}" for start in starts] == [
        "16:00:00.000000",
        "17:00:00.000000",
        "18:00:00.000000",
    ]


def test_an_hour_in_which_nobody_moved_has_a_row(segment):
    move(segment, entered=True, at=at(MONDAY))

    (before, then) = hourly(segment=segment, starts=[at(MONDAY, 11), at(MONDAY)])

    assert before == Hour(at(MONDAY, 11), 0, 0, 0)
    assert then == Hour(at(MONDAY), 1, 0, 1)
