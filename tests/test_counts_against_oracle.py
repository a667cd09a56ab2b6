"""The numbers beside the nodes of a definition are those that the oracle counts."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine.count_statement import walk
from segments.engine.counting import count_quickly
from segments.engine.preview import preview
from tests.oracle import is_member
from tests.random_people import FIELDS
from tests.stored import store_catalog, store_people, store_segments
from tests.strategies import Situation, random_situation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(2000, 2012))
def test_every_number_is_right(seed: int):
    rng = Random(seed)
    situation = random_situation(rng, people=8, definitions=6, segments=rng.choice((0, 2)))
    with override_settings(TIME_ZONE=situation.zone.key), transaction.atomic():
        store_catalog()
        store_people(situation.people)
        store_segments(situation.segments)
        for definition in situation.definitions:
            check_numbers(definition, situation)
        transaction.set_rollback(True)


def check_numbers(definition: dict[str, Any], situation: Situation) -> None:
    group = parse(definition, current_catalog())
    found = count_quickly(group, now=situation.now, limit_ms=30_000)
    shown = preview(group, now=situation.now, sample=3)

    assert found.is_exact
    assert found.total == len(situation.people)
    assert found.sample == members(definition, situation)[:5]
    assert shown.contact_ids == found.sample[:3]
    assert [(node.path, node.count) for node in shown.conditions] == [
        (node.path, node.alone) for node in found.nodes
    ]
    right = expected(definition, situation)
    assert {node.path: (node.alone, node.reaching) for node in found.nodes} == right
    assert [node.path for node in found.nodes] == [path for path, _ in walk(group)]


def members(definition: dict[str, Any], situation: Situation) -> list[int]:
    now, zone, segments = situation.now, situation.zone, situation.segments
    return sorted(
        person.id
        for person in situation.people
        if is_member(definition, person, now, zone, FIELDS, segments)
    )


def expected(definition: dict[str, Any], situation: Situation) -> dict[str, tuple[int, int]]:
    """By path; each group and condition is a definition of its own."""
    whole = len(members(definition, situation))
    found = {"": (whole, whole)}

    def add_children(group: dict[str, Any], path: str) -> None:
        for index, child in enumerate(group["children"]):
            below = f"{path}.children[{index}]" if path else f"children[{index}]"
            alone = {"kind": "group", "match": "all", "children": [child]}
            reaching = {**group, "children": group["children"][: index + 1]}
            both = [len(members(tree, situation)) for tree in (alone, reaching)]
            found[below] = (both[0], both[1])
            if child["kind"] == "group":
                add_children(child, below)

    add_children(definition, "")
    return found
