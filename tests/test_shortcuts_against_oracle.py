"""What is decided spares the rest, and the answers are the oracle's: nested groups of every kind."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from events.models import EventType
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


FILTERED = {
    "kind": "event",
    "event": "Visit",
    "where": group(
        "all",
        {
            "kind": "attribute",
            "attribute": "category",
            "type": "text",
            "operator": "equals",
            "value": "x",
        },
    ),
}
NO_PURCHASE = {"kind": "event", "event": "Purchase", "operator": "equals", "value": 0}
LARGE_PURCHASE = {
    "kind": "event",
    "event": "Purchase",
    "measure": {"of": "maximum", "attribute": "amount"},
    "operator": "at_least",
    "value": 10,
}


@pytest.mark.plain_server(
    "looks at the plan, of which a cluster has one for each part of the contacts"
)
@pytest.mark.parametrize(
    ("definition", "is_read"),
    [
        (group("all", FILTERED, NO_PURCHASE), ["Purchase"]),
        (group("any", FILTERED, group("none", NO_PURCHASE)), ["Purchase"]),
        (group("any", FILTERED, LARGE_PURCHASE), ["Purchase"]),
        (group("all", FILTERED, group("none", NO_PURCHASE)), ["Purchase", "Visit"]),
    ],
    ids=str,
)
def test_what_the_index_tells_comes_before_what_events_have_to_be_opened_for(
    definition: Node, is_read: list[str]
):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    events = [Happening("Visit", now, "m1"), Happening("Purchase", now, "m2", {"amount": 20})]
    with override_settings(TIME_ZONE="UTC"):
        store_catalog()
        store_people([Person(1, now, events=events)])

        assert sorted(types_read(definition, 1, now=now)) == is_read


def reads_events(definition: Node, contact_id: int, *, now: datetime) -> bool:
    return bool(scans(definition, contact_id, now=now))


def types_read(definition: Node, contact_id: int, *, now: datetime) -> set[str]:
    """By the index; the tables of tests are so small that PostgreSQL would rather read all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
    found = json.dumps(scans(definition, contact_id, now=now))
    types = dict(EventType.objects.values_list("pk", "key"))
    return {types[int(number)] for number in re.findall(r"type_id = (\d+)", found)}


def scans(definition: Node, contact_id: int, *, now: datetime) -> list[dict[str, Any]]:
    """The parts of the plan that looked for events."""
    parsed = parse(definition, current_catalog())
    parts = compiled(parsed, facts=current_facts([parsed]), now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT json) {parts.rows(only='c.id = %(id)s')}",
            parts.params | {"id": contact_id},
        )
        [[plan]] = cursor.fetchall()
    return [
        node
        for node in plans(plan if isinstance(plan, list) else json.loads(plan))
        if node.get("Relation Name") == "events_event" and node["Actual Loops"]
    ]


def plans(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, list):
        return [node for item in tree for node in plans(item)]
    if not isinstance(tree, dict):
        return []
    return [tree, *(node for value in tree.values() for node in plans(value))]
