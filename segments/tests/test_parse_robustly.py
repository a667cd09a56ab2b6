"""Whatever is given, parsing ends with a tree or with problems, never otherwise."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo, Labels, SegmentInfo
from segments.conditions.nodes import FieldType, Group
from segments.conditions.operators import MEASURE_OPERATORS, OPERATORS, PERIODS
from segments.conditions.parse import InvalidDefinition, parse
from segments.conditions.sentence import sentence
from segments.conditions.uses import uses
from segments.tests.language import (
    CATALOG,
    EVERYONE,
    LABELS,
    attribute,
    definition,
    event,
    field,
    last,
    occurrence,
    segment,
    sequence,
    span,
)

CASES = Path(settings.BASE_DIR) / "tests" / "cases" / "conditions.jsonl"

KEYS = [
    *("kind", "match", "children", "name", "field", "operator", "value", "case_sensitive"),
    *("event", "where", "window", "measure", "of", "attribute", "type", "amount", "unit"),
    *("from", "to", "at", "period", "which", "check", "steps", "within", "performed"),
    *("segment", "member", "percent", "salt"),
]
WORDS = [
    *("group", "field", "event", "occurrence", "sequence", "segment", "random", "everyone"),
    *("all", "any", "none", "text", "number", "date", "datetime", "list", "ever", "last"),
    *("before_ago", "between_ago", "sum", "day", "hour", "tier", "spent", "seen", "Purchase"),
    *("vip", "2026-03-31", "2026-03-31T09:00", "(a", "", "\0", "\ud800"),
    *OPERATORS,
    *MEASURE_OPERATORS,
    *PERIODS,
]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 0, 1, 10_001]),
    st.floats(),
    st.decimals(),
    st.text(st.characters(), max_size=5),
    st.sampled_from(WORDS),
)
odd = st.sampled_from([b"bytes", (1, 2), {1, 2}, 5j, object(), Decimal("sNaN")])
keys = st.sampled_from(KEYS) | st.text(st.characters(), max_size=3) | st.integers()
anything = st.recursive(
    scalars | odd,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(keys, inside, max_size=6),
    max_leaves=25,
)

VALID = definition(
    field("tier", "in", ["Gold", "Platinum"], case_sensitive=True),
    definition(
        field("spent", "between", {"from": 1, "to": 5}),
        field("seen", "in_last", span(5, "hour")),
        field("birthday", "anniversary_in_next", span(0, "day")),
        field("seen", "between", {"from": "2026-01-01", "to": "2026-01-02T09:00"}),
        field("tier", "matches", "^[a-z]{2}"),
        match="none",
    ),
    event(
        where=definition(attribute("category", "list", "contains_any", ["shoes"])),
        window={"kind": "between_ago", "from": span(9, "day"), "to": span(1, "day")},
        measure={"of": "sum", "attribute": "amount"},
        operator="greater_than",
        value={"field": "limit"},
    ),
    occurrence(window=last(3, "month"), check=definition(attribute("x.y", "date", "is_set"))),
    sequence({"event": "Cart_add"}, {"event": "Refund", "within": span(1, "day")}),
    segment("vip"),
    {"kind": "random", "percent": 12.5, "salt": "spring"},
    EVERYONE,
)


def tree_of(given: object, catalog: Catalog = CATALOG) -> Group | None:
    """The tree; None for an invalid definition, whose problems must all be of use."""
    try:
        return parse(given, catalog)
    except InvalidDefinition as invalid:
        found = invalid.problems
    assert found
    for problem in found:
        assert problem.code
        assert problem.message
        assert (problem.path + problem.message).encode()
    return None


def read_on(tree: Group | None) -> None:
    """Past the gate every reading must succeed."""
    if tree is not None:
        assert sentence(tree, LABELS)
        uses(tree, lambda key: parse(definition(EVERYONE), CATALOG))
        hash(tree)


@given(anything)
def test_any_json_and_worse_ends_with_a_tree_or_with_problems(given):
    read_on(tree_of(given))


@given(st.lists(anything, min_size=1, max_size=3))
def test_any_children_end_with_a_tree_or_with_problems(children):
    read_on(tree_of(definition(*children)))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys, depth first."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *places(value[key])]
    return found


def test_the_definition_that_gets_spoiled_is_valid():
    assert tree_of(VALID) is not None


@given(st.data())
def test_a_spoiled_definition_ends_with_a_tree_or_with_problems(data):
    spoiled = copy.deepcopy(VALID)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(spoiled)))
        how = data.draw(st.sampled_from(["replace", "remove", "add"]))
        if how == "remove":
            del container[key]
        elif how == "add" and isinstance(container, dict):
            container[data.draw(keys)] = data.draw(anything)
        else:
            container[key] = data.draw(anything)
        if not places(spoiled):
            break

    read_on(tree_of(spoiled))


def named(value: Any, kind: str) -> set[str]:
    """Every text that stands under a key anywhere in a JSON value."""
    if isinstance(value, list):
        return {name for item in value for name in named(item, kind)}
    if not isinstance(value, dict):
        return set()
    own = {value[kind]} if isinstance(value.get(kind), str) else set()
    return own | {name for item in value.values() for name in named(item, kind)}


def catalog_of(world: dict[str, Any]) -> Catalog:
    event_types = named(world["events"], "type") | named(world, "event")
    return Catalog(
        zone=ZoneInfo(world["timezone"]),
        fields={key: FieldInfo(FieldType(name)) for key, name in world["fields"].items()},
        event_types={key: EventTypeInfo() for key in event_types},
        segments={
            key: SegmentInfo(definition=given)
            for key, given in (world.get("segments") or {}).items()
        },
    )


@pytest.mark.parametrize("parse_float", [float, Decimal])
def test_every_shared_case_parses(parse_float):
    for line in CASES.read_text().splitlines():
        world = json.loads(line, parse_float=parse_float)
        catalog = catalog_of(world)
        given = [case["definition"] for case in world["cases"]]
        for tree in [*given, *world.get("segments", {}).values()]:
            assert sentence(parse(tree, catalog), Labels())
