"""For how long events are kept, and erasing those that are older."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction

from contacts.merging import merge_contacts
from contacts.models import Contact, PendingMark
from contacts.problems import Refused
from events import erasing
from events.erasing import advance_erasing, is_erasing_due
from events.keeping import foretell, keep_for, oldest_events, pause_erasing
from events.locks import try_lane
from events.models import Event, Retention
from events.rows import ContactRef, EventRow
from events.services import record_events
from events.tests.made import NOW, make_type, record
from events.tests.test_concurrency import at_once
from segmentflow.models import Tally, TallySubject
from segmentflow.months import MOST_MONTHS, kept_from
from segmentflow.tallies import roll_up, total

UTC_ZONE = ZoneInfo("UTC")


def erase(now: datetime = NOW) -> None:
    while advance_erasing(now=now):
        pass


def left() -> set[str]:
    return set(Event.objects.values_list("message_id", flat=True))


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def small_bites(monkeypatch):
    monkeypatch.setattr(erasing, "BITE", 2)
    monkeypatch.setattr(erasing, "RANGE", 3)


@pytest.mark.parametrize(
    ("now", "months", "first"),
    [
        ("2026-03-31T12:00", 1, "2026-02-28"),
        ("2028-03-31T00:00", 1, "2028-02-29"),
        ("2026-01-15T23:59", 13, "2024-12-15"),
        ("2026-01-01T00:00", 240, "2006-01-01"),
    ],
)
def test_events_are_kept_from_the_midnight_so_many_months_ago(now, months, first):
    zone = ZoneInfo("Europe/Warsaw")
    at = datetime.fromisoformat(now).replace(tzinfo=zone)

    wanted = datetime.fromisoformat(first).replace(tzinfo=zone)
    assert kept_from(months, now=at, zone=zone) == wanted


@pytest.mark.django_db
def test_older_events_of_the_type_go_and_others_stay(small_bites):
    for number in range(7):
        record(f"old{number}", at=days_ago(60 + number))
    record("new", at=days_ago(3))
    record("other", type_="MailOpen", at=days_ago(300))
    PendingMark.objects.all().delete()

    keep_for(event_type=make_type(), months=1)
    assert is_erasing_due(now=NOW)
    erase()

    assert left() == {"new", "other"}
    assert not is_erasing_due(now=NOW)
    anna = Contact.objects.get().pk
    marks = PendingMark.objects.values_list("contact_id", "kind", "ref")
    assert set(marks) == {(anna, PendingMark.Kind.ERASED, "Purchase")}
    assert Retention.objects.get().erased == 7


@pytest.mark.django_db
def test_counts_stay_those_of_counting(small_bites):
    for number in range(9):
        record(f"m{number}", contact=f"u{number % 3}", at=days_ago(number * 20))
    roll_up()

    keep_for(event_type=make_type(), months=2)
    erase()
    roll_up()

    kept = Event.objects.count()
    assert 0 < kept < 9
    assert total(TallySubject.EVENTS, make_type().pk) == kept
    assert (
        oldest_events([make_type().pk])[make_type().pk]
        <= Event.objects.earliest("occurred_at").occurred_at
    )
    amounts = Tally.objects.filter(subject=TallySubject.EVENTS)
    assert sum(amounts.values_list("amount", flat=True)) == kept


@pytest.mark.django_db
def test_what_is_foretold_is_what_happens():
    for number in range(9):
        record(f"m{number}", contact=f"u{number}", at=days_ago(number * 20))
    roll_up()
    foretold = foretell(event_type=make_type(), months=2, now=NOW, zone=UTC_ZONE)

    keep_for(event_type=make_type(), months=2)
    erase()

    assert 9 - foretold.events == Event.objects.count()


@pytest.mark.django_db
def test_it_goes_on_as_time_passes():
    record("m1", at=days_ago(40))
    record("m2", at=days_ago(20))
    keep_for(event_type=make_type(), months=1)
    erase()
    assert left() == {"m2"}

    later = NOW + timedelta(days=15)
    assert not is_erasing_due(now=NOW + timedelta(minutes=1))
    assert is_erasing_due(now=later)
    erase(later)

    assert left() == set()


@pytest.mark.django_db
def test_a_pause_holds_it_where_it_is(small_bites):
    for number in range(7):
        record(f"m{number}", contact=f"u{number}", at=days_ago(60))
    type_ = make_type()
    keep_for(event_type=type_, months=1)
    for _ in range(2):
        advance_erasing(now=NOW)
    assert Event.objects.count() == 5

    pause_erasing(event_type=type_, is_paused=True)
    assert not is_erasing_due(now=NOW)
    erase()
    assert Event.objects.count() == 5
    pause_erasing(event_type=type_, is_paused=False)
    erase()

    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_keeping_for_ever_again_ends_it(small_bites):
    for number in range(7):
        record(f"m{number}", contact=f"u{number}", at=days_ago(60))
    keep_for(event_type=make_type(), months=1)
    for _ in range(2):
        advance_erasing(now=NOW)

    keep_for(event_type=make_type(), months=None)
    erase()

    assert Event.objects.count() == 5
    record("old again", at=days_ago(90))
    assert "old again" in left()


@pytest.mark.parametrize("months", [0, -1, MOST_MONTHS + 1])
@pytest.mark.django_db
def test_a_time_that_makes_no_sense_is_refused(months):
    with pytest.raises(Refused):
        keep_for(event_type=make_type(), months=months)


@pytest.mark.django_db
def test_an_event_that_is_too_old_already_is_refused_and_said():
    keep_for(event_type=make_type(), months=1)
    record("other", type_="MailOpen", at=days_ago(300))
    rows = [
        EventRow(ContactRef("external_id", who), "Purchase", at, who, {})
        for who, at in (("late", days_ago(40)), ("fine", days_ago(20)), ("soon", days_ago(-9)))
    ]

    result = record_events(rows=rows, now=NOW)

    assert {index: problems[0].code for index, problems in result.errors.items()} == {0: "too_old"}
    assert "are kept for 1 month; this one is older" in result.errors[0][0].message
    assert left() == {"fine", "soon", "other"}
    assert not Contact.objects.filter(external_id="late").exists()


@pytest.mark.django_db
def test_events_that_a_merge_moved_behind_it_go_with_the_next_pass(small_bites):
    record("k", contact="keep", at=days_ago(3))
    record("l", contact="lose", at=days_ago(29))
    keep_for(event_type=make_type(), months=1)
    erase()
    ids = dict(Contact.objects.values_list("external_id", "pk"))
    merge_contacts(keep=ids["keep"], lose=ids["lose"], now=NOW)

    erase(NOW + timedelta(days=5))

    assert left() == {"k"}


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_erase_at_once():
    record(at=days_ago(60))
    keep_for(event_type=make_type(), months=1)

    with transaction.atomic():
        assert try_lane()
        [did] = at_once([lambda: advance_erasing(now=NOW)])
    assert did is False


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_it_goes_on_and_every_erased_event_leaves_its_mark(monkeypatch):
    """A worker is killed (SIGKILL) again and again, until nothing is left to erase."""
    monkeypatch.setattr(erasing, "BITE", 3)
    monkeypatch.setattr(erasing, "RANGE", 10)
    rng = random.Random(1)  # noqa: S311
    for number in range(40):
        rows = [
            EventRow(
                ContactRef("external_id", f"u{number}"), "Purchase", days_ago(age), f"{age}", {}
            )
            for age in (10, 50, 51, 52, 53)
        ]
        record_events(rows=rows, now=NOW)
    PendingMark.objects.all().delete()
    keep_for(event_type=make_type(), months=1)

    kills = 0
    while is_erasing_due(now=NOW):
        pid = os.fork()
        if not pid:
            erase_as_a_worker()
        time.sleep(rng.uniform(0.005, 0.06))
        os.kill(pid, signal.SIGKILL)
        kills += os.waitpid(pid, 0)[1] == signal.SIGKILL
        marked = set(PendingMark.objects.values_list("contact_id", flat=True))
        per_contact = Counter(Event.objects.values_list("contact_id", flat=True))
        assert {contact for contact, count in per_contact.items() if count < 5} == marked
        assert total(TallySubject.EVENTS, make_type().pk) == Event.objects.count()

    assert kills
    assert Event.objects.count() == 40


def erase_as_a_worker() -> None:
    """In a forked process, with a connection of its own; until it is killed."""
    try:
        for one in connections.all():
            one.connection = None  # it is the parent's
        connection.ensure_connection()
        while True:
            advance_erasing(now=NOW)
    finally:
        os._exit(1)
