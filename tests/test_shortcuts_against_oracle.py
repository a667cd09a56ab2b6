"""What is decided spares the rest, and the answers are the oracle's: nested groups of every kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from tests.oracle import Happening, Person
from tests.random_definitions import DefinitionMaker, Node
from tests.random_people import random_people
from tests.random_times import Times, random_now, random_zone
from tests.stored import store_catalog, store_people
from tests.strategies import Situation
from tests.test_sql_against_oracle import check_situation

pytestmark = pytest.mark.django_db

EVENT = {"kind": "event", "event": "Visit"}
RARE = {"kind": "field", "field": "Tier", "operator": "equals", "value": "Gold"}


class NestedMaker(DefinitionMaker):
    """Groups in which a child that is soon decided stands beside those that time changes."""

    def definition(self, *, depth: int = 3) -> Node:
        return self._nested(depth, shared=[self.event(), self.occurrence()])

    def _nested(self, depth: int, shared: list[Node]) -> Node:
        children = [self.rng.choice((self.event, self.sequence, self.occurrence))()]
        if self.rng.random() < 0.7:
            children.append(self.field())
        if self.rng.random() < 0.5:
            children.append(self.event())
        if self.rng.random() < 0.4:
            children.append(self.rng.choice(shared))
        if depth:
            children += [self._nested(depth - 1, shared) for _ in range(self.rng.choice((1, 1, 2)))]
        self.rng.shuffle(children)
        match = self.rng.choice(("all", "any", "none"))
        return {"kind": "group", "match": match, "children": children}


@pytest.mark.parametrize("seed", range(30))
def test_nested_groups_answer_as_the_oracle_does(seed: int):
    rng = Random(seed)
    zone = random_zone(rng)
    now = random_now(rng, zone)
    maker = NestedMaker(rng, Times(rng, zone, now))
    people = random_people(rng, zone=zone, now=now, count=10)
    definitions = [maker.definition(depth=rng.choice((1, 2, 3))) for _ in range(4)]

    check_situation(Situation(zone, now, people, definitions), rng)


def group(match: str, *children: Node) -> Node:
    return {"kind": "group", "match": match, "children": list(children)}


@pytest.mark.plain_server(
    "looks at the plan, of which a cluster has one for each part of the contacts"
)
@pytest.mark.parametrize(
    ("definition", "is_read"),
    [
        (group("all", RARE, EVENT), {"Gold"}),
        (group("any", RARE, EVENT), {"Silver"}),
        (group("none", RARE, EVENT), {"Silver"}),
        (group("any", group("all", RARE, EVENT), group("none", RARE)), {"Gold"}),
        (group("none", group("any", group("none", RARE), group("all", EVENT))), {"Gold"}),
    ],
    ids=str,
)
def test_events_are_read_only_where_the_rest_leaves_it_open(definition: Node, is_read: set[str]):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    tiers = ("Gold", "Silver")
    events = [Happening("Visit", now, "m1")]
    with override_settings(TIME_ZONE="UTC"):
        store_catalog()
        store_people(
            Person(n, now, attributes={"Tier": tier}, events=events)
            for n, tier in enumerate(tiers, 1)
        )
        found = {tier for n, tier in enumerate(tiers, 1) if reads_events(definition, n, now=now)}

    assert found == is_read


def reads_events(definition: Node, contact_id: int, *, now: datetime) -> bool:
    parsed = parse(definition, current_catalog())
    parts = compiled(parsed, facts=current_facts([parsed]), now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT json) {parts.rows(only='c.id = %(id)s')}",
            parts.params | {"id": contact_id},
        )
        [[plan]] = cursor.fetchall()
    return any(
        node.get("Relation Name") == "events_event" and node["Actual Loops"]
        for node in plans(plan if isinstance(plan, list) else json.loads(plan))
    )


def plans(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, list):
        return [node for item in tree for node in plans(item)]
    if not isinstance(tree, dict):
        return []
    return [tree, *(node for value in tree.values() for node in plans(value))]
