"""The palette: everything that can be put on the canvas, and what it is there to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

from segments.builder import shaping
from segments.builder.parts import PaletteBlock, PaletteSection
from segments.builder.vocabulary import Vocabulary
from segments.conditions.catalog import BUILT_IN_LABELS
from segments.conditions.edit import EditError
from segments.conditions.nodes import FieldType
from segments.conditions.operators import BUILT_IN_FIELDS

Tree = dict[str, Any]

TYPE_ICONS = {
    FieldType.TEXT: "tag",
    FieldType.NUMBER: "hash",
    FieldType.BOOLEAN: "toggle-left",
    FieldType.DATE: "calendar",
    FieldType.DATETIME: "calendar-time",
    FieldType.LIST: "tags",
}
OTHERS = (
    PaletteBlock("random", "Random sample", "percentage", "hold-out share percent"),
    PaletteBlock("everyone", "Everyone", "users", "all contacts"),
)
SUBSEGMENT = PaletteBlock("group", "Subsegment", "stack-2", "group nested any none")


def palette(vocabulary: Vocabulary) -> list[PaletteSection]:
    """By where things come from; sections without anything are left out."""
    sections = [
        PaletteSection("Logic", (SUBSEGMENT,)),
        PaletteSection("Fields", tuple(_fields(vocabulary))),
        PaletteSection("Events", tuple(_events(vocabulary, are_system=False))),
        PaletteSection("System events", tuple(_events(vocabulary, are_system=True))),
        PaletteSection("Order of events", tuple(_orders(vocabulary))),
        PaletteSection("Segments", tuple(_segments(vocabulary))),
        PaletteSection("Contact", tuple(_built_in())),
        PaletteSection("Other", OTHERS),
    ]
    return [section for section in sections if section.blocks]


def _fields(vocabulary: Vocabulary) -> Iterator[PaletteBlock]:
    for key in vocabulary.field_order:
        info = vocabulary.catalog.fields[key]
        if not info.is_archived:
            label = vocabulary.labels.field(key)
            yield PaletteBlock(f"field:{key}", label, TYPE_ICONS[info.type], key)


def _built_in() -> Iterator[PaletteBlock]:
    for key, field_type in BUILT_IN_FIELDS.items():
        yield PaletteBlock(f"field:{key}", BUILT_IN_LABELS[key], TYPE_ICONS[field_type], key)


def _events(vocabulary: Vocabulary, *, are_system: bool) -> Iterator[PaletteBlock]:
    for key, label in vocabulary.events():
        if (key in vocabulary.system_events) == are_system:
            yield PaletteBlock(f"event:{key}", label, "mail" if are_system else "bolt", key)


def _orders(vocabulary: Vocabulary) -> Iterator[PaletteBlock]:
    if vocabulary.events():
        yield PaletteBlock("occurrence", "Last or first event", "clock", "occurrence ago since")
        yield PaletteBlock("sequence", "Sequence of events", "list", "then followed by order")


def _segments(vocabulary: Vocabulary) -> Iterator[PaletteBlock]:
    catalog = vocabulary.catalog
    found = [
        (info.label or key, key)
        for key, info in catalog.segments.items()
        if key != catalog.own_key
        and not info.is_archived
        and (info.is_static or info.has_definition)
    ]
    for label, key in sorted(found, key=lambda one: one[0].casefold()):
        yield PaletteBlock(f"segment:{key}", label, "chart-pie", key)


def new_node(block: str, vocabulary: Vocabulary) -> Tree:
    """What a block of the palette puts on the canvas: whole wherever that can be guessed.

    Raises EditError for a block that is not, or no longer, in the palette.
    """
    known = {one.key for section in palette(vocabulary) for one in section.blocks}
    if block not in known:
        raise EditError("What was to be added is no longer there.")
    kind, _, key = block.partition(":")
    match kind:
        case "field":
            info = vocabulary.catalog.field(key)
            assert info is not None  # noqa: S101 - it is in the palette; for mypy
            return {"kind": "field", "field": key, **shaping.comparison_of(info.type)}
        case "event":
            return {"kind": "event", "event": key, **shaping.PERFORMED}
        case "segment":
            return {"kind": "segment", "segment": key, "member": True}
        case _:
            return _other(kind, vocabulary)


def _other(kind: str, vocabulary: Vocabulary) -> Tree:
    events = [key for key, _ in vocabulary.events()]
    usual = next(iter(vocabulary.value_attributes), events[0] if events else "")
    match kind:
        case "occurrence":
            window = shaping.with_window(None, "before_ago")
            return {"kind": "occurrence", "event": usual, "which": "last", "window": window}
        case "sequence":
            steps = [{"event": usual}, {"event": usual, "within": {"amount": 1, "unit": "day"}}]
            window = shaping.with_window(None, "last")
            return {"kind": "sequence", "window": window, "steps": steps}
        case "random":
            return {"kind": "random", "percent": 10, "salt": token_hex(4)}
        case "group":
            return {"kind": "group", "match": "any", "children": []}
        case _:
            return {"kind": "everyone"}
