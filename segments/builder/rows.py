"""A condition as the parts of its row on the canvas: words, controls and buttons.

Whatever is stored can be shown, however incomplete or odd; the controls change just the
part of it that they are named for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from segments.builder.comparisons import comparison_parts, options
from segments.builder.measures import measure_parts
from segments.builder.parts import Control, Kind, More, Part, Words
from segments.builder.sequences import sequence_parts
from segments.builder.values import text_of
from segments.builder.vocabulary import Vocabulary
from segments.builder.wheres import where_parts
from segments.builder.windows import window_parts

Tree = dict[str, Any]
Row = Callable[[Tree, Vocabulary], tuple[Part, ...]]

WHICH = {"last": "last", "first": "first"}
MEMBER = {"true": "is in the segment", "false": "is not in the segment"}


def row_parts(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    kind = node.get("kind")
    draw = ROWS.get(kind) if isinstance(kind, str) else None
    return draw(node, vocabulary) if draw else _unknown(node, vocabulary)


def _field(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    key = text_of(node.get("field"))
    label = vocabulary.labels.field(key)
    name = Words(label, "field")
    info = vocabulary.catalog.field(key)
    if info is None:
        return (name, Words(text_of(node.get("operator")), "quiet"))
    return (name, *comparison_parts(node, info.type, vocabulary, of=label))


def _event(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    key = text_of(node.get("event"))
    label = vocabulary.labels.event_type(key)
    return (
        Words(label, "event"),
        *measure_parts(node, vocabulary, of=label),
        *window_parts(node.get("window"), vocabulary, of=label),
        *where_parts(
            node.get("where"), key, vocabulary, name="where", title="where", adding="Where…"
        ),
    )


def _occurrence(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    key, which = text_of(node.get("event")), node.get("which")
    label = vocabulary.labels.event_type(key)
    return (
        Words("the"),
        Control("which", Kind.SELECT, "Which one", text_of(which), options(WHICH.items(), which)),
        Control(
            "event",
            Kind.SELECT,
            "Event",
            key,
            options(vocabulary.events(), key),
            tone="event",
        ),
        Words("was"),
        *window_parts(node.get("window"), vocabulary, of=label),
        *where_parts(
            node.get("where"),
            key,
            vocabulary,
            name="where",
            title=f"among those {label} where",
            adding=f"Only some {label}…",
        ),
        *where_parts(
            node.get("check"),
            key,
            vocabulary,
            name="check",
            title="and it had",
            adding="And its attributes…",
        ),
    )


def _segment(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    member = node.get("member")
    stored = "true" if member is None else text_of(member)
    return (
        Control("member", Kind.SELECT, "Member or not", stored, options(MEMBER.items(), stored)),
        Words(vocabulary.labels.segment(text_of(node.get("segment"))), "field"),
    )


def _random(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    percent, salt = text_of(node.get("percent")), text_of(node.get("salt"))
    sample = Control("salt", Kind.TEXT, "Name of the sample", salt, tone="value")
    return (
        Words("is in a random"),
        Control("percent", Kind.NUMBER, "Percent", percent, tone="value"),
        Words("% of all contacts"),
        More((Words("sample"), sample)),
    )


def _everyone(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    return (Words("everyone"),)


def _unknown(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    rest = {key: value for key, value in node.items() if key != "id"}
    return (Words("Not understood:"), Words(text_of(rest), "quiet"))


ROWS: dict[str, Row] = {
    "field": _field,
    "event": _event,
    "occurrence": _occurrence,
    "sequence": sequence_parts,
    "segment": _segment,
    "random": _random,
    "everyone": _everyone,
}
ICONS = {
    "field": "tag",
    "event": "bolt",
    "occurrence": "clock",
    "sequence": "list",
    "segment": "chart-pie",
    "random": "percentage",
    "everyone": "users",
}


def icon_of(node: Tree) -> str:
    kind = node.get("kind")
    return ICONS.get(kind, "alert-triangle") if isinstance(kind, str) else "alert-triangle"
