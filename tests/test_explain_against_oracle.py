"""What is explained is what the oracle says: at every node, now and when time changes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine.explain import Explanation, explain_each, foresee
from tests.oracle import Person, World, holds
from tests.random_people import FIELDS, random_people
from tests.random_times import LAST, Times, random_now, random_zone
from tests.stored import store_catalog, store_people, store_segments
from tests.strategies import Situation, random_situation
from tests.test_shortcuts_against_oracle import NestedMaker
from tests.test_sql_against_oracle import instants_before, sql_answers

pytestmark = pytest.mark.django_db

Node = dict[str, Any]
TICK = timedelta(microseconds=1)

SEEDS = range(20)
PEOPLE, DEFINITIONS = 25, 20
"""Of each seed: 10,000 pairs in all."""


def nodes_of(one: Explanation, definition: Node) -> Iterator[tuple[Explanation, Node]]:
    """Each node that is explained, with the same node as the oracle reads it."""
    yield one, definition
    for child, node in zip(one.children, definition.get("children", ()), strict=True):
        yield from nodes_of(child, node)


def right(node: Node, person: Person, at: datetime, situation: Situation) -> bool:
    return holds(node, World(person, at, situation.zone, FIELDS, situation.segments))


def stored(situation: Situation) -> None:
    store_catalog()
    store_people(situation.people)
    store_segments(situation.segments)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_explanation_agrees_with_membership_and_the_oracle_at_every_node(seed: int):
    situation = random_situation(
        Random(seed), people=PEOPLE, definitions=DEFINITIONS, segments=3 if seed % 2 else 0
    )
    ids, now = [person.id for person in situation.people], situation.now
    with override_settings(TIME_ZONE=situation.zone.key), transaction.atomic():
        stored(situation)
        for definition in situation.definitions:
            explained = explain_each(parse(definition, current_catalog()), contact_ids=ids, now=now)
            members = {pk for pk, (is_in, _) in sql_answers(definition, now=now).items() if is_in}
            for person in situation.people:
                found = explained[person.id]
                assert found.truth == (person.id in members), (definition, person)
                for one, node in nodes_of(found, definition):
                    assert one.truth == right(node, person, now, situation), (node, person, now)
        transaction.set_rollback(True)


@pytest.mark.parametrize("seed", range(500, 512))
def test_predicted_changes_are_true_to_the_microsecond_at_every_node(seed: int):
    """Of definitions in which nearly everything moves with time."""
    rng = Random(seed)
    zone = random_zone(rng)
    now = random_now(rng, zone)
    maker = NestedMaker(rng, Times(rng, zone, now))
    people = random_people(rng, zone=zone, now=now, count=5)
    situation = Situation(zone, now, people, [maker.definition(depth=1) for _ in range(5)])
    with override_settings(TIME_ZONE=zone.key), transaction.atomic():
        stored(situation)
        changes = [
            changes_as_told(one, node, person, situation)
            for definition in situation.definitions
            for person in people
            for one, node in foreseen(definition, person, situation, rng)
        ]
        transaction.set_rollback(True)
    assert any(changes)


def foreseen(
    definition: Node, person: Person, situation: Situation, rng: Random
) -> Iterator[tuple[Explanation, Node]]:
    """Each node; before the whole is to change, it is the same all the time."""
    group = parse(definition, current_catalog())
    found = foresee(group, contact_id=person.id, now=situation.now)
    assert found is not None
    for instant in instants_before(found.until, definition, person, situation, rng):
        assert right(definition, person, instant, situation) == found.truth, (definition, instant)
    yield from nodes_of(found, definition)


def changes_as_told(one: Explanation, node: Node, person: Person, situation: Situation) -> bool:
    """Whether it was foretold to change; what is foretold has to be so."""
    at = one.changes_at
    if at is None or at > LAST:  # the oracle's calendar ends
        return False
    assert right(node, person, at - TICK, situation) == one.truth, (node, person, at)
    assert right(node, person, at, situation) != one.truth, (node, person, at)
    return True
