"""A condition after its row was sent: only what differs from what the row showed is changed.

So a row that is sent as it was drawn changes nothing, whatever is stored behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from segments.builder import shaping
from segments.builder.measures import MEASURE, NOT_PERFORMED, PERFORMED
from segments.builder.parts import Control, Kind, controls_of
from segments.builder.paths import value_at, with_value
from segments.builder.rows import row_parts
from segments.builder.values import as_input, number_or_text
from segments.builder.vocabulary import Vocabulary
from segments.conditions.edit import EditError
from segments.conditions.nodes import FieldType, MeasureOf
from segments.conditions.operators import MEASURE_OPERATORS, operators_for

Tree = dict[str, Any]
Posted = Mapping[str, Sequence[str]]
"""What a form sends: each control's name with its values."""

PREFIX = "c."
ADDED = "+"
"""Behind the name of several values: one more."""
LONGEST = 1_000
"""Characters of one value."""


def changed(node: Tree, posted: Posted, vocabulary: Vocabulary) -> Tree:
    """Raises EditError for what no control of the row could send."""
    for control in controls_of(row_parts(node, vocabulary)):
        node = _applied(node, control, posted, vocabulary)
    return node


def typed_into(node: Tree, posted: Posted, vocabulary: Vocabulary) -> str:
    """Name of the control that text was typed into; empty when anything else differs, too."""
    different = [
        control
        for control in controls_of(row_parts(node, vocabulary))
        if (values := posted.get(PREFIX + control.name))
        and not _is_as_drawn(values[-1], control)
        and control.kind not in (Kind.VALUES, Kind.CHECK)
    ]
    is_typed = len(different) == 1 and different[0].kind in (Kind.TEXT, Kind.NUMBER)
    return different[0].name if is_typed else ""


def _is_as_drawn(text: str, control: Control) -> bool:
    return text in (control.value, as_input(control.value))


def _applied(node: Tree, control: Control, posted: Posted, vocabulary: Vocabulary) -> Tree:
    name = PREFIX + control.name
    if control.kind == Kind.VALUES:
        return _with_more(node, control, posted.get(name + ADDED, ()), vocabulary)
    if control.kind == Kind.CHECK:
        # An empty box sends nothing, so a hidden input beside it says that it was there.
        sent = posted.get(name)
        is_ticked = sent is not None and "true" in sent
        if sent is None or is_ticked == (control.value == "true"):
            return node
        return with_value(node, control.name, is_ticked)
    text = posted[name][-1] if posted.get(name) else None
    if text is None or _is_as_drawn(text, control):
        return node
    if len(text) > LONGEST:
        raise EditError(f"A value has at most {LONGEST:,} characters; this one has {len(text):,}.")
    if "\0" in text:
        raise EditError("A value holds a character that cannot be stored.")
    return _chosen(node, control, text, vocabulary)


def _with_more(node: Tree, control: Control, added: Sequence[str], vocabulary: Vocabulary) -> Tree:
    text = added[-1] if added else ""
    if not text:
        return node
    if len(text) > LONGEST or "\0" in text:
        raise EditError(f"A value has 1 to {LONGEST:,} characters, each of which can be stored.")
    owner, _ = _owner(node, control.name)
    is_number = _type_of(owner, vocabulary) == FieldType.NUMBER
    new = number_or_text(text) if is_number else text
    had = value_at(node, control.name)
    values = had if isinstance(had, list) else [] if had in (None, "") else [had]
    return node if new in values else with_value(node, control.name, [*values, new])


def _chosen(node: Tree, control: Control, text: str, vocabulary: Vocabulary) -> Tree:
    """Something else was entered or chosen."""
    owner_path, _, last = control.name.rpartition(".")
    reshape = RESHAPING.get(last)
    if reshape is not None and control.kind != Kind.VALUES:
        shaped = reshape(node, owner_path, text, vocabulary)
        if shaped is not None:
            return shaped
    if control.kind == Kind.SELECT and all(text != option.value for option in control.options):
        raise EditError("Choose one of what is offered.")
    if last in ("member", "performed"):
        return with_value(node, control.name, text == "true")
    value = number_or_text(text) if control.kind == Kind.NUMBER else text
    return with_value(node, control.name, value)


