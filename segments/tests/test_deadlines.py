"""What has been met is not gone past again, and nothing else is passed over."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection

from segments.engine.deadlines import LONGEST_PASS, buckets_with_due, next_due_at, note_met
from segments.engine.refresh import refresh_pending
from segments.engine.settle import catch_up
from segments.engine.status import status
from segments.engine.turning import note_time
from segments.models import Deadline, EngineClock
from segments.tests.made import NOW, make_contact, make_segment

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def make_deadline(seconds: float) -> None:
    contact = make_contact(f"due in {seconds}")
    segment = make_segment(f"s{abs(seconds):.0f}")
    Deadline.objects.create(contact=contact, segment=segment, due_at=NOW + seconds * SECOND)


def test_one_that_is_due_is_found_however_long_it_has_been():
    note_time(now=NOW)
    make_deadline(-3_600)

    note_met(now=NOW)

    assert next_due_at() == NOW - 3_600 * SECOND
    assert len(buckets_with_due(now=NOW)) == 1
    assert status(now=NOW).overdue_deadlines == 1


def test_one_that_is_set_while_a_pass_lasts_is_found_at_once():
    note_time(now=NOW)
    note_met(now=NOW)

    make_deadline(-LONGEST_PASS.total_seconds() + 1)

    assert next_due_at() is not None
    assert len(buckets_with_due(now=NOW)) == 1


def test_one_that_is_set_later_than_that_is_found_with_the_next_look_at_all():
    note_time(now=NOW)
    note_met(now=NOW)
    make_deadline(-3_600)

    note_met(now=NOW + 10 * SECOND)

    assert len(buckets_with_due(now=NOW + 10 * SECOND)) == 1
    refresh_pending(now=NOW + 10 * SECOND)
    assert next_due_at() is None


def test_what_is_to_come_is_no_hindrance():
    note_time(now=NOW)
    make_deadline(5)

    note_met(now=NOW)
    assert next_due_at() == NOW + 5 * SECOND
    note_met(now=NOW + timedelta(days=1))
    assert next_due_at() == NOW + 5 * SECOND


def test_after_the_clock_was_put_back_nothing_is_passed_over():
    note_time(now=NOW)
    note_met(now=NOW)
    earlier = NOW - timedelta(days=1)

    note_met(now=earlier)
    make_deadline(-timedelta(hours=23).total_seconds())

    assert next_due_at() == earlier + timedelta(hours=1)


def test_whoever_settles_at_an_earlier_instant_passes_over_nothing():
    note_time(now=NOW)
    note_met(now=NOW)
    make_deadline(-3_600)

    catch_up(now=NOW - 3_000 * SECOND)

    assert not Deadline.objects.exists()


@pytest.mark.plain_server(
    "looks at the index, of which a cluster has one for each part of the contacts"
)
def test_met_deadlines_are_not_gone_past_again():
    """Their rows stay in the index until the next vacuum: here, until the end of the test."""
    note_time(now=NOW)
    contacts = [make_contact(str(number)) for number in range(600)]
    segments = [make_segment(f"many{number}") for number in range(20)]
    Deadline.objects.bulk_create(
        Deadline(contact=contact, segment=segment, due_at=NOW - number * SECOND)
        for number, (segment, contact) in enumerate(product(segments, contacts), start=60)
    )
    Deadline.objects.all().delete()
    make_deadline(1)
    before = _pages_read()

    note_met(now=NOW)

    assert EngineClock.objects.get().nothing_due_before == NOW - LONGEST_PASS
    assert before > 40
    assert _pages_read() < 5


def _pages_read() -> int:
    """Of the index, by a look for the next deadline."""
    fetched = "SELECT pg_stat_get_xact_blocks_fetched('deadlines_by_due'::regclass)"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        cursor.execute(fetched)
        before = cursor.fetchone()[0]
        next_due_at()
        cursor.execute(fetched)
        read: int = cursor.fetchone()[0] - before
        return read
