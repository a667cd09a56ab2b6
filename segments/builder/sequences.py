"""The controls of a sequence of steps."""

from __future__ import annotations

from typing import Any

from segments.builder.comparisons import duration_parts, options
from segments.builder.parts import Block, Button, Control, Kind, Line, Part, Words
from segments.builder.values import text_of
from segments.builder.vocabulary import Vocabulary
from segments.builder.wheres import where_parts
from segments.builder.windows import window_parts
from segments.conditions.operators import MAX_STEPS

Tree = dict[str, Any]

FOLLOWED = {"true": "followed by", "false": "not followed by"}


def sequence_parts(node: Tree, vocabulary: Vocabulary) -> tuple[Part, ...]:
    steps = node.get("steps")
    steps = steps if isinstance(steps, list) else []
    window = window_parts(node.get("window"), vocabulary, of="the first step")
    lines = tuple(_step(steps, index, vocabulary) for index in range(len(steps)))
    foot = (Button("step:steps", "Step", "plus"),) if len(steps) < MAX_STEPS else ()
    return (Words("performed in this order, beginning"), *window, Block("", (), lines, foot))


def _step(steps: list[Any], index: int, vocabulary: Vocabulary) -> Line:
    name, step = f"steps[{index}]", steps[index]
    parts: list[Part] = []
    if not isinstance(step, dict):
        return Line((Words(text_of(step)), _cut(index)))
    key = step.get("event")
    if index:
        parts.append(_followed(step, name))
    parts.append(
        Control(
            f"{name}.event",
            Kind.SELECT,
            f"Event of step {index + 1}",
            text_of(key),
            options(vocabulary.events(), key),
            tone="event",
        )
    )
    parts += _within(step, name) if index or "within" in step else ()
    parts += where_parts(
        step.get("where"),
        text_of(key),
        vocabulary,
        name=f"{name}.where",
        title="where",
        adding="Where…",
    )
    if len(steps) > 2:
        parts.append(_cut(index))
    return Line(tuple(parts))


def _followed(step: Tree, name: str) -> Control:
    performed = step.get("performed")
    stored = "true" if performed is None else text_of(performed)
    return Control(
        f"{name}.performed",
        Kind.SELECT,
        "Followed by it or not",
        stored,
        options(FOLLOWED.items(), stored),
    )


def _within(step: Tree, name: str) -> tuple[Part, ...]:
    if "within" not in step:
        return (Button(f"within:{name}.within", "Within…", "clock"),)
    return (
        Words("within"),
        *duration_parts(f"{name}.within", step["within"], "of time between the steps"),
        Button(f"cut:{name}.within", "At any time later", "x", is_quiet=True),
    )


def _cut(index: int) -> Button:
    return Button(f"cut:steps[{index}]", f"Remove step {index + 1}", "x", is_quiet=True)
