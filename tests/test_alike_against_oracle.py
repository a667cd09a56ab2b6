"""Definitions of the same form are true for the same people, whatever they are made of."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

import pytest

from segments.conditions.alike import form_of
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo
from segments.conditions.nodes import FieldType
from segments.conditions.operators import MAX_DEPTH
from segments.conditions.parse import parse
from tests.oracle import is_member
from tests.random_people import EVENT_TYPES, FIELDS
from tests.strategies import Situation, random_situation


def form(definition: dict[str, Any], situation: Situation) -> object:
    catalog = Catalog(
        zone=situation.zone,
        fields={key: FieldInfo(FieldType(kind)) for key, kind in FIELDS.items()},
        event_types={key: EventTypeInfo() for key in EVENT_TYPES},
    )
    return form_of(parse(definition, catalog))


def depth(node: dict[str, Any]) -> int:
    """Of groups within groups."""
    if node["kind"] != "group":
        return 0
    return 1 + max(map(depth, node["children"]))


def rewritten(node: dict[str, Any], rng: Random) -> dict[str, Any]:
    """The same in other words."""
    if node["kind"] == "group":
        children = [rewritten(child, rng) for child in node["children"]]
        rng.shuffle(children)
        node = {**node, "name": "Other", "children": [*children, rng.choice(children)]}
    wrapped = {"kind": "group", "match": rng.choice(("all", "any")), "children": [node]}
    denied = {"kind": "group", "match": "none", "children": [node]}
    twice = {"kind": "group", "match": "none", "children": [denied]}
    return rng.choice((*([node] * 6), wrapped, twice))


@pytest.mark.parametrize("seed", range(60))
def test_other_words_do_not_change_the_form(seed: int):
    rng = Random(seed)
    situation = random_situation(rng, people=1, definitions=4)
    for definition in situation.definitions:
        other = rewritten(definition, rng)
        root = {"kind": "group", "match": "all", "children": [other]}
        if depth(root) <= MAX_DEPTH:
            assert form(root, situation) == form(definition, situation)


@pytest.mark.parametrize("seed", range(60))
def test_one_form_is_one_answer(seed: int):
    rng = Random(seed)
    situation = random_situation(rng, people=8, definitions=60)
    forms: dict[object, list[dict[str, Any]]] = {}
    for definition in situation.definitions:
        for child in (definition, *singles(definition)):
            forms.setdefault(form(child, situation), []).append(child)
    for group in forms.values():
        for one, other in combinations(group[:4], 2):
            for person in situation.people:
                assert answer(one, person, situation) == answer(other, person, situation)


def singles(definition: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**definition, "match": "all", "children": [one]} for one in definition["children"]]


def answer(definition: dict[str, Any], person: Any, situation: Situation) -> bool:
    return is_member(definition, person, situation.now, situation.zone, FIELDS, {})