def _owner(node: Tree, name: str) -> tuple[Tree, str]:
    """What a comparison belongs to: the condition itself, or one of its attribute conditions."""
    path = name.rpartition(".")[0]
    found = value_at(node, path) if path else node
    return (found if isinstance(found, dict) else {}), path


def _type_of(owner: Tree, vocabulary: Vocabulary) -> FieldType | None:
    """Of what a comparison compares."""
    if owner.get("kind") == "field":
        info = vocabulary.catalog.field(str(owner.get("field")))
        return info.type if info else None
    stored = owner.get("type")
    return FieldType(stored) if stored in list(FieldType) else None


# Choices that others depend on; each answers None for what is none of its business.


def _operator(node: Tree, path: str, text: str, vocabulary: Vocabulary) -> Tree | None:
    owner = value_at(node, path)
    if owner.get("kind") == "event":
        return with_value(node, path, _measure_operator(owner, text, vocabulary))
    field_type = _type_of(owner, vocabulary)
    if field_type is None or text not in {one.key for one in operators_for(field_type)}:
        raise EditError("Choose one of the comparisons offered.")
    return with_value(node, path, shaping.with_operator(owner, text, field_type))


def _measure_operator(condition: Tree, text: str, vocabulary: Vocabulary) -> Tree:
    if text in (PERFORMED, NOT_PERFORMED):
        fixed = shaping.PERFORMED if text == PERFORMED else shaping.NOT_PERFORMED
        return {**condition, **fixed}
    if text.startswith(MEASURE):
        return _measured(condition, text.removeprefix(MEASURE), vocabulary)
    if text not in MEASURE_OPERATORS:
        raise EditError("Choose one of the comparisons offered.")
    return shaping.with_comparison(condition, text)


def _measure(node: Tree, path: str, text: str, vocabulary: Vocabulary) -> Tree | None:
    return _measured(node, text, vocabulary) if path == "measure" else None


def _measured(condition: Tree, of: str, vocabulary: Vocabulary) -> Tree:
    if of not in list(MeasureOf):
        raise EditError("Choose one of the measures offered.")
    event = str(condition.get("event"))
    numbers = [
        name
        for name, known in vocabulary.attributes.get(event, {}).items()
        if known == FieldType.NUMBER
    ]
    usual = vocabulary.value_attributes.get(event) or (numbers[0] if numbers else "")
    return shaping.with_measure(condition, of, "" if of == MeasureOf.DISTINCT else usual)


def _window(node: Tree, path: str, text: str, vocabulary: Vocabulary) -> Tree | None:
    if text not in shaping.WINDOWS:
        raise EditError("Choose one of the times offered.")
    return with_value(node, path, shaping.with_window(value_at(node, path), text))


def _type(node: Tree, path: str, text: str, vocabulary: Vocabulary) -> Tree | None:
    if text not in list(FieldType):
        raise EditError("Choose one of the types offered.")
    return with_value(node, path, shaping.with_type(value_at(node, path), FieldType(text)))


def _attribute(node: Tree, path: str, text: str, vocabulary: Vocabulary) -> Tree | None:
    """A known attribute brings its type along."""
    owner = value_at(node, path)
    if not isinstance(owner, dict) or owner.get("kind") != "attribute":
        return None
    known = vocabulary.attribute_type(event_of(node, path), text)
    owner = {**owner, "attribute": text}
    return with_value(node, path, shaping.with_type(owner, known) if known else owner)


def event_of(node: Tree, path: str) -> str:
    """The type of the events that a part of a condition is about."""
    if path.startswith("steps["):
        return str(value_at(node, path.partition("]")[0] + "].event"))
    return str(node.get("event"))


RESHAPING: dict[str, Callable[[Tree, str, str, Vocabulary], Tree | None]] = {
    "operator": _operator,
    "of": _measure,
    "kind": _window,
    "type": _type,
    "attribute": _attribute,
}
"""By the last part of a control's name."""
