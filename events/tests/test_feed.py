"""The feed of newest events: its order, what narrows it, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.feed import Cursor, events_in_last, last_received, newest_events
from events.loading import BATCH, load_events
from events.models import Event
from events.rows import ContactRef, EventRow
from events.services import record_events
from events.tests.made import NOW, make_contact, make_event, make_type, queries_of

pytestmark = pytest.mark.django_db


def shown(**narrowing) -> list[str]:
    return [entry.message_id for entry in newest_events(**{"limit": 50} | narrowing)]


def make_batch(*, size=BATCH, received=0, types=("Purchase", "MailOpen")) -> None:
    """Received at one moment, as the API and files bring them."""
    ids = [make_type(key).pk for key in types]
    contact = make_contact()
    Event.objects.bulk_create(
        Event(
            contact=contact,
            message_id=f"batch-{received}-{number:05}",
            type_id=ids[number % len(ids)],
            occurred_at=NOW - timedelta(days=number % 7),
            received_at=NOW - timedelta(seconds=received),
        )
        for number in range(size)
    )


def test_what_arrived_last_comes_first_whatever_its_type():
    make_event("old", received=30, type_="Purchase")
    make_event("new", received=10, type_="MailOpen")
    make_event("middle", received=20, type_="Cart_add")

    assert shown() == ["new", "middle", "old"]


def test_when_it_occurred_decides_only_between_those_that_arrived_together():
    make_event("late", received=10, occurred=1)
    make_event("first", received=5, occurred=500)
    make_event("early", received=10, occurred=900)

    assert shown() == ["first", "late", "early"]


def test_at_one_moment_the_order_is_that_of_contact_and_message():
    for message_id in ("b", "a", "c"):
        make_event(message_id)
    make_event("a", contact="zoe")

    assert shown() == ["a", "c", "b", "a"]


def test_no_events_make_an_empty_feed():
    make_type()

    assert shown() == []


def test_an_entry_is_the_whole_event():
    event = make_event("m", attributes={"amount": 12.5, "to": {"city": "Köln"}}, value="12.50")

    [entry] = newest_events(limit=5)

    assert (entry.contact, entry.type) == (event.contact, event.type)
    assert str(entry.contact) == "anna"
    assert (entry.occurred_at, entry.received_at) == (event.occurred_at, event.received_at)
    assert entry.attributes == {"amount": 12.5, "to": {"city": "Köln"}}
    assert str(entry.value) == "12.50"


def test_numbers_are_as_exact_as_they_were_sent():
    make_contact()
    row = EventRow(ContactRef("external_id", "zoe"), "Purchase", NOW, "m", {"amount": 10**40})
    record_events(rows=[row], now=NOW)

    assert newest_events(limit=1)[0].attributes["amount"] == 10**40


def test_types_narrow_it():
    make_event("bought")
    make_event("opened", type_="MailOpen")
    make_event("clicked", type_="MailClick")
    wanted = [make_type("MailOpen").pk, make_type("MailClick").pk]

    assert sorted(shown(types=wanted)) == ["clicked", "opened"]
    assert shown(types=[]) == []


def test_a_contact_narrows_it():
    make_event("hers")
    make_event("his", contact="jonas", received=5)
    make_event("his click", contact="jonas", type_="MailClick")

    jonas = make_contact("jonas").pk
    assert shown(contact_id=jonas) == ["his click", "his"]
    assert shown(contact_id=jonas, types=[make_type().pk]) == ["his"]
    assert shown(contact_id=jonas + 1) == []


@pytest.mark.parametrize("narrowed", [False, True])
def test_pages_follow_each_other_without_gap_or_repetition(narrowed):
    make_batch(size=37)
    make_batch(size=20, received=60, types=("Cart_add", "Purchase"))
    narrowing: dict = {"contact_id": make_contact().pk} if narrowed else {}
    everything = shown(limit=100, **narrowing)

    paged, before = [], None
    while page := newest_events(limit=10, before=before, **narrowing):
        paged += [entry.message_id for entry in page]
        before = page[-1].cursor

    assert paged == everything
    assert len(set(paged)) == 57


@pytest.mark.parametrize("narrowed", [False, True])
def test_the_way_back_is_the_same(narrowed):
    make_batch(size=37)
    narrowing: dict = {"contact_id": make_contact().pk} if narrowed else {}
    everything = newest_events(limit=100, **narrowing)

    back = newest_events(limit=10, after=everything[20].cursor, **narrowing)

    assert back == everything[10:20][::-1]


def test_what_arrives_meanwhile_moves_no_page():
    for number in range(6):
        make_event(f"m{number}", received=number)
    before = newest_events(limit=3)[-1].cursor
    make_event("news", received=-1)

    assert shown(before=before, limit=3) == ["m3", "m4", "m5"]


def test_the_queries_are_as_many_for_many_events():
    make_batch(size=5)
    make_event("m", contact="zoe")
    few = queries_of(lambda: newest_events(limit=50))
    make_batch(size=40, received=7, types=[f"Type {number}" for number in range(20)])

    assert queries_of(lambda: newest_events(limit=50)) == few == 2


def plan_of(**narrowing) -> str:
    """How PostgreSQL really carried out the reading of a page."""
    with CaptureQueriesContext(connection) as seen:
        newest_events(limit=51, **narrowing)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {seen[-1]['sql']}")
        return "\n".join(line for (line,) in cursor.fetchall())


def milliseconds(plan: str) -> float:
    return float(plan.rpartition("Execution Time: ")[2].split()[0])


@pytest.fixture
def analysed():
    """Batches of equal times, and statistics about them."""

    def analyse():
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE events_event, events_eventtype, contacts_contact")

    make_batch()
    make_batch(received=60, types=("Purchase", "Cart_add", "MailClick"))
    analyse()


@pytest.mark.plain_server("plans are made on each worker")
def test_a_batch_that_arrived_at_once_is_read_by_the_index(analysed):
    plan = plan_of()

    assert "event_by_arrival" in plan
    assert "Seq Scan on events_event" not in plan
    assert milliseconds(plan) < 100


@pytest.mark.plain_server("plans are made on each worker")
def test_a_page_amid_a_batch_is_read_by_the_index(analysed):
    amid = Cursor(NOW, NOW - timedelta(days=3), make_contact().pk, "batch-0-02500")

    plan = plan_of(before=amid)

    assert "event_by_arrival" in plan
    assert "Seq Scan on events_event" not in plan
    assert milliseconds(plan) < 100


def test_the_last_minutes_are_counted():
    now = timezone.now()
    for number, seconds in enumerate((1, 50, 70, 4000)):
        Event.objects.create(
            contact=make_contact(),
            message_id=str(number),
            type=make_type(f"Type {number % 2}"),
            occurred_at=NOW,
            received_at=now - timedelta(seconds=seconds),
        )

    assert events_in_last(1) == 2
    assert events_in_last(60) == 3


def test_nothing_lately_is_zero():
    assert events_in_last(1) == 0


def test_each_type_knows_when_its_newest_event_arrived():
    make_event("a", received=90)
    make_event("b", received=30)
    make_event("c", type_="MailOpen", received=45)
    make_type("Never")

    assert last_received() == {
        make_type().pk: NOW - timedelta(seconds=30),
        make_type("MailOpen").pk: NOW - timedelta(seconds=45),
    }


def test_each_batch_of_a_file_is_received_at_a_moment_of_its_own(tmp_path):
    path = tmp_path / "events.jsonl"
    line = '{{"contact": "anna", "type": "Purchase", "message_id": "{:05}"}}\n'
    path.write_text("".join(map(line.format, range(BATCH + 2))))

    load_events(path, now=NOW, zone=ZoneInfo("UTC"), progress=lambda _: None, shift_to_now=False)

    assert shown(limit=3) == ["05001", "05000", "04999"]
    assert Event.objects.values("received_at").distinct().count() == 2


def test_the_index_of_the_feed_is_nobody_elses():
    """Of a type that the planner knows nothing of, it would look as good as the one by contact."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT FROM events_event WHERE type_id = 1 ORDER BY received_at")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "event_by_arrival" not in plan
