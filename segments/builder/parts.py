"""What the builder shows, as plain data: nodes of the canvas and the controls in their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Of a control."""

    SELECT = "select"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CHECK = "check"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text between controls. `tone`: empty, "event", "field" or "quiet"."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """One input. Its name is the path within the condition, such as `window.amount`."""

    name: str
    kind: Kind
    label: str
    """For screen readers."""
    value: str = ""
    options: tuple[Option, ...] = ()
    """Of a select; whatever is stored is among them."""
    values: tuple[str, ...] = ()
    """Of VALUES: what was chosen so far."""
    suggests: bool = False
    """Whether there are real values to choose from."""
    tone: str = ""
    """How it looks: empty, "event", "field" or "value"."""
    problem: str = ""
    """What is wrong with it."""
    is_missing: bool = False
    """The problem is only that it has not been filled in yet."""


@dataclass(frozen=True, slots=True)
class Button:
    """Changes the shape of a condition: `do` as the server takes it, such as `cut:steps[1]`."""

    do: str
    label: str
    icon: str = ""
    is_quiet: bool = False
    """Only its icon is shown; the label is for screen readers and the hint."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of its own within a row: an attribute condition, a step."""

    parts: tuple[Part, ...]
    joint: str = ""
    """The word before it, such as "and"."""


@dataclass(frozen=True, slots=True)
class Block:
    """An indented part of a row: the conditions of a `where`, the steps of a sequence."""

    title: str
    head: tuple[Part, ...]
    lines: tuple[Line, ...]
    foot: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class More:
    """Rarely used parts, folded away until asked for."""

    parts: tuple[Part, ...]
    is_open: bool = False


Part = Words | Control | Button | Block | More


def controls_of(parts: tuple[Part, ...]) -> Iterator[Control]:
    """Every control, however deep."""
    for part in parts:
        match part:
            case Control():
                yield part
            case Block(_, head, lines, _):
                yield from controls_of(head)
                for line in lines:
                    yield from controls_of(line.parts)
            case More(inner, _):
                yield from controls_of(inner)


@dataclass(frozen=True, slots=True)
class RowView:
    """A condition on the canvas."""

    id: str
    icon: str
    parts: tuple[Part, ...]
    sentence: str
    """The condition in words, or what it is about while it is incomplete."""
    problems: tuple[str, ...] = ()
    """Those that belong to no control."""
    state: str = ""
    """ "wrong", "missing" while it only is not filled in yet, or empty."""
    place: Place = field(default_factory=lambda: Place())
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands, and so where it can be moved."""

    can_up: bool = False
    can_down: bool = False
    can_in: bool = False
    """Into the subsegment right above or below."""
    can_out: bool = False


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group on the canvas, with everything in it."""

    id: str
    match: str
    name: str
    children: tuple[GroupView | RowView, ...]
    summary: str
    """Such as "All of 3 conditions"."""
    problems: tuple[str, ...] = ()
    state: str = ""
    """ "wrong", "missing" while it only is not filled in yet, or empty."""
    place: Place = field(default_factory=lambda: Place())
    is_root: bool = False
    is_group: bool = True


@dataclass(frozen=True, slots=True)
class PaletteBlock:
    """Something to add. `key` as `do=add:` takes it, such as `field:Tier`."""

    key: str
    label: str
    icon: str
    detail: str = ""
    """The key of a field whose label differs, and whatever else it is found by."""


@dataclass(frozen=True, slots=True)
class PaletteSection:
    title: str
    blocks: tuple[PaletteBlock, ...]
