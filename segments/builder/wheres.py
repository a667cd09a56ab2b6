"""The controls of conditions on the attributes of one event: `where` and `check`."""

from __future__ import annotations

from typing import Any

from segments.builder.comparisons import TYPE_LABELS, comparison_parts, options
from segments.builder.parts import Block, Button, Control, Kind, Line, More, Part, Words
from segments.builder.values import text_of
from segments.builder.vocabulary import Vocabulary
from segments.conditions.nodes import FieldType

MATCH_LABELS = {"all": "all of", "any": "any of", "none": "none of"}
JOINTS = {"all": "and", "any": "or", "none": "or"}


def where_parts(
    where: Any, event: str, vocabulary: Vocabulary, *, name: str, title: str, adding: str
) -> tuple[Part, ...]:
    """`adding`: what the button says that begins one."""
    if where is None:
        return (Button(f"attribute:{name}", adding, "plus"),)
    return (_block(where, event, vocabulary, name, title),)


def _block(where: Any, event: str, vocabulary: Vocabulary, name: str, title: str) -> Part:
    children = where.get("children") if isinstance(where, dict) else None
    if not isinstance(where, dict) or not isinstance(children, list):
        return Block(title, (Words(text_of(where)), _cut(name, title)), ())
    match = where.get("match")
    matching = Control(
        f"{name}.match",
        Kind.SELECT,
        "How many of these have to fit",
        text_of(match),
        options(MATCH_LABELS.items(), match),
    )
    # For one condition it makes no difference, but for none of it.
    is_plain = len(children) == 1 and match == "all"
    head: tuple[Part, ...] = (More((matching,)),) if is_plain else (matching,)
    joint = JOINTS.get(text_of(match), "and")
    lines = [
        _line(child, event, vocabulary, f"{name}.children[{index}]", joint if index else "")
        for index, child in enumerate(children)
    ]
    foot = (
        Button(f"attribute:{name}", "Attribute", "plus"),
        Button(f"subgroup:{name}", "Group of attributes", "plus"),
    )
    return Block(title, head, tuple(lines), foot)


def _line(child: Any, event: str, vocabulary: Vocabulary, name: str, joint: str) -> Line:
    if isinstance(child, dict) and isinstance(child.get("children"), list):
        block = _block(child, event, vocabulary, name, "")
        return Line((block, _cut(name, "this group")), joint)
    if not isinstance(child, dict) or child.get("kind") != "attribute":
        return Line((Words(text_of(child)), _cut(name, "this")), joint)
    return Line((*_attribute(child, event, vocabulary, name), _cut(name, "this condition")), joint)


def _attribute(
    child: dict[str, Any], event: str, vocabulary: Vocabulary, name: str
) -> tuple[Part, ...]:
    attribute, stored_type = child.get("attribute"), child.get("type")
    words = text_of(attribute) or "the attribute"
    chooser = Control(
        f"{name}.attribute",
        Kind.TEXT,
        "Attribute",
        text_of(attribute),
        suggests=True,
        tone="field",
    )
    types = [(str(one), f"as {label}") for one, label in TYPE_LABELS.items()]
    as_type = Control(
        f"{name}.type",
        Kind.SELECT,
        f"How {words} is read",
        text_of(stored_type),
        options(types, stored_type),
    )
    known = vocabulary.attribute_type(event, text_of(attribute))
    parts: tuple[Part, ...] = (chooser,) if known == stored_type else (chooser, as_type)
    if stored_type not in list(FieldType):
        return parts
    return parts + comparison_parts(
        child, FieldType(stored_type), vocabulary, prefix=name, of=words
    )


def _cut(name: str, what: str) -> Button:
    return Button(f"cut:{name}", f"Remove {what}", "x", is_quiet=True)
