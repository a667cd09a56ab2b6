"""Stored counts are what counting would find, at every instant."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from threading import Thread

import pytest
from django.db import connection, connections, transaction

from contacts.erasure import erase_contacts
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.clock import workspace_zone
from segmentflow.models import FreshTally, Tally, TallySubject, Total
from segmentflow.tallies import add, add_many, by_day, developments, forget, roll_up, total, totals
from segments.engine.settle import settle
from segments.history import history
from segments.models import Segment, Transition
from segments.services import create_segment, delete_segment, update_segment

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVENTS, CONTACTS = TallySubject.EVENTS, TallySubject.CONTACTS
ENTERED, LEFT = TallySubject.ENTERED, TallySubject.LEFT
MIGRATIONS = [
    "contacts.migrations.0005_tally_contacts",
    "events.migrations.0003_tally_events",
    "segments.migrations.0006_tally_transitions",
]


def all_of(*children):
    return {"kind": "group", "match": "all", "children": list(children)}


def did(event):
    return all_of({"kind": "event", "event": event})


def counted(rows, ref):
    """By counting, what `totals` should say."""
    found: dict[int, int] = {}
    for row in rows:
        found[ref(row)] = found.get(ref(row), 0) + 1
    return found


def without_zeros(found):
    return {ref: amount for ref, amount in found.items() if amount}


def by_counting(rows, ref):
    """By ref and local day."""
    found: defaultdict[int, Counter[date]] = defaultdict(Counter)
    for key, at in rows:
        found[ref(key)][at.astimezone(workspace_zone()).date()] += 1
    return {key: dict(days) for key, days in found.items()}


def check():
    long_ago, ahead = date(2000, 1, 1), date(2030, 1, 1)
    logged = Transition.objects.values_list("segment_id", "at")
    for subject, rows in [
        (CONTACTS, ((0, at) for at in Contact.objects.values_list("created_at", flat=True))),
        (EVENTS, Event.objects.values_list("type_id", "occurred_at")),
        (ENTERED, logged.filter(entered=True)),
        (LEFT, logged.filter(entered=False)),
    ]:
        days = by_day(subject, first=long_ago, last=ahead)
        assert days == by_counting(rows, int)
    assert total(CONTACTS) == Contact.objects.count()
    assert without_zeros(totals(EVENTS)) == counted(Event.objects.all(), lambda row: row.type_id)
    for subject, entered in ((ENTERED, True), (LEFT, False)):
        moved = Transition.objects.filter(entered=entered)
        assert without_zeros(totals(subject)) == counted(moved, lambda row: row.segment_id)
    for segment in Segment.objects.all():
        size = totals(ENTERED).get(segment.pk, 0) - totals(LEFT).get(segment.pk, 0)
        assert size == segment.member_count
        today = NOW.astimezone(workspace_zone()).date()
        assert history(segment=segment, first=today, last=today)[-1].members == size


class World:
    """Random changes of everything that is counted."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 - a history, not a secret
        for key in ("Purchase", "Page_visit"):
            EventType.objects.create(key=key)
        self.segment = create_segment(
            key="buyers", name="Buyers", definition=did("Purchase"), author=None, now=NOW
        )

    def change(self):
        step = self.chance.choice(
            [self.send, self.send, self.bring, self.erase, self.publish, roll_up]
        )
        step()
        if self.chance.random() < 0.5:
            settle(now=NOW)

    def send(self):
        rows = [
            EventRow(
                contact=ContactRef("external_id", str(self.chance.randrange(8))),
                type=self.chance.choice(["Purchase", "Page_visit"]),
                occurred_at=NOW - timedelta(minutes=self.chance.randrange(3_000_000)),
                message_id=str(self.chance.randrange(40)),
            )
            for _ in range(self.chance.randrange(1, 20))
        ]
        record_events(rows=rows, now=NOW)

    def bring(self):
        key = str(self.chance.randrange(12))
        upsert_contacts(rows=[ContactRow(built_in={"external_id": key})], now=NOW)

    def erase(self):
        ids = list(Contact.objects.values_list("pk", flat=True)[: self.chance.randrange(3)])
        erase_contacts(contact_ids=ids)

    def publish(self):
        definition = did(self.chance.choice(["Purchase", "Page_visit"]))
        update_segment(segment=self.segment, definition=definition, author=None, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_after_any_history_the_tallies_are_what_counting_finds(seed, settings):
    settings.TIME_ZONE = ["UTC", "Asia/Kathmandu", "America/St_Johns"][seed % 3]
    world = World(seed)

    for _ in range(15):
        world.change()
        check()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_what_was_there_before_there_were_tallies_is_counted(seed):
    world = World(seed)
    for _ in range(15):
        world.change()
    for table in (FreshTally, Tally, Total):
        table.objects.all().delete()

    with connection.cursor() as cursor:
        for name in MIGRATIONS:
            cursor.execute(import_module(name).COUNT)

    check()


@pytest.mark.django_db
def test_unapplying_what_counted_them_leaves_no_tally():
    world = World(1)
    for _ in range(15):
        world.change()
    roll_up()
    world.send()
    assert FreshTally.objects.exists()

    with connection.cursor() as cursor:
        for name in MIGRATIONS:
            cursor.execute(import_module(name).FORGET)

    counted = [CONTACTS, EVENTS, ENTERED, LEFT]
    for table in (FreshTally, Tally, Total):
        assert not table.objects.filter(subject__in=counted).exists()


@pytest.mark.django_db
def test_a_deleted_segment_leaves_no_tally():
    segment = create_segment(
        key="all",
        name="All",
        definition=all_of({"kind": "everyone"}),
        author=None,
        now=NOW,
    )
    upsert_contacts(rows=[ContactRow(built_in={"external_id": "a"})], now=NOW)
    settle(now=NOW)
    roll_up()
    upsert_contacts(rows=[ContactRow(built_in={"external_id": "b"})], now=NOW)
    settle(now=NOW)
    assert totals(ENTERED) == {segment.pk: 2}

    delete_segment(segment=segment)

    assert totals(ENTERED) == {}


@pytest.mark.django_db
def test_what_is_rolled_up_stays_the_same_and_takes_less_room():
    moments = [NOW, NOW + timedelta(minutes=2), NOW + timedelta(hours=1)]
    for at in moments:
        add(EVENTS, 7, {at: 2})
    before = (totals(EVENTS), by_day(EVENTS, first=NOW.date(), last=NOW.date()))

    assert roll_up() == 3

    assert (totals(EVENTS), by_day(EVENTS, first=NOW.date(), last=NOW.date())) == before
    assert not FreshTally.objects.exists()
    assert Tally.objects.count() == 2
    assert Total.objects.get().amount == 6


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])
def test_a_day_begins_at_local_midnight(settings, zone):
    settings.TIME_ZONE = zone
    midnight = datetime(2026, 7, 15, tzinfo=workspace_zone())
    add(EVENTS, 1, {midnight: 1, midnight - timedelta(seconds=1): 1})
    add(EVENTS, 2, {midnight: 1})

    found = by_day(EVENTS, first=date(2026, 7, 14), last=date(2026, 7, 15), ref=1)

    assert found == {1: {date(2026, 7, 14): 1, date(2026, 7, 15): 1}}


