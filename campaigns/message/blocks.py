"""The blocks of a simple email, and what is done to them. Plain data in, plain data out."""

from __future__ import annotations

import secrets
from typing import Any, Final, NamedTuple

MOST_BLOCKS: Final = 150

Block = dict[str, Any]


class Kind(NamedTuple):
    label: str
    icon: str
    fresh: dict[str, Any]
    """What a new one holds."""


KINDS: Final[dict[str, Kind]] = {
    "heading": Kind("Heading", "heading", {"text": "", "align": "left"}),
    "text": Kind("Text", "align-left", {"text": "", "align": "left"}),
    "button": Kind("Button", "click", {"text": "", "url": "", "align": "left"}),
    "image": Kind("Image", "photo", {"src": "", "alt": "", "url": "", "align": "center"}),
    "divider": Kind("Divider", "separator", {}),
    "spacer": Kind("Spacer", "space", {"height": 24}),
}


class NotPossible(Exception):
    """What was asked for cannot be done: why, as a sentence."""


def new_id(blocks: list[Block]) -> str:
    taken = {block.get("id") for block in blocks}
    while (found := f"b{secrets.token_hex(4)}") in taken:
        pass
    return found


def place_of(blocks: list[Block], block_id: str) -> int:
    for place, block in enumerate(blocks):
        if block.get("id") == block_id:
            return place
    raise NotPossible("This block is not there any more.")


def add(blocks: list[Block], kind: str, at: int | None = None) -> str:
    """At the end, unless a place is given; answers its id."""
    if kind not in KINDS:
        raise NotPossible("There is no such block.")
    return insert(blocks, {"kind": kind, **KINDS[kind].fresh}, at)


def insert(blocks: list[Block], block: Block, at: int | None = None) -> str:
    if len(blocks) >= MOST_BLOCKS:
        raise NotPossible(f"A message has {MOST_BLOCKS} blocks at most.")
    fresh = {**block, "id": new_id(blocks)}
    blocks.insert(len(blocks) if at is None else max(0, at), fresh)
    return str(fresh["id"])


def move(blocks: list[Block], block_id: str, to: int) -> None:
    """To a place among all of them, counted without it."""
    block = blocks.pop(place_of(blocks, block_id))
    blocks.insert(max(0, min(to, len(blocks))), block)


def duplicate(blocks: list[Block], block_id: str) -> str:
    place = place_of(blocks, block_id)
    return insert(blocks, blocks[place], place + 1)


def delete(blocks: list[Block], block_id: str) -> tuple[Block, int]:
    """Answers what was deleted and where it stood."""
    place = place_of(blocks, block_id)
    return blocks.pop(place), place
