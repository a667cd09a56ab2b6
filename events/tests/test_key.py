"""Each contact has an event of a message id once, and what looks one up finds it by an index."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from events.erasing import _erase
from events.filling import BITE, _bite
from events.keys import digest
from events.merging import events_foretold
from events.models import Event, Retention, ValueFilling
from events.tests.made import NOW, make_contact, make_event, make_type
from events.timeline import timeline

pytestmark = pytest.mark.django_db

SHAPES = ("'m' || n", "'order-2026-' || n", "md5(n::text)", "n::text || '@shop'", "repeat('a', n)")
"""Message ids as programs make them up."""
EACH = 4_000


@pytest.fixture
def busy():
    """A contact with so many events that nobody would read all of them for one."""
    make_event("first", contact="busy")
    contact = make_contact("busy")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_event (contact_id, message_id, type_id, occurred_at)
            SELECT %s, 'm' || n, %s, %s - n * interval '1 hour' FROM generate_series(1, 40000) AS n
            """,
            [contact.pk, make_type().pk, NOW],
        )
        cursor.execute("ANALYZE events_event")
    return contact


def read_so_far():
    """How often all events were read, and how many entries of the indexes of keys and of contacts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                pg_stat_get_xact_numscans('events_event'::regclass),
                pg_stat_get_xact_tuples_returned('event_once'::regclass),
                pg_stat_get_xact_tuples_returned('event_by_contact'::regclass)
            """
        )
        return cursor.fetchone()


def test_a_contact_has_a_message_once_and_others_have_it_too():
    make_event("m1")
    make_event("m1", contact="bert")
    with pytest.raises(IntegrityError, match="event_once"):
        make_event("m1")


def test_message_ids_of_every_shape_differ_in_what_the_index_has_of_them():
    with connection.cursor() as cursor:
        for shape in SHAPES:
            cursor.execute(
                f"SELECT count(DISTINCT {digest(shape)}) FROM generate_series(1, {EACH}) AS n"
            )
            assert cursor.fetchone() == (EACH,), shape


def test_single_events_are_read_by_their_key(busy):
    anna = make_contact()
    for number in range(3):
        make_event(f"m{number}")
    before = read_so_far()

    assert events_foretold(busy.pk, anna.pk) == [
        "1 event will be moved.",
        "2 events that both have will be there once.",
    ]
    retention = Retention.objects.create(event_type=make_type(), months=1)
    _erase(retention, [(busy.pk, f"m{number}") for number in range(100, 110)])
    timeline(contact=busy, types=[make_type()], limit=20)

    after = read_so_far()
    assert after[0] == before[0]
    assert after[1] - before[1] < 100
    assert after[2] - before[2] < 100
    assert Event.objects.filter(contact=busy).count() == 40_001 - 10


def bites():
    """Of all events, one after the other, and the statement of the last."""
    filling = ValueFilling.objects.create(event_type=make_type())
    seen = []
    with CaptureQueriesContext(connection) as asked:
        while len(rows := _bite(filling)) == BITE:
            seen += rows
            filling.contact_id, filling.message_id = rows[-1][:2]
    return seen + rows, asked[-1]["sql"]


def test_all_events_are_gone_through_each_once(busy):
    make_event("m1")

    seen, _ = bites()

    assert len({row[:2] for row in seen}) == len(seen) == 40_002


@pytest.mark.plain_server("plans are made on each worker")
def test_the_order_in_which_events_are_gone_through_is_that_of_an_index(busy):
    _, statement = bites()

    with connection.cursor() as cursor:
        # What is cheapest for so few is not asked here.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for [line] in cursor.fetchall())
    assert "Index Scan using event_once" in plan
    assert "Sort" not in plan
