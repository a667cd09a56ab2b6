"""No event is passed over that could change an answer: random filters, definitions and events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from segmentflow.exact import ExactEncoder
from segments.catalog import current_catalog
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo
from segments.conditions.certain import _folded
from segments.conditions.filters import compiled as compiled_filter
from segments.conditions.filters import event_filters
from segments.conditions.nodes import FieldType
from segments.conditions.parse import parse
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from segments.engine.near import near
from segments.engine.relevance import Filters, may_concern
from tests.oracle import Happening, Person, is_member
from tests.random_definitions import DefinitionMaker
from tests.random_people import EVENT_TYPES, FIELDS, PeopleMaker
from tests.random_times import Times, later_instants, random_now, random_zone
from tests.stored import store_catalog, store_people
from tests.strategies import Situation, random_situation

UNUSUAL = (
    *("İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "ΟΔΟΣ", "οδος", "οδοσ", "ſtraße", "STRASSE"),
    *("STRAẞE", "K", "k", "\u212a", "Ꭰ", "ꭰ", "ÅNGSTRÖM", "ångström", "\u212bngström", "ĠĦ", "ġħ"),
)
"""Texts whose small letters are not the same everywhere."""


def draw_filter(maker: DefinitionMaker) -> Any:
    found: dict[str, Any] = {}
    while not found:
        found = maker._where()
    return _with_unusual(found["where"], maker.rng)


def _with_unusual(node: Any, rng: Random) -> Any:
    for child in node.get("children", ()):
        _with_unusual(child, rng)
    is_text = isinstance(node.get("value"), str) and node.get("type") == "text"
    if is_text and "match" not in node["operator"] and rng.random() < 0.3:
        node["value"] = rng.choice(UNUSUAL)
    return node


def draw_attributes(maker: PeopleMaker) -> Any:
    found = maker.event_attributes()
    if maker.rng.random() < 0.3:
        found["category"] = maker.rng.choice(UNUSUAL)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_an_event_that_the_database_counts_may_always_pass(seed: int):
    rng = Random(seed)
    zone = random_zone(rng)
    now = random_now(rng, zone)
    times = Times(rng, zone, now)
    definitions, maker = DefinitionMaker(rng, times), PeopleMaker(rng, times)
    refused = 0
    with override_settings(TIME_ZONE=zone.key):
        store_catalog()
        people = {number: _person(number, maker, now) for number in range(1, 81)}
        store_people(people.values())
        for _ in range(40):
            definition = _definition(draw_filter(definitions))
            counted = _members(definition, now)
            filters = _filters(definition, current_catalog())["Visit"]
            for number, person in people.items():
                if not _concerns(person.events[0], filters):
                    refused += 1
                    assert number not in counted, (definition, person.events[0])
    assert refused > 300


def _person(number: int, maker: PeopleMaker, now: datetime) -> Person:
    event = Happening("Visit", now - timedelta(minutes=1), "m", draw_attributes(maker))
    return Person(number, now, maker.built_in(number), maker.attributes(), [event])


def _definition(filter_: Any) -> Any:
    condition = {"kind": "event", "event": "Visit", "where": filter_}
    return _all_of(condition)


def _all_of(condition: Any) -> Any:
    return {"kind": "group", "match": "all", "children": [condition]}


def _members(definition: Any, now: datetime) -> set[int]:
    group = parse(definition, current_catalog())
    parts = compiled(group, facts=current_facts([group]), now=now)
    with connection.cursor() as cursor:
        asked = f"SELECT contact_id FROM ({parts.rows()}) r WHERE truth"
        cursor.execute(near(asked, only="true", params=parts.params), parts.params)
        return {contact_id for (contact_id,) in cursor}


def _filters(definition: Any, catalog: Catalog) -> dict[str, Filters]:
    found = event_filters(parse(definition, catalog), {})
    return {
        event: None if filters is None else tuple(map(compiled_filter, filters))
        for event, filters in found.items()
    }


def _concerns(event: Happening, filters: Filters) -> bool:
    return may_concern(ExactEncoder().encode(event.attributes), event.occurred_at, filters)


def _followed(filters: Filters, event: Happening, person: Person) -> Filters:
    """Without those that ask for another event, which did not come later."""
    if filters is None:
        return None
    later = {other.type for other in person.events if other.occurred_at > event.occurred_at}
    return tuple(one for one in filters if one.then is None or one.then in later)


def test_an_event_that_concerns_nobody_changes_no_answer_now_or_later():
    passed_over = sum(map(_passed_over, range(150)))

    assert passed_over > 100


@pytest.mark.parametrize("seed", range(3))
def test_a_step_that_nothing_follows_changes_no_answer_now_or_later(seed: int):
    rng = Random(seed)
    situation = random_situation(rng, people=30, definitions=1)
    times = Times(rng, situation.zone, situation.now)
    maker, people = DefinitionMaker(rng, times), PeopleMaker(rng, times, events_made=1000)
    catalog = Catalog(
        zone=situation.zone,
        fields={key: FieldInfo(FieldType(kind)) for key, kind in FIELDS.items()},
        event_types={key: EventTypeInfo() for key in EVENT_TYPES},
    )
    passed_over = 0
    for _ in range(60):
        definition = _all_of(maker.sequence())
        passed_over += _without_a_change(definition, catalog, situation, people, rng)
    assert passed_over > 100


def _passed_over(seed: int) -> int:
    rng = Random(seed)
    situation = random_situation(rng, people=6, definitions=6)
    maker = PeopleMaker(rng, Times(rng, situation.zone, situation.now), events_made=1000)
    catalog = Catalog(
        zone=random_zone(rng),  # the workspace's when the filters were read; it may have moved
        fields={key: FieldInfo(FieldType(kind)) for key, kind in FIELDS.items()},
        event_types={key: EventTypeInfo() for key in EVENT_TYPES},
    )
    found = 0
    for definition in situation.definitions:
        found += _without_a_change(definition, catalog, situation, maker, rng)
    return found


def _without_a_change(
    definition: Any, catalog: Catalog, situation: Situation, maker: PeopleMaker, rng: Random
) -> int:
    """Gives each person another event, and says how many of these are passed over, rightly."""
    filters = _filters(definition, catalog)
    found = 0
    for before in situation.people:
        event = maker.event()
        if event.type not in filters:
            continue
        if _concerns(event, _followed(filters[event.type], event, before)):
            continue
        found += 1
        after = replace(before, events=[*before.events, event])
        for now in [situation.now, *later_instants(rng, situation.now, after, None)]:
            was, is_ = (
                is_member(definition, person, now, situation.zone, FIELDS, {})
                for person in (before, after)
            )
            assert was == is_, (now, definition, event, before)
    return found


@pytest.mark.django_db
def test_texts_whose_small_letters_are_the_same_are_never_told_apart():
    """In the locale of this database; and however else Python makes them small."""
    letters = [chr(code) for code in range(1, 0x530)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT letter, lower(letter) FROM unnest(%s::text[]) AS letter", [letters])
        small = dict(cursor.fetchall())
    for letter in letters:
        for other in (small[letter], letter.lower(), letter.casefold()):
            assert _folded(other) in (_folded(letter), None), (letter, other)
