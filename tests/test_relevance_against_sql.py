"""No event is passed over that the database would count: random filters and attributes."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from segmentflow.exact import ExactEncoder
from segments.catalog import current_catalog
from segments.conditions.filters import event_filters, passes
from segments.conditions.nodes import Where
from segments.conditions.parse import parse
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from segments.engine.relevance import may_concern
from tests.oracle import Happening, Person
from tests.random_definitions import DefinitionMaker
from tests.random_people import PeopleMaker
from tests.random_times import Times, random_now, random_zone
from tests.stored import store_catalog, store_people

pytestmark = pytest.mark.django_db

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


@pytest.mark.parametrize("seed", range(12))
def test_an_event_that_the_database_counts_may_always_pass(seed: int):
    rng = Random(seed)
    zone = random_zone(rng)
    now = random_now(rng, zone)
    times = Times(rng, zone, now)
    makers = DefinitionMaker(rng, times), PeopleMaker(rng, times)
    refused = 0
    with override_settings(TIME_ZONE=zone.key):
        store_catalog()
        people = {number: _person(number, makers[1], now) for number in range(1, 81)}
        store_people(people.values())
        for _ in range(40):
            filter_ = draw_filter(makers[0])
            counted = members(filter_, now)
            where = parsed(filter_)
            for number, person in people.items():
                text = ExactEncoder().encode(person.events[0].attributes)
                if not may_concern(text, (passes(where),)):
                    refused += 1
                    assert number not in counted, (filter_, text)
    assert refused > 300


def _person(number: int, maker: PeopleMaker, now: Any) -> Person:
    event = Happening("Visit", now - timedelta(minutes=1), "m", draw_attributes(maker))
    return Person(number, now, maker.built_in(number), maker.attributes(), [event])


def definition(filter_: Any) -> Any:
    condition = {"kind": "event", "event": "Visit", "where": filter_}
    return {"kind": "group", "match": "all", "children": [condition]}


def parsed(filter_: Any) -> Where:
    [where] = event_filters(parse(definition(filter_), current_catalog()), {})["Visit"] or ()
    return where


def members(filter_: Any, now: Any) -> set[int]:
    group = parse(definition(filter_), current_catalog())
    parts = compiled(group, facts=current_facts([group]), now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT contact_id FROM ({parts.rows()}) r WHERE truth", parts.params)
        return {contact_id for (contact_id,) in cursor}