@pytest.mark.django_db
@pytest.mark.parametrize("at", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
def test_the_ends_of_the_calendar_are_counted_too(at):
    add(EVENTS, 1, {at: 1})

    assert developments([EVENTS], first=at.date())[EVENTS, 1].days == {at.date(): 1}


@pytest.mark.django_db
def test_forgetting_leaves_the_others():
    add(EVENTS, 1, {NOW: 3})
    roll_up()
    add(EVENTS, 1, {NOW: 3})
    add(EVENTS, 2, {NOW: 5})

    forget(EVENTS, 1)

    assert totals(EVENTS) == {2: 5}


@pytest.mark.django_db(transaction=True)
def test_rolling_up_while_others_append_loses_nothing_and_doubles_nothing():
    def append():
        for _ in range(150):
            add(EVENTS, 1, {NOW: 1})
        connections.close_all()

    def roll():
        for _ in range(60):
            roll_up()
        connections.close_all()

    threads = [Thread(target=work) for work in (append, append, roll, roll)]
    for thread in threads:
        thread.start()
    seen = [total(EVENTS, 1) for _ in range(50)]
    for thread in threads:
        thread.join()

    assert total(EVENTS, 1) == 300
    assert seen == sorted(seen)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_after_a_roll_up_that_began_later_still_counts():
    def roll():
        roll_up()
        connections.close_all()

    add(EVENTS, 1, {NOW: 1})
    with transaction.atomic():
        add(EVENTS, 1, {NOW: 2})
        roller = Thread(target=roll)
        roller.start()
        roller.join()
        assert total(EVENTS, 1) == 3

    assert total(EVENTS, 1) == 3
    assert Total.objects.get().amount == 1
    roll_up()
    assert total(EVENTS, 1) == Total.objects.get().amount == 3


@pytest.mark.django_db(transaction=True)
def test_one_process_rolls_up_at_a_time():
    found = []

    def roll():
        found.append(roll_up())
        connections.close_all()

    add(EVENTS, 1, {NOW: 1})
    with transaction.atomic():
        assert roll_up() == 1
        other = Thread(target=roll)
        other.start()
        other.join()

    assert found == [0]


@pytest.mark.django_db
def test_what_is_taken_back_at_once_is_not_stored():
    add_many([(EVENTS, 1, NOW, 1), (EVENTS, 1, NOW + timedelta(minutes=1), -1)])

    assert not FreshTally.objects.exists()
