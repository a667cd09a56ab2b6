"""What the buttons of the message's editor do, each after what the form holds was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from campaigns.message import blocks as blocks_
from campaigns.message.blocks import KINDS, Block, NotPossible
from campaigns.message.formats import switch
from campaigns.message.reading import tidy

MOST_DELETED: Final = 10
OF_PUSH: Final = ("icon", "image")
CHANNELS: Final = {"picture": ("email", "push")}
"""Of those operations that are not for emails alone."""


@dataclass(slots=True)
class Editing:
    """Content that is being changed, and what there is to tell about it."""

    channel: str
    content: dict[str, Any]
    deleted: list[dict[str, Any]]
    """Blocks that can be had back, the newest last: {"block", "place"}."""
    said: str = ""
    focus: str = ""
    """Id of the block that what was done is about."""

    @property
    def blocks(self) -> list[Block]:
        found: list[Block] = self.content["blocks"]
        return found


def perform(editing: Editing, do: str) -> None:
    """Raises NotPossible. `do` is like "up:b1", or "save", which changes nothing more."""
    verb, _, rest = do.partition(":")
    if verb in ("", "save"):
        return
    operation = OPERATIONS.get(verb)
    if operation is None or editing.channel not in CHANNELS.get(verb, ("email",)):
        raise NotPossible("This cannot be done here.")
    operation(editing, rest)


def _add(editing: Editing, rest: str) -> None:
    kind, _, place = rest.partition(":")
    editing.focus = blocks_.add(editing.blocks, kind, _number(place) if place else None)
    editing.said = f"{KINDS[kind].label} added."


def _up(editing: Editing, block_id: str) -> None:
    _move_to(editing, block_id, blocks_.place_of(editing.blocks, block_id) - 1)


def _down(editing: Editing, block_id: str) -> None:
    _move_to(editing, block_id, blocks_.place_of(editing.blocks, block_id) + 1)


def _move(editing: Editing, rest: str) -> None:
    block_id, _, place = rest.partition(":")
    _move_to(editing, block_id, _number(place))


def _move_to(editing: Editing, block_id: str, place: int) -> None:
    blocks_.move(editing.blocks, block_id, place)
    now_at = blocks_.place_of(editing.blocks, block_id)
    editing.focus = block_id
    editing.said = f"Moved to place {now_at + 1} of {len(editing.blocks)}."


def _copy(editing: Editing, block_id: str) -> None:
    editing.focus = blocks_.duplicate(editing.blocks, block_id)
    editing.said = "Duplicated."


def _delete(editing: Editing, block_id: str) -> None:
    block, place = blocks_.delete(editing.blocks, block_id)
    editing.deleted = [*editing.deleted, {"block": block, "place": place}][-MOST_DELETED:]
    near = editing.blocks[min(place, len(editing.blocks) - 1)] if editing.blocks else {}
    editing.focus = str(near.get("id", ""))
    editing.said = f"{KINDS[block['kind']].label} deleted."


def _undo(editing: Editing, _: str) -> None:
    if not editing.deleted:
        raise NotPossible("There is nothing left to bring back.")
    last = editing.deleted.pop()
    editing.focus = blocks_.insert(editing.blocks, last["block"], last["place"])
    editing.said = f"{KINDS[last['block']['kind']].label} is back."


def _format(editing: Editing, to: str) -> None:
    editing.said = switch(editing.content, to)


def _picture(editing: Editing, rest: str) -> None:
    """Shows the picture at an address in an image, or with a notification."""
    block_id, _, address = rest.partition(":")
    if editing.channel == "push":
        if block_id not in OF_PUSH:
            raise NotPossible("There is no such picture.")
        editing.content[block_id] = tidy("src", address)
        editing.said = "Picture chosen."
        return
    block = editing.blocks[blocks_.place_of(editing.blocks, block_id)]
    if block.get("kind") != "image":
        raise NotPossible("Only an image shows a picture.")
    block["src"] = tidy("src", address)
    editing.focus = block_id
    editing.said = "Picture chosen."


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise NotPossible("There is no such place.")
    return int(text)


OPERATIONS: Final[dict[str, Callable[[Editing, str], None]]] = {
    "add": _add,
    "up": _up,
    "down": _down,
    "move": _move,
    "copy": _copy,
    "delete": _delete,
    "undo": _undo,
    "format": _format,
    "picture": _picture,
}
