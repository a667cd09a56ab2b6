"""One random history, played against the product and remembered as plain data."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.test import override_settings

from contacts.erasure import erase_contacts
from contacts.merging import merge_contacts
from events import erasing, filling
from events.erasing import advance_erasing
from events.filling import advance_filling
from events.keeping import keep_for
from events.models import EventType
from events.registry import update_event_type
from segmentflow.models import TallySubject
from segmentflow.months import kept_from
from segmentflow.tallies import roll_up, totals
from segments.engine.check import check
from segments.engine.members import add_members, remove_members
from segments.engine.settle import settle
from segments.models import Deadline, Segment, Transition
from segments.zone import apply_zone, change_zone
from tests import worlds
from tests.oracle import Happening, Person, is_member
from tests.random_definitions import DefinitionMaker
from tests.random_people import EVENT_TYPES, FIELDS, PeopleMaker
from tests.random_times import Times, later_instants, random_now, random_zone

LIST = "list"
Members = dict[str, set[int]]
"""By segment."""


@dataclass(frozen=True)
class Wrong:
    """A stored membership that is not what the oracle says, or a log that does not add up."""

    seed: int
    step: int
    said: str


class History:
    """The state of the world as it should be, and the moves that change it."""

    def __init__(self, seed: int, *, segments: int = 12, zone: ZoneInfo | None = None) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.zone = zone or random_zone(self.rng)
        self.now = random_now(self.rng, self.zone)
        self.people: dict[int, Person] = {}
        self.listed: set[int] = set()
        self.definitions: dict[str, dict[str, Any]] = {}
        self.keys = [f"s{number:02d}" for number in range(segments)]
        self.made = 0
        self.kept: dict[str, int] = {}
        self.erased_before: dict[str, datetime] = {}

    def play(self, *, steps: int = 8) -> Wrong | None:
        """Live through the history; answers the first thing that is wrong."""
        with override_settings(TIME_ZONE=self.zone.key):
            self._begin()
            for step in range(steps):
                if step:
                    self._move_on()
                settle(now=self.now)
                if said := self._wrong():
                    return Wrong(self.seed, step, said)
        return None

    # The world

    def _begin(self) -> None:
        apply_zone()
        worlds.register(FIELDS, EVENT_TYPES, value_of={"Purchase": "amount"})
        worlds.make_list(LIST, now=self.now)
        if self.rng.random() < 0.5:
            self._people(3)
        for key in self.keys:
            self._define(key)
        self._people(2)

    def _people(self, count: int) -> None:
        for _ in range(count):
            self._create()

    def _maker(self) -> PeopleMaker:
        return PeopleMaker(self.rng, Times(self.rng, self.zone, self.now), self.made * 100)

    def _move_on(self) -> None:
        """Some moves; or only time, so that every flip is a deadline's."""
        if self.rng.random() < 0.3:
            self._tick()
            return
        for _ in range(self.rng.randint(1, 5)):
            self._move()

    def _move(self) -> None:
        moves: list[Callable[[], None]] = [
            *[self._happen] * 6,
            *[self._change] * 4,
            *[self._tick] * 4,
            self._create,
            self._again,
            self._edit,
            self._enlist,
            self._erase,
            self._merge,
            self._rezone,
            self._keep,
            self._forget_old,
            self._revalue,
        ]
        of_people = (
            self._happen,
            self._change,
            self._again,
            self._enlist,
            self._erase,
            self._merge,
        )
        move = self.rng.choice(moves)
        if self.people or move not in of_people:
            move()

    # The moves

    def _create(self) -> None:
        self.made += 1
        person = self._maker().person(self.made, events=5)
        contact_id = worlds.send_contact(person)
        self.people[contact_id] = replace(person, id=contact_id, events=[])
        self._send(self.people[contact_id], person.events)

    def _send(self, person: Person, events: list[Happening]) -> None:
        events = [event for event in events if not self._is_old(event)]
        known = {event.message_id for event in person.events}
        new = [event for event in events if event.message_id not in known]
        assert worlds.send_events(person.id, events, now=self.now) == len(new)
        person.events.extend(new)

    def _happen(self) -> None:
        self.made += 1
        maker = self._maker()
        person = self._somebody()
        events = [maker.event() for _ in range(self.rng.choice((1, 1, 3)))]
        if person.events and self.rng.random() < 0.2:
            events[0] = replace(events[0], occurred_at=self.rng.choice(person.events).occurred_at)
        self._send(person, events)

    def _again(self) -> None:
        """The same message once more, with something else in it: it is ignored."""
        person = self._somebody()
        if person.events:
            event = replace(self.rng.choice(person.events), attributes={"amount": 777})
            self._send(person, [event])

    def _change(self) -> None:
        person = self._somebody()
        key = self.rng.choice([*FIELDS, "country", "first_name"])
        if key in FIELDS:
            value = None if self.rng.random() < 0.2 else self._maker().field_value(key)
            person.attributes.pop(key, None)
            person.attributes.update({} if value is None else {key: value})
        else:
            value = self.rng.choice(("", "Gold", "żółty"))
            person.built_in[key] = value
        worlds.send_fields(person.id, values={key: value}, now=self.now)

    def _tick(self) -> None:
        sign = -1 if self.rng.random() < 0.08 else 1
        self.now += sign * Times(self.rng, self.zone, self.now).step()

    def _edit(self) -> None:
        self._define(self.rng.choice(self.keys))

    def _define(self, key: str) -> None:
        """Segments refer only to those before them, so that there is no cycle."""
        known = [LIST, *[other for other in self.definitions if other < key]]
        maker = DefinitionMaker(self.rng, Times(self.rng, self.zone, self.now), known)
        definition = maker.definition()
        worlds.publish(key, definition, now=self.now)
        self.definitions[key] = definition

    def _enlist(self) -> None:
        person = self._somebody()
        segment = Segment.objects.get(key=LIST)
        if person.id in self.listed:
            remove_members(segment=segment, contact_ids=[person.id], now=self.now)
        else:
            add_members(segment=segment, contact_ids=[person.id], now=self.now)
        self.listed ^= {person.id}

    def _erase(self) -> None:
        person = self._somebody()
        erase_contacts(contact_ids=[person.id])
        del self.people[person.id]
        self.listed -= {person.id}

    def _merge(self) -> None:
        """Two are one person; sometimes both have sent the same message."""
        keep, lose = self._somebody(), self._somebody()
        if keep is lose:
            return
        if lose.events and self.rng.random() < 0.5:
            event = self.rng.choice(lose.events)
            self._send(keep, [replace(event, attributes={"amount": 333})])
        merge_contacts(keep=keep.id, lose=lose.id, now=self.now)
        del self.people[lose.id]
        self.people[keep.id] = as_one(keep, lose)
        if lose.id in self.listed:
            self.listed = self.listed - {lose.id} | {keep.id}

    def _rezone(self) -> None:
        self.zone = random_zone(self.rng)
        change_zone(name=self.zone.key)

    def _keep(self) -> None:
        """A type's events are kept for so many months, or for ever again."""
        key = self.rng.choice(EVENT_TYPES)
        months = self.rng.choice((None, 1, 2, 6, 12))
        keep_for(event_type=EventType.objects.get(key=key), months=months)
        self.erased_before.pop(key, None)
        self.kept.pop(key, None)
        if months is not None:
            self.kept[key] = months
        self._forget_old()

    def _forget_old(self) -> None:
        """In bites so small that one contact's events take several."""
        with patch.object(erasing, "BITE", 2), patch.object(erasing, "RANGE", 3):
            while advance_erasing(now=self.now):
                pass
        for key in self.kept:
            before = self._kept_from(key)
            if key not in self.erased_before or before > self.erased_before[key]:
                self.erased_before[key] = before
                for person in self.people.values():
                    person.events[:] = [
                        event
                        for event in person.events
                        if event.type != key or event.occurred_at >= before
                    ]

    def _kept_from(self, key: str) -> datetime:
        return kept_from(self.kept[key], now=self.now, zone=self.zone)

    def _is_old(self, event: Happening) -> bool:
        return event.type in self.kept and event.occurred_at < self._kept_from(event.type)

    def _revalue(self) -> None:
        """Another value attribute, whose copying may be given up half-way by the next one."""
        event_type = EventType.objects.get(key=self.rng.choice(EVENT_TYPES))
        raw = {"value_attribute": self.rng.choice(("", "amount", "items.count"))}
        update_event_type(event_type=event_type, raw=raw, now=self.now)
        with patch.object(filling, "BITE", 3):
            for _ in range(self.rng.choice((0, 1, 2, 100))):
                advance_filling()

    def _somebody(self) -> Person:
        return self.rng.choice(list(self.people.values()))

    # The verdict

    def holds(self, key: str, person: Person, *, now: datetime) -> bool:
        """Whether a contact is in a segment, from nothing."""
        segments: dict[str, Any] = {**self.definitions, LIST: self.listed}
        return is_member(self.definitions[key], person, now, self.zone, FIELDS, segments)

    def members(self, key: str) -> set[int]:
        return {
            person.id for person in self.people.values() if self.holds(key, person, now=self.now)
        }

    def _wrong(self) -> str | None:
        stored = worlds.stored_members()
        right = {LIST: self.listed, **{key: self.members(key) for key in self.keys}}
        for key, members in right.items():
            if stored[key] != members:
                return f"{key}: stored {stored[key]}, right {members}: {self.definitions.get(key)}"
        return (
            self._wrong_count(stored)
            or self._wrong_log(stored)
            or self._wrong_tally()
            or self._wrong_deadline(stored)
            or self._wrong_check()
        )

    def _wrong_count(self, stored: Members) -> str | None:
        for key, count in Segment.objects.values_list("key", "member_count"):
            if count != len(stored[key]):
                return f"{key} counts {count} members"
        return None

    def _wrong_log(self, stored: Members) -> str | None:
        """Every entry and every leaving follow each other and lead to what is stored."""
        inside: Members = {key: set() for key in stored}
        rows = Transition.objects.order_by("seq")
        for key, contact_id, entered in rows.values_list("segment__key", "contact_id", "entered"):
            if (contact_id in inside[key]) == entered:
                return f"contact {contact_id} twice {'entered' if entered else 'left'} {key}"
            inside[key] ^= {contact_id}
        return None if inside == stored else f"the log leads to {inside}, not {stored}"

    def _wrong_tally(self) -> str | None:
        """Stored counts are what counting the log finds; some of them rolled up, some not."""
        if self.rng.random() < 0.5:
            roll_up()
        for subject, entered in ((TallySubject.ENTERED, True), (TallySubject.LEFT, False)):
            logged = Transition.objects.filter(entered=entered)
            right = Counter(logged.values_list("segment_id", flat=True))
            if {ref: amount for ref, amount in totals(subject).items() if amount} != right:
                return f"{subject.label}: stored {totals(subject)}, right {right}"
        types = dict(EventType.objects.values_list("pk", "key"))
        stored = {types[ref]: n for ref, n in totals(TallySubject.EVENTS).items() if n}
        happened = Counter(one.type for person in self.people.values() for one in person.events)
        return None if stored == happened else f"events: counted {stored}, right {happened}"

    def _wrong_deadline(self, stored: Members) -> str | None:
        """Until its deadline, a membership would stay right without a look."""
        rows = Deadline.objects.values_list("segment__key", "contact_id", "due_at")
        due = {(key, contact_id): due_at for key, contact_id, due_at in rows}
        for key, person in itertools.product(self.keys, self.people.values()):
            if self.rng.random() < 0.2:
                until, is_in = due.get((key, person.id)), person.id in stored[key]
                for instant in later_instants(self.rng, self.now, person, until):
                    if self.holds(key, person, now=instant) != is_in:
                        return f"{key}, contact {person.id}: due {until}, but flips by {instant}"
        return None

    def _wrong_check(self) -> str | None:
        """The product's own proof finds nothing; now and then, for it takes long."""
        if self.rng.random() < 0.8:
            return None
        # A deadline may be later than the one a fresh look gives: the direction of a change
        # spares looks that could only have brought it forward.
        found = [row for row in check(now=self.now) if row.stored != row.right]
        return f"check finds {found}" if found else None


def as_one(keep: Person, lose: Person) -> Person:
    """What is known of them together."""
    known = {event.message_id for event in keep.events}
    built_in = {key: value for key, value in keep.built_in.items() if value}
    return replace(
        keep,
        built_in={**lose.built_in, **built_in},
        attributes={**lose.attributes, **keep.attributes},
        events=[*keep.events, *(one for one in lose.events if one.message_id not in known)],
        created_at=min(keep.created_at, lose.created_at),
    )
