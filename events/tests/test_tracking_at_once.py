"""The same people from many browsers at once: nothing lost, nothing twice, one contact each."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest

from contacts.models import Contact, Field, Identity
from events.models import Event
from events.tests.made import NOW
from events.tests.test_concurrency import at_once
from events.tracking.receiving import receive

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 6


def messages(seed: int) -> list[dict[str, Any]]:
    """Visits, sign-ins, new traits and aliases of everybody, in an order of its own."""
    made: list[dict[str, Any]] = []
    for n in range(PEOPLE):
        anonymous, user = {"anonymousId": f"x{n}"}, {"userId": f"u{n}"}
        made += [
            {"type": "page", "messageId": f"p{n}-{seed % 4}", **anonymous},
            {"type": "track", "event": "A", "messageId": f"t{n}-{seed % 4}", **user},
            {"type": "identify", **anonymous, **user, "traits": {f"t{seed % 3}": seed}},
            {"type": "identify", **user, "traits": {"email": f"{n}@b.c", "bad": [{}]}},
            {"type": "alias", **user, "previousId": f"old{n}"},
            {"type": "track", "event": "B", "messageId": f"b{n}", "userId": f"old{n}"},
        ]
    random.Random(seed).shuffle(made)  # noqa: S311
    return made


def test_everything_ends_at_one_contact_each():
    works = []
    for seed in range(12):
        made = messages(seed)
        works += [
            partial(receive, made[start : start + 6], around={}, now=NOW)
            for start in range(0, len(made), 6)
        ]

    at_once(works)

    names = Contact.objects.order_by("external_id").values_list("external_id", "email")
    assert list(names) == [(f"u{n}", f"{n}@b.c") for n in range(PEOPLE)]
    stored = Event.objects.values_list("message_id", "contact__external_id")
    assert set(stored) == {
        (f"{kind}{n}-{seed}", f"u{n}") for kind in "pt" for n in range(PEOPLE) for seed in range(4)
    } | {(f"b{n}", f"u{n}") for n in range(PEOPLE)}
    assert len(stored) == PEOPLE * 9
    owners = Identity.objects.values_list("kind", "value", "contact__external_id")
    assert set(owners) >= {
        (kind, f"{name}{n}", f"u{n}")
        for n in range(PEOPLE)
        for kind, name in (("external_id", "u"), ("external_id", "old"), ("anonymous_id", "x"))
    }
    assert set(Field.objects.values_list("key", flat=True)) >= {"t0", "t1", "t2"}
