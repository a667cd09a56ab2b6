"""The demonstration comes in whole or not at all.

One transaction brings everything, so a start that is interrupted leaves nothing behind. The
fields, event types and segments that are made in it bear its time, by which removing.py knows
them from those of others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction

from contacts.fields import create_field
from contacts.models import Contact, Field
from contacts.problems import Conflict, quoted
from events.models import EventType
from events.registry import create_event_type
from segmentflow.clock import workspace_zone
from segmentflow.demo.arriving import Arrivals
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
from segments.engine.affected import targets
from segments.engine.locks import try_rebuild_lane
from segments.engine.members import add_members
from segments.engine.settle import catch_up
from segments.engine.turning import latest_instant, note_time
from segments.models import Segment
from segments.services import create_segment, hold_definitions

Progress = Callable[[float], object]
"""Told which part of the work is done, from 0 to 1."""

GUESTS: Final = 24
"""At most, on the list."""
PAST: Final = timedelta(days=30)
"""How long there have been segments."""
STEPS: Final = (
    (timedelta(days=9), timedelta(days=3)),
    (timedelta(days=1), timedelta(days=1)),
    (timedelta(0), timedelta(hours=2)),
)
"""(until how long ago, from one settling to the next); each costs up to half a second."""


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
        arrivals = Arrivals(lives, now=now, tell=lambda part: tell(0.1 + 0.85 * part))
        _let_pass(arrivals, lives, now)
        # The time of this transaction, which is that of all it made.
        update_workspace(demo_loaded_at=TransactionNow())
    tell(1.0)
    return Loaded(len(arrivals.ids), arrivals.events)


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


def _let_pass(arrivals: Arrivals, lives: Sequence[Life], now: datetime) -> None:
    """The last days as they went by: what came, and who entered or left what because of it.

    The engine itself settles each step, as of its end. While segments of others follow the
    data, nothing of this is done: they would say they had been there all along.
    """
    arrivals.bring(now - PAST)
    _have_engine()
    if targets():
        arrivals.bring(now)
        _describe_segments(lives, arrivals.ids, now)
        return
    _analyze()
    # Before there are segments: what came long ago has moved nobody.
    catch_up(now=now - PAST)
    _describe_segments(lives, arrivals.ids, now - PAST)
    for at in _steps(now):
        arrivals.bring(at)
        catch_up(now=at)
    _set_clock(now)


def _analyze() -> None:
    """The statistics that autovacuum gathers after a commit, without which plans are guesses."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact, contacts_identity, events_event")


def _have_engine() -> None:
    """Until the commit, no other process rebuilds, and nobody publishes.

    The lane first, as whoever rebuilds takes them: with only the second, one who is waiting
    for it would keep the lane from us for ever.
    """
    while not try_rebuild_lane():
        time.sleep(0.01)
    hold_definitions()


def _steps(now: datetime) -> Iterator[datetime]:
    """Where the engine settles, the later the finer; the first is where segments begin."""
    at = now - PAST
    yield at
    for until, step in STEPS:
        while at < now - until:
            at += step
            yield at


def _set_clock(now: datetime) -> None:
    """At the very end, for everybody who refreshes waits for who sets it; and never back."""
    note_time(now=max(now, latest_instant() or now), tolerance=timedelta())


def _describe_segments(lives: Sequence[Life], ids: Mapping[str, int], now: datetime) -> None:
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


def _guests(lives: Sequence[Life], ids: Mapping[str, int]) -> list[int]:
    people = [life.person for life in lives if life.person.external_id in ids]
    near = [ids[person.external_id] for person in people if person.country.code == "PL"]
    return random_for("guests", 0).sample(near, min(GUESTS, len(near)))
