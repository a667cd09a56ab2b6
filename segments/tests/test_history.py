"""Size over time, from who entered and left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from contacts.models import Contact
from segmentflow.clock import current_time
from segmentflow.models import TallySubject
from segmentflow.tallies import add
from segments.history import Day, history, size_changes
from segments.models import Segment, Transition

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)


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
