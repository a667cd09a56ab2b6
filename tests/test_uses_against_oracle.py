"""What `uses` says about a definition is so: what it leaves out changes nothing, and a
direction is never wrong, now or later."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo
from segments.conditions.nodes import FieldType, Group
from segments.conditions.parse import parse
from segments.conditions.uses import Uses, uses
from tests.oracle import Person, is_member
from tests.random_people import EVENT_TYPES, FIELDS, PeopleMaker
from tests.random_times import Times, later_instants
from tests.strategies import Situation, random_situation

EITHER, NEITHER = 0, None


def used(definition: dict[str, Any], situation: Situation) -> Uses:
    catalog = Catalog(
        zone=situation.zone,
        fields={key: FieldInfo(FieldType(kind)) for key, kind in FIELDS.items()},
        event_types={key: EventTypeInfo() for key in EVENT_TYPES},
    )
    nothing: dict[str, Group | None] = {}
    return uses(parse(definition, catalog), nothing.get)


def directions(definition: dict[str, Any], situation: Situation) -> dict[tuple[str, str], int]:
    found = used(definition, situation)
    return {(use.kind, use.ref): use.direction for use in found.entries}


def changed(person: Person, situation: Situation, rng: Random) -> tuple[Person, tuple[str, str]]:
    """The same contact after one change of data, and what it was that changed."""
    maker = PeopleMaker(rng, Times(rng, situation.zone, situation.now), events_made=1000)
    if rng.random() < 0.7:
        event = maker.event()
        return replace(person, events=[*person.events, event]), ("event", event.type)
    key = rng.choice(list(FIELDS))
    attributes = {**person.attributes, key: maker.field_value(key)}
    return replace(person, attributes=attributes), ("field", key)


@pytest.mark.parametrize("seed", range(150))
def test_a_change_moves_the_answer_only_as_uses_says(seed: int):
    rng = Random(seed)
    situation = random_situation(rng, people=6, definitions=4)
    for definition in situation.definitions:
        moves = directions(definition, situation)
        for before in situation.people:
            after, what = changed(before, situation, rng)
            direction = moves.get(what, NEITHER)
            if direction == EITHER:
                continue
            for now in [situation.now, *later_instants(rng, situation.now, after, None)]:
                was, is_ = (
                    is_member(definition, person, now, situation.zone, FIELDS, {})
                    for person in (before, after)
                )
                assert is_ - was in (0, direction), (what, direction, now, definition, after)


@pytest.mark.parametrize("seed", range(100))
def test_a_definition_that_does_not_use_the_clock_stays_as_it_is(seed: int):
    """Apart from events that have yet to come, which it says it uses."""
    rng = Random(seed)
    situation = random_situation(rng, people=4, definitions=6)
    for definition in situation.definitions:
        if used(definition, situation).uses_clock:
            continue
        for person in situation.people:
            answers = {
                is_member(definition, person, now, situation.zone, FIELDS, {})
                for now in [situation.now, *later_instants(rng, situation.now, person, None)]
            }
            assert len(answers) == 1, (definition, person)
