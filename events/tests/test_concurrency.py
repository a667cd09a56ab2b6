"""Many requests at once: one contact for one identity, each event once, and no deadlock."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import connections

from contacts.erasure import erase_contacts
from contacts.models import Contact, Identity, PendingMark
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from events.rows import ContactRef, EventRow
from events.services import record_events

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
THREADS = 8

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all of them in threads with connections of their own; raises what one of them does."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, works))


def contact(n: int, **more: str) -> ContactRow:
    return ContactRow(built_in={"external_id": f"u{n}", "email": f"{n}@b.c", **more})


def event(n: int, message_id: str, type_: str = "Purchase") -> EventRow:
    return EventRow(ContactRef("external_id", f"u{n}"), type_, NOW, message_id, {"n": n})


def shuffled(rows: Sequence[Any], seed: int) -> list[Any]:
    rows = list(rows)
    random.Random(seed).shuffle(rows)  # noqa: S311
    return rows


def test_one_identity_makes_one_contact_however_many_ask_at_once():
    rows = [contact(n) for n in range(60)]

    results = at_once(
        [partial(upsert_contacts, rows=shuffled(rows, seed), now=NOW) for seed in range(16)]
    )

    assert sum(result.created for result in results) == 60
    assert all(not result.errors for result in results)
    assert Contact.objects.count() == 60
    assert Identity.objects.count() == 120
    for one in Contact.objects.all():
        kinds = dict(Identity.objects.filter(contact=one).values_list("kind", "value"))
        assert kinds == {"external_id": one.external_id, "email": one.email}
    created = PendingMark.objects.filter(kind=PendingMark.Kind.CREATED)
    assert created.count() == 60


def test_changes_of_the_same_contacts_in_different_orders_do_not_block_each_other():
    upsert_contacts(rows=[contact(n) for n in range(40)], now=NOW)

    at_once(
        [
            partial(
                upsert_contacts,
                rows=shuffled([contact(n, city=f"City {seed}") for n in range(40)], seed),
                now=NOW,
            )
            for seed in range(16)
        ]
    )

    assert Contact.objects.count() == 40
    assert all(one.city.startswith("City ") for one in Contact.objects.all())


def test_identities_that_change_hands_have_one_owner_each():
    upsert_contacts(rows=[contact(n) for n in range(10)], now=NOW)
    moves = [
        ContactRow(built_in={"external_id": f"u{n}", "phone": f"+{(n + step) % 10}"})
        for step in range(16)
        for n in range(10)
    ]

    at_once(
        [
            partial(upsert_contacts, rows=moves[start : start + 10], now=NOW)
            for start in range(0, len(moves), 10)
        ]
    )

    phones = {one.phone: one.pk for one in Contact.objects.exclude(phone="")}
    stored = Identity.objects.filter(kind="phone").values_list("value", "contact_id")
    assert dict(stored) == phones
    assert len(phones) == Contact.objects.exclude(phone="").count()


def test_each_event_is_stored_once_with_one_contact_and_type_when_all_send_the_same():
    rows = [event(n % 30, f"m{n}", f"Type {n % 5}") for n in range(300)]

    results = at_once(
        [partial(record_events, rows=shuffled(rows, seed), now=NOW) for seed in range(12)]
    )

    assert sum(result.accepted for result in results) == 300
    assert sum(result.duplicates for result in results) == 300 * 11
    assert Event.objects.count() == 300
    assert Contact.objects.count() == 30
    assert EventType.objects.count() == 5
    assert all(
        set(known.attributes["n"]["types"]) == {"number"} for known in EventType.objects.all()
    )


def test_events_that_arrive_while_their_contact_is_erased_leave_nothing_without_a_contact():
    def erase() -> None:
        erase_contacts(contact_ids=list(Contact.objects.values_list("pk", flat=True)))

    def send(start: int) -> None:
        record_events(rows=[event(n % 10, f"m{start}-{n}") for n in range(50)], now=NOW)

    at_once([erase if n % 3 == 2 else partial(send, n) for n in range(30)])

    known = set(Contact.objects.values_list("pk", flat=True))
    assert set(Event.objects.values_list("contact_id", flat=True)) <= known
    assert set(PendingMark.objects.values_list("contact_id", flat=True)) <= known
    assert set(Identity.objects.values_list("contact_id", flat=True)) == known
