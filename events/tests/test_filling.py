"""Copying another value attribute to the events that are there, in the background."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, connections, transaction

from events import filling
from events.filling import advance_filling
from events.locks import share_values, try_lane
from events.models import Event, EventType, ValueFilling
from events.registry import update_event_type
from events.tasks import is_work
from events.tests.made import NOW, record
from events.tests.test_concurrency import at_once


def choose(attribute: str) -> None:
    update_event_type(
        event_type=EventType.objects.get(key="Purchase"),
        raw={"value_attribute": attribute},
        now=NOW,
    )


def values() -> set[Decimal | None]:
    return set(Event.objects.filter(type__key="Purchase").values_list("value", flat=True))


def make_events(count: int = 5) -> None:
    for number in range(count):
        record(f"m{number}", contact=f"u{number}", amount=number, net=number + 100)


@pytest.fixture
def small_bites(monkeypatch):
    monkeypatch.setattr(filling, "BITE", 2)


@pytest.mark.django_db
def test_it_goes_on_from_where_it_was(small_bites):
    make_events()
    choose("amount")
    assert is_work(now=NOW)

    for _ in range(2):
        assert advance_filling()

    one = ValueFilling.objects.get()
    assert (one.done, one.has_begun) == (2, True)
    assert Event.objects.exclude(value=None).count() == 2
    while advance_filling():
        pass
    assert values() == {Decimal(number) for number in range(5)}
    assert EventType.objects.get().value_is_filled
    assert not is_work(now=NOW)


@pytest.mark.django_db
def test_a_newer_choice_begins_anew(small_bites):
    make_events()
    choose("amount")
    for _ in range(3):
        advance_filling()

    choose("net")

    one = ValueFilling.objects.get()
    assert (one.done, one.contact_id, one.has_begun) == (0, 0, False)
    while advance_filling():
        pass
    assert values() == {Decimal(number + 100) for number in range(5)}


@pytest.mark.django_db
def test_choosing_none_empties_the_column(small_bites):
    make_events(3)
    choose("amount")
    while advance_filling():
        pass

    choose("")
    while advance_filling():
        pass

    assert values() == {None}


@pytest.mark.django_db
def test_events_of_other_types_keep_their_values(small_bites):
    make_events(2)
    EventType.objects.create(key="Refund", value_attribute="amount")
    record("r", type_="Refund", contact="u0", amount=7)

    choose("net")
    while advance_filling():
        pass

    assert Event.objects.get(type__key="Refund").value == 7
    assert values() == {100, 101}


@pytest.mark.django_db
def test_events_that_arrive_meanwhile_have_their_value(small_bites):
    make_events()
    choose("amount")
    advance_filling()
    advance_filling()

    record("late", contact="u0", amount=77)
    while advance_filling():
        pass

    assert Event.objects.get(message_id="late").value == 77


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_it_at_once():
    make_events()
    choose("amount")

    with transaction.atomic():
        assert try_lane()
        assert at_once([advance_filling]) == [False]
    assert at_once([advance_filling]) == [True]


@pytest.mark.django_db(transaction=True)
def test_it_begins_when_nobody_evaluates_with_the_attribute_before():
    make_events()
    choose("amount")

    with transaction.atomic():
        share_values()

        def begin() -> str:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 100")
            try:
                advance_filling()
            except Exception as problem:  # noqa: BLE001 - what it is, is what is asked
                return str(problem)
            finally:
                connections.close_all()
            return ""

        [said] = at_once([begin])
    assert "lock timeout" in said
    assert not ValueFilling.objects.get().has_begun
    while advance_filling():
        pass
    assert EventType.objects.get().value_is_filled
