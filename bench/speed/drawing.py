"""Events as the stored ones are, in bodies for the API: made beforehand, sent by sending.py."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from bench.speed.world import PLACES, TYPES, WORDS, drawn

if TYPE_CHECKING:
    from bench.speed.stage import Site

SIZE = 1_000
PROBES = 4
"""In a batch: its contacts are followed in several transactions."""


@dataclass(frozen=True, slots=True)
class Batch:
    body: bytes
    of: tuple[int, ...]
    """The contact of each event, by id."""
    probes: tuple[int, ...]
    """The contacts that an event of it brings into the segment of probes."""

    @property
    def events(self) -> int:
        return len(self.of)

    @property
    def contact_ids(self) -> frozenset[int]:
        return frozenset(self.of)


def batches(
    rng: random.Random,
    site: Site,
    count: int,
    *,
    size: int = SIZE,
    types: Sequence[str] = tuple(TYPES),
    among: int | None = None,
    probes: int = PROBES,
) -> list[Batch]:
    """Bodies with events as the stored ones are; `among`: of so many contacts only, busy ones and
    others in the same proportion."""
    stride = site.contacts // (among or site.contacts)
    fresh = site.fresh_contacts(count * probes) if probes else []
    made = []
    for number in range(count):
        events = [event(rng, among or site.contacts, types, stride=stride) for _ in range(size)]
        mine = fresh[number * probes : (number + 1) * probes]
        for place, contact in zip(rng.sample(range(size), len(mine)), mine, strict=True):
            events[place] = probe_event(contact)
        made.append(
            Batch(
                body=msgspec.json.encode({"events": events}),
                of=tuple(site.id_of(int(one["contact"]["external_id"][2:])) for one in events),
                probes=tuple(map(site.id_of, mine)),
            )
        )
    return made


def contacts_of(made: Iterable[Batch]) -> set[int]:
    return {contact_id for batch in made for contact_id in batch.of}


def event(
    rng: random.Random, contacts: int, types: Sequence[str], *, stride: int = 1
) -> dict[str, Any]:
    """Drawn as in world.py: few contacts and few types have most of them.

    With a `stride`, one contact of so many in a row, not always at the same place of it: ids that have a divisor
    in common would all be in the same buckets, which one worker takes.
    """
    row = drawn(contacts, rng.random()) - 1
    contact = 1 + stride * row + row % stride
    type_ = types[int(len(types) * rng.random() ** 2)]
    return {
        "contact": {"external_id": f"c-{contact}"},
        "type": type_,
        "message_id": str(uuid.uuid4()),
        "occurred_at": (datetime.now(UTC) - timedelta(seconds=60 * rng.random())).isoformat(),
        "attributes": ATTRIBUTES[type_](rng),
    }


def probe_event(contact: int) -> dict[str, Any]:
    return {
        "contact": {"external_id": f"c-{contact}"},
        "type": "Account_login",
        "message_id": str(uuid.uuid4()),
        "occurred_at": datetime.now(UTC).isoformat(),
        "attributes": {"device": "shoes", "version": 7, "probe": "yes"},
    }


def _amount(rng: random.Random) -> float:
    return round(200 * rng.random() ** 2, 2)


def _word(rng: random.Random) -> str:
    return WORDS[int(len(WORDS) * rng.random() ** 2)]


def _place(rng: random.Random) -> str:
    return PLACES[int(len(PLACES) * rng.random() ** 2)]


def _topic(rng: random.Random) -> str:
    return "banking offers" if rng.random() < 0.2 else "travel"


def _product(rng: random.Random) -> dict[str, Any]:
    sku = f"{rng.choice(WORDS)}-{rng.randrange(500)}"
    return {"sku": sku, "price": _amount(rng), "tags": [rng.choice(WORDS), rng.choice(WORDS)]}


def _url(rng: random.Random) -> str:
    return f"/p/{rng.randrange(500)}"


ATTRIBUTES: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "Page_visit": lambda r: {"url": _url(r), "category": _word(r), "destination": _place(r)},
    "MailOpen": lambda r: {"topic": _topic(r), "category": _word(r), "destination": _place(r)},
    "Cart_add": lambda r: {"product": _product(r)},
    "Purchase": lambda r: {
        "amount": _amount(r),
        "category": _word(r),
        "returned": r.random() < 1 / 11,
    },
    "MailClick": lambda r: {"topic": _topic(r), "url": _url(r), "category": _word(r)},
    "Account_login": lambda r: {
        "device": _word(r),
        "version": r.randrange(40),
        "remembered": r.random() < 1 / 3,
    },
    "Transaction": lambda r: {
        "amount": _amount(r),
        "category": _word(r),
        "destination": _place(r),
    },
    "Booking": lambda r: {
        "amount": _amount(r),
        "destination": _place(r),
        "returned": r.random() < 1 / 11,
    },
    "Survey_answer": lambda r: {
        "score": r.randrange(11),
        "topic": _topic(r),
        "category": _word(r),
    },
    "SmsClick": lambda r: {"topic": _topic(r), "url": _url(r), "category": _word(r)},
    "Appointment": lambda r: {
        "category": _word(r),
        "destination": _place(r),
        "amount": _amount(r),
    },
    "Unsubscribe": lambda r: {"topic": _topic(r), "channel": "email", "category": _word(r)},
}
