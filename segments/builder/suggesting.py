"""Which values a control of a row suggests."""

from __future__ import annotations

from collections.abc import Iterable

from segments.builder.changing import ADDED, PREFIX, event_of
from segments.builder.parts import controls_of
from segments.builder.paths import value_at
from segments.builder.rows import row_parts
from segments.builder.suggestions import (
    Suggested,
    Suggestions,
    attribute_names,
    attribute_values,
    field_values,
)
from segments.builder.values import text_of
from segments.builder.vocabulary import Vocabulary
from segments.conditions.edit import EditError, Tree, find, is_group
from segments.conditions.nodes import FieldType

NOTHING = Suggestions([], is_exact=True)


def suggestions_for(
    *, tree: Tree, node_id: str, name: str, words: str, vocabulary: Vocabulary
) -> Suggestions:
    """`name`: of the control, as the row has it. Raises EditError for one that it has not."""
    node = find(tree, node_id)
    path = name.removeprefix(PREFIX).removesuffix(ADDED)
    suggesting = [] if is_group(node) else controls_of(row_parts(node, vocabulary))
    if not any(control.name == path and control.suggests for control in suggesting):
        raise EditError("There is nothing to suggest here.")
    owner_path, _, last = path.rpartition(".")
    if last == "attribute":
        return _names(event_of(node, owner_path), words, numbers_only=owner_path == "measure")
    owner = value_at(node, owner_path)
    if owner.get("kind") == "attribute":
        attribute = text_of(owner.get("attribute"))
        event = event_of(node, owner_path)
        return attribute_values(event_key=event, attribute=attribute, words=words)
    field = text_of(owner.get("field"))
    info = vocabulary.catalog.field(field)
    if info is None:
        return NOTHING
    return field_values(field_key=field, type=info.type, words=words)


def _names(event: str, words: str, *, numbers_only: bool) -> Suggestions:
    names = attribute_names(event)
    if numbers_only:
        names = _numbers_first(names)
    found = [name for name, _ in names if words.casefold() in name.casefold()]
    return Suggestions([Suggested(name, None) for name in found], is_exact=True)


def _numbers_first(names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(names, key=lambda one: one[1] != FieldType.NUMBER)
