"""Whatever a definition says, the builder shows it, and a row sent as it was drawn changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segments.builder.altering import altered, offered
from segments.builder.blocks import new_node
from segments.builder.changing import PREFIX, changed
from segments.builder.parts import Control, GroupView, Kind, RowView, controls_of
from segments.builder.reading import read_draft
from segments.builder.rows import row_parts
from segments.builder.shown import Canvas
from segments.builder.vocabulary import Vocabulary
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo, Labels, SegmentInfo
from segments.conditions.edit import find, is_group, walk, with_ids, without_ids
from segments.conditions.nodes import FieldType
from segments.conditions.parse import InvalidDefinition, parse
from segments.templatetags.builder_parts import parts
from tests.cases import CASES, Case
from tests.forms import sent_by


def vocabulary_of(case: Case) -> Vocabulary:
    world = case.world
    events = set(_named(case.definition, "event"))
    events |= {event.type for person in world.people.values() for event in person.events}
    catalog = Catalog(
        zone=ZoneInfo(world.zone),
        fields={key: FieldInfo(FieldType(kind), label=key) for key, kind in world.fields.items()},
        event_types={key: EventTypeInfo(label=key) for key in events},
        segments={
            key: SegmentInfo(definition=definition, label=key)
            for key, definition in world.segments.items()
        },
    )
    return Vocabulary(catalog, Labels(zone=catalog.zone), field_order=tuple(world.fields))


def _named(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        for inner in value.values():
            yield from _named(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, key)


def rows_of(group: GroupView) -> Iterator[RowView]:
    for child in group.children:
        if isinstance(child, GroupView):
            yield from rows_of(child)
        else:
            yield child


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_row_sent_as_it_was_drawn_changes_nothing(case: Case):
    vocabulary = vocabulary_of(case)
    tree = with_ids(case.definition)
    reading = read_draft(tree, vocabulary.catalog)
    assert without_ids(tree) == case.definition
    assert reading.is_complete

    for row in rows_of(Canvas(tree, reading, vocabulary).root()):
        node = find(tree, row.id)
        sent = sent_by(parts(row))
        assert sent, row
        assert changed(node, sent, vocabulary) == node
        # Everything that is stored is somewhere in the row, and nothing is lost in reading it.
        assert {name for name in sent if not name.startswith(PREFIX)} == set()


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "field", "field": "Plan", "operator": "equals", "value": "two\nlines\r\n"},
        {"kind": "field", "field": "Plan", "operator": "in", "value": ["  spaces ", "a\nb", "<b>"]},
        {"kind": "field", "field": "Birthday", "operator": "on", "value": "2026-02-31"},
        {
            "kind": "field",
            "field": "Birthday",
            "operator": "between",
            "value": {"from": "0001-01-01"},
        },
        {
            "kind": "field",
            "field": "Account_opened",
            "operator": "after",
            "value": "2026-03-29T02:30",
        },
        {
            "kind": "field",
            "field": "Account_opened",
            "operator": "after",
            "value": "9999-12-31T23:59Z",
        },
        {"kind": "field", "field": "Account_opened", "operator": "on", "value": {"field": None}},
        {"kind": "field", "field": "Purchase_count", "operator": "equals", "value": 1.50},
        {"kind": "field", "field": "Purchase_count", "operator": "equals", "value": "1,5"},
        {"kind": "field", "field": "Purchase_count", "operator": "equals", "value": True},
        {"kind": "field", "field": "gone", "operator": "equals", "value": "x"},
        {"kind": "event", "event": "Purchase", "window": {"kind": "ever", "more": 1}, "value": [1]},
        {"kind": "event", "event": "gone", "operator": "often", "value": 3},
        {"kind": "random", "percent": "ten", "salt": None},
    ],
)
def test_odd_values_stay_what_they_are_too(odd: dict[str, Any]):
    vocabulary = vocabulary_of(CASES[20])
    tree = with_ids({"kind": "group", "match": "all", "children": [odd]})

    for row in rows_of(Canvas(tree, read_draft(tree, vocabulary.catalog), vocabulary).root()):
        assert changed(odd, sent_by(parts(row)), vocabulary) == odd


def built(goal: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """The condition as a person would make it: from the palette, with its row's controls.

    Whatever differs from the goal is changed by the first control that shows something else
    there, or by a button.
    """
    node = _begun(goal, vocabulary)
    for _ in range(200):
        following = _next_click(node, goal, vocabulary)
        if following is None:
            return node
        assert following != node, (node, goal)
        node = following
    raise AssertionError(f"never done: {node} should become {goal}")


def _begun(goal: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    kind = goal["kind"]
    subject = goal.get(kind) if kind in ("field", "event", "segment") else None
    return new_node(f"{kind}:{subject}" if subject else kind, vocabulary)


def _next_click(
    node: dict[str, Any], goal: dict[str, Any], vocabulary: Vocabulary
) -> dict[str, Any] | None:
    wanted = _shown(goal, vocabulary)
    measure = goal.get("measure", {}).get("of", "count")
    if measure != "count" and "measure" not in node:
        return changed(node, {f"{PREFIX}operator": [f"measure:{measure}"]}, vocabulary)
    for name, control in _shown(node, vocabulary).items():
        other = wanted.get(name)
        if other is None:
            continue
        if control.kind == Kind.VALUES:
            values = tuple(dict.fromkeys(other.values))  # twice the same is once
            if control.values != values:
                return _with_values(node, control, values, vocabulary)
            continue
        if control.kind == Kind.CHECK and (control.value or "false") != (other.value or "false"):
            sent = {PREFIX + name: ["false", "true"] if other.value == "true" else ["false"]}
            return changed(node, sent, vocabulary)
        if (control.kind, other.kind) == (Kind.DATE, Kind.TIME) and not control.value:
            # The time of day is entered once there is a day.
            return changed(node, {PREFIX + name: [other.value[:10]]}, vocabulary)
        if control.value != other.value and control.kind == other.kind:
            return changed(node, {PREFIX + name: [other.value]}, vocabulary)
    return _pressed(node, goal, vocabulary)


def _with_values(
    node: Any, control: Control, values: tuple[str, ...], vocabulary: Vocabulary
) -> Any:
    for index, value in enumerate(control.values):
        if index >= len(values) or value != values[index]:
            return altered(node, f"drop:{control.name}[{index}]", vocabulary)
    added = values[len(control.values)]
    return changed(node, {f"{PREFIX}{control.name}+": [added]}, vocabulary)


def _pressed(node: Any, goal: Any, vocabulary: Vocabulary) -> Any:
    """The button that brings the node closer: it makes a part that the goal has, or takes one."""
    if _meaning(node, vocabulary) == _meaning(goal, vocabulary):
        return None
    wanted = _parts(goal, vocabulary)
    best = None
    for do in offered(row_parts(node, vocabulary)):
        if do.startswith("drop:"):
            continue
        following = altered(node, do, vocabulary)
        missing = len(wanted ^ _parts(following, vocabulary))
        if best is None or missing < best[0]:
            best = (missing, following)
    assert best is not None, (node, goal)
    assert best[0] < len(wanted ^ _parts(node, vocabulary)), (node, goal)
    return best[1]


def _shown(node: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Control]:
    return {control.name: control for control in controls_of(row_parts(node, vocabulary))}


def _parts(node: dict[str, Any], vocabulary: Vocabulary) -> set[tuple[str, Kind]]:
    """A day and a time are not the same input."""
    return {(name, control.kind) for name, control in _shown(node, vocabulary).items()}


def _meaning(node: dict[str, Any], vocabulary: Vocabulary) -> Any:
    definition = {"kind": "group", "match": "all", "children": [node]}
    try:
        return parse(definition, vocabulary.catalog)
    except InvalidDefinition:
        return node


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_condition_can_be_made_with_the_controls_alone(case: Case):
    vocabulary = vocabulary_of(case)
    for node in walk(with_ids(case.definition)):
        if not is_group(node):
            goal = {key: value for key, value in node.items() if key != "id"}

            assert _meaning(built(goal, vocabulary), vocabulary) == _meaning(goal, vocabulary)
