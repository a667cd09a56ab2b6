"""The demonstration comes in whole or not at all.

One transaction brings everything, so a start that is interrupted leaves nothing behind. The
fields, event types and segments that are made in it bear its time, by which removing.py knows
them from those of others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction

from contacts.fields import create_field
from contacts.models import Contact, Field
from contacts.problems import Conflict, quoted
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import EventType
from events.registry import create_event_type
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.clock import workspace_zone
from segmentflow.demo.event_types import SORTS
from segmentflow.demo.fields import FIELDS
from segmentflow.demo.histories import Life, live
from segmentflow.demo.lapsing import last_purchases
from segmentflow.demo.locks import alone
from segmentflow.demo.moments import Calendar
from segmentflow.demo.people import PEOPLE, Person, random_for
from segmentflow.demo.people import people as everybody
from segmentflow.demo.segments import DRAFT, LIST, LIVE
from segmentflow.workspace import current_workspace, update_workspace
from segments.engine.members import add_members
from segments.models import Segment
from segments.services import create_segment

Progress = Callable[[float], object]
"""Told which part of the work is done, from 0 to 1."""

GUESTS: Final = 24
"""At most, on the list."""
DAY: Final = timedelta(days=1)


class Loaded(NamedTuple):
    contacts: int
    events: int


def load_demo(
    *, now: datetime, people: int = PEOPLE, on_progress: Progress | None = None
) -> Loaded | None:
    """Bring people, a year of events and segments; None when they are there already.

    Raises Conflict where they would mix with what is not theirs.
    """
    tell = on_progress or (lambda _part: None)
    with alone(), transaction.atomic():
        if current_workspace().demo_loaded_at is not None:
            return None
        check_room()
        _define(now)
        lives = _lives(_some(people), now)
        ids = _bring_contacts(lives, now, lambda part: tell(0.1 + 0.4 * part))
        events = _bring_events(lives, now, lambda part: tell(0.5 + 0.45 * part))
        _describe_segments(lives, ids, now)
        # The time of this transaction, which is that of all it made.
        update_workspace(demo_loaded_at=TransactionNow())
    tell(1.0)
    return Loaded(len(ids), events)


def _some(number: int) -> list[Person]:
    """That many of the people, evenly, so that every sort of them is among them."""
    found = everybody()
    wanted = min(number, len(found))
    return [found[place * len(found) // wanted] for place in range(wanted)]


def check_room() -> None:
    """Raises Conflict when there is something that the demonstration would mix with."""
    if Contact.objects.exists():
        raise Conflict("The demonstration data comes only into a workspace without contacts.")
    wanted = {field["key"]: field["type"] for field in FIELDS}
    for field in Field.objects.filter(key__in=wanted):
        if field.type != wanted[field.key] or field.archived_at:
            raise Conflict(f"There is a field {quoted(field.key)} already, of another kind.")
    archived = EventType.objects.filter(key__in=[sort.key for sort in SORTS]).exclude(
        archived_at=None
    )
    if event_type := archived.first():
        raise Conflict(f"The event type {quoted(event_type.key)} is archived.")
    keys = [described.key for described in (*LIVE, LIST, DRAFT)]
    if segment := Segment.objects.filter(key__in=keys).first():
        raise Conflict(f"There is a segment with the key {quoted(segment.key)} already.")


def _define(now: datetime) -> None:
    known = set(Field.objects.values_list("key", flat=True))
    fields = [create_field(raw=field, now=now).pk for field in FIELDS if field["key"] not in known]
    Field.objects.filter(pk__in=fields).update(created_at=TransactionNow())
    known = set(EventType.objects.values_list("key", flat=True))
    for sort in SORTS:
        if sort.key not in known:
            raw = sort._asdict()
            origin = raw.pop("origin")
            made = create_event_type(raw=raw, now=now)
            EventType.objects.filter(pk=made.pk).update(origin=origin, created_at=TransactionNow())


def _lives(people: Iterable[Person], now: datetime) -> list[Life]:
    calendar = Calendar(now)
    ends = last_purchases(now=now, zone=workspace_zone())
    return [live(person, calendar, last_purchase_at=ends.get(person.number)) for person in people]


def _bring_contacts(lives: Sequence[Life], now: datetime, tell: Progress) -> list[int]:
    """As they came, some at once; their ids in that order."""
    ids: list[int] = []
    for _, batch in groupby(lives, key=lambda life: _together(life.person.joined_before)):
        came = list(batch)
        rows = [
            ContactRow(
                built_in=life.person.built_in,
                attributes=life.person.attributes | life.attributes,
            )
            for life in came
        ]
        result = upsert_contacts(rows=rows, now=now - came[0].person.joined_before)
        assert not result.errors, result.errors  # noqa: S101 - they are all ours
        ids += [contact_id for contact_id in result.contact_ids if contact_id is not None]
        tell(len(ids) / len(lives))
    return ids


def _bring_events(lives: Iterable[Life], now: datetime, tell: Progress) -> int:
    """As they happened, and as if they had been received then."""
    count = 0
    rows = sorted(_rows(lives), key=lambda row: (row.occurred_at, row.message_id))
    for _, batch in groupby(rows, key=lambda row: _together(now - row.occurred_at)):
        happened = list(batch)
        result = record_events(rows=happened, now=happened[-1].occurred_at)
        assert not result.errors, result.errors  # noqa: S101 - they are all ours
        count += result.accepted
        tell(count / len(rows))
    return count


def _rows(lives: Iterable[Life]) -> Iterator[EventRow]:
    for life in lives:
        name = life.person.external_id
        contact = ContactRef("external_id", name)
        for number, (at, doing) in enumerate(life.happened):
            yield EventRow(contact, doing.type, at, f"{name}-{number:04}", doing.attributes)


def _together(ago: timedelta) -> tuple[int, int]:
    """What came in one batch: that of a month, a week, a day or an hour, the later the finer."""
    if ago > 365 * DAY:
        return 3, ago // (30 * DAY)
    if ago > 14 * DAY:
        return 2, ago // (7 * DAY)
    if ago > DAY:
        return 1, ago // DAY
    return 0, ago // timedelta(hours=1)


def _describe_segments(lives: list[Life], ids: list[int], now: datetime) -> None:
    for key, name, description, tags, definition in (*LIVE, DRAFT):
        create_segment(
            key=key,
            name=name,
            description=description,
            tags=tags,
            definition=definition,
            status=Segment.Status.DRAFT if key == DRAFT.key else Segment.Status.LIVE,
            author=None,
            now=now,
        )
    guests = create_segment(
        key=LIST.key,
        name=LIST.name,
        description=LIST.description,
        tags=LIST.tags,
        kind=Segment.Kind.STATIC,
        author=None,
        now=now,
    )
    add_members(segment=guests, contact_ids=_guests(lives, ids), now=now)
    made = [described.key for described in (*LIVE, LIST, DRAFT)]
    Segment.objects.filter(key__in=made).update(created_at=TransactionNow())


def _guests(lives: list[Life], ids: list[int]) -> list[int]:
    near = [
        contact_id
        for life, contact_id in zip(lives, ids, strict=True)
        if life.person.country.code == "PL"
    ]
    return random_for("guests", 0).sample(near, min(GUESTS, len(near)))
