"""Some contacts that stand for all: always the same ones, found without reading the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection

from segmentflow.limits import TooSlow, within
from segmentflow.models import TallySubject
from segmentflow.tallies import total

SAMPLE = 2_000
SMALL_SAMPLE = 200
"""For what takes long for each single contact."""
SAMPLE_MS = 300
SMALL_SAMPLE_MS = 3_000
GOLDEN = 2_654_435_769
"""2^32 divided by the golden ratio: multiples of it spread evenly."""
MOST_LOOKED_FOR = 100_000
"""Ids, however few of them there are contacts of."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Everybody:
    """How many contacts there are, and between which ids."""

    total: int
    first: int = 0
    last: int = 0


def everybody() -> Everybody:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM contacts_contact")
        first, last = cursor.fetchone()
        if first is None:
            return Everybody(0)
        counted = total(TallySubject.CONTACTS)
        if not counted:
            cursor.execute("SELECT count(*) FROM contacts_contact")
            counted = cursor.fetchone()[0]
    return Everybody(counted, first, last)


def ask_some(contacts: Everybody, ask: Callable[[list[int]], T]) -> T:
    """What the sample answers, or one that is small enough. Raises TooSlow."""
    try:
        with within(SAMPLE_MS):
            return ask(sample_ids(contacts, SAMPLE))
    except TooSlow:
        with within(SMALL_SAMPLE_MS):
            return ask(sample_ids(contacts, SMALL_SAMPLE))


def sample_ids(contacts: Everybody, size: int) -> list[int]:
    """Ids of about `size` contacts, among others of which there is none.

    Of every `step` ids one; which, has nothing to do with the contact. The step is a power of
    two, so that the sample stays what it is while contacts come and go.
    """
    if contacts.total <= size:
        return list(range(contacts.first, min(contacts.last, contacts.first + MOST_LOOKED_FOR) + 1))
    step = 1
    while contacts.total / step > size * 1.4:
        step *= 2
    while (contacts.last - contacts.first) / step > MOST_LOOKED_FOR:
        step *= 2
    blocks = range(contacts.first // step, contacts.last // step + 1)
    return [block * step + (block * GOLDEN % 2**32) * step // 2**32 for block in blocks]


def scaled(found: int, *, seen: int, total: int) -> int:
    """What `found` of `seen` mean for all, in two digits: more would pretend to know."""
    if found in (0, seen):
        return total if found else 0
    about = found * total / seen
    digits = len(str(int(about)))
    return min(total, int(round(about, 2 - digits)))
