"""Whatever a definition says, the builder shows it, and a row sent as it was drawn changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segments.builder.changing import PREFIX, changed
from segments.builder.parts import GroupView, RowView
from segments.builder.reading import read_draft
from segments.builder.shown import Canvas
from segments.builder.vocabulary import Vocabulary
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo, Labels, SegmentInfo
from segments.conditions.edit import find, with_ids, without_ids
from segments.conditions.nodes import FieldType
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
