"""What people are and do arrives in the order in which it came about, as far as is asked for."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, Generic, TypeVar

from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.demo.deciding import consents_of
from segmentflow.demo.histories import Life

Item = TypeVar("Item")
Fields = dict[str, dict[str, Any]]
"""Values of fields by the external id of who has them."""

DAY: Final = timedelta(days=1)
COST: Final = 5
"""As many events take as long as one contact."""


class Arrivals:
    """Brings lives step by step, and tells after each batch which part of them is there."""

    def __init__(
        self, lives: Sequence[Life], *, now: datetime, tell: Callable[[float], object]
    ) -> None:
        self._now, self._tell = now, tell
        rows = list(_rows(lives))
        learnt = [(one, life.person.external_id) for life in lives for one in life.learnt]
        self._lives = _Queue(lives, self._joined_at)
        self._learnt = _Queue(learnt, lambda known: known[0].at)
        self._rows = _Queue(rows, _occurred_at)
        self._all = COST * len(lives) + len(rows)
        self.events = 0
        """How many are there."""
        self.ids: dict[str, int] = {}
        """Of those who are there, by external id."""

    def bring(self, until: datetime) -> None:
        """All that came about up to then and is not there yet."""
        fields: Fields = {}
        for learnt, name in self._learnt.up_to(until):
            fields.setdefault(name, {})[learnt.field] = learnt.value
        for came in self._batches(self._lives.up_to(until), self._joined_at):
            self._bring_contacts(came, fields)
        self._bring_events(self._rows.up_to(until))
        self._bring_fields(fields, until)

    def _bring_contacts(self, came: list[Life], fields: Fields) -> None:
        """With what is known of them by now, which `fields` loses."""
        rows = [
            ContactRow(
                built_in=life.person.built_in,
                attributes=life.person.attributes | fields.pop(life.person.external_id, {}),
                consents=consents_of(life, self._joined_at(life)),
            )
            for life in came
        ]
        result = upsert_contacts(rows=rows, now=self._joined_at(came[0]))
        assert not result.errors, result.errors  # noqa: S101 - they are all ours
        for life, contact_id in zip(came, result.contact_ids, strict=True):
            if contact_id is not None:
                self.ids[life.person.external_id] = contact_id
        self._told()

    def _bring_fields(self, fields: Fields, until: datetime) -> None:
        """What was learnt about those who were there before."""
        rows = [
            ContactRow(built_in={"external_id": name}, attributes=values)
            for name, values in fields.items()
        ]
        if rows:
            result = upsert_contacts(rows=rows, now=until)
            assert not result.errors, result.errors  # noqa: S101 - they are all ours

    def _bring_events(self, rows: Sequence[EventRow]) -> None:
        """As if they had been received when they happened."""
        for happened in self._batches(rows, _occurred_at):
            result = record_events(rows=happened, now=happened[-1].occurred_at)
            assert not result.errors, result.errors  # noqa: S101 - they are all ours
            self.events += result.accepted
            self._told()

    def _told(self) -> None:
        self._tell((COST * len(self.ids) + self.events) / self._all)

    def _joined_at(self, life: Life) -> datetime:
        return self._now - life.person.joined_before

    def _batches(
        self, items: Iterable[Item], at: Callable[[Item], datetime]
    ) -> Iterator[list[Item]]:
        for _, batch in groupby(items, key=lambda item: _together(self._now - at(item))):
            yield list(batch)


class _Queue(Generic[Item]):
    """Each is taken once, when its time has come."""

    def __init__(self, items: Iterable[Item], at: Callable[[Item], datetime]) -> None:
        self._items, self._at, self._next = sorted(items, key=at), at, 0

    def up_to(self, until: datetime) -> list[Item]:
        first, self._next = self._next, bisect(self._items, until, key=self._at)
        return self._items[first : self._next]


def _rows(lives: Iterable[Life]) -> Iterator[EventRow]:
    for life in lives:
        name = life.person.external_id
        contact = ContactRef("external_id", name)
        for number, (at, doing) in enumerate(life.happened):
            yield EventRow(contact, doing.type, at, f"{name}-{number:04}", doing.attributes)


def _occurred_at(row: EventRow) -> datetime:
    return row.occurred_at


def _together(ago: timedelta) -> tuple[int, int]:
    """What came in one batch: that of a month, a week, a day or an hour, the later the finer."""
    if ago > 365 * DAY:
        return 3, ago // (30 * DAY)
    if ago > 14 * DAY:
        return 2, ago // (7 * DAY)
    if ago > DAY:
        return 1, ago // DAY
    return 0, ago // timedelta(hours=1)
