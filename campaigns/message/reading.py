"""What a form of the editor holds becomes content. What it does not have stays as it was."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from campaigns.content import EMPTY
from campaigns.message.blocks import Block
from campaigns.models import Campaign

LINES: Final = {"subject", "preheader", "title", "url", "icon", "image", "src", "alt"}
"""Of one line: a break in one of them is a space."""
LONGEST: Final = {
    "subject": 500,
    "preheader": 500,
    "title": 500,
    "body": 4_000,
    "url": 2_000,
    "src": 2_000,
    "icon": 2_000,
    "image": 2_000,
    "alt": 500,
    "source": 500_000,
    "text": 50_000,
}
NUMBERS: Final = {"width": (16, 1200), "height": (1, 400)}
ALIGNMENTS: Final = ("left", "center", "right")
BY_CHANNEL: Final[dict[str, tuple[str, ...]]] = {
    "email": ("subject", "preheader", "source", "text"),
    "sms": ("text",),
    "push": ("title", "body", "url", "icon", "image"),
}
OF_BLOCKS: Final[dict[str, tuple[str, ...]]] = {
    "heading": ("text", "align"),
    "text": ("text", "align"),
    "button": ("text", "url", "align"),
    "image": ("src", "alt", "url", "width", "align"),
    "divider": (),
    "spacer": ("height",),
}
LABELS: Final = {
    "source": "The source",
    "src": "The picture's address",
    "alt": "The picture's description",
    "url": "The link",
    "body": "The text",
}

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class Wrong(NamedTuple):
    """Something that cannot be stored."""

    where: str
    """As campaigns.readiness.Problem has it."""
    message: str


def content_of(campaign: Campaign) -> dict[str, Any]:
    """A copy with everything that its channel's message has; of one that started, what it sends."""
    if campaign.frozen and campaign.status != Campaign.Status.DRAFT:
        stored = campaign.frozen.get("content") or campaign.content
    else:
        stored = campaign.content
    return copy.deepcopy({**EMPTY[campaign.channel], **stored})


def read_form(*, channel: str, content: dict[str, Any], posted: Mapping[str, str]) -> list[Wrong]:
    """Writes what was posted into the content, also what is wrong, so that it can be shown."""
    wrong = []
    for name in BY_CHANNEL[channel]:
        if name in posted:
            content[name] = tidy(name, posted[name])
            wrong += _too_long(name, content[name], f"content.{name}")
    if channel == "email":
        wrong += _read_color(content, posted)
        for place, block in enumerate(content["blocks"]):
            wrong += _read_block(block, posted, f"content.blocks[{place}]")
    return wrong


def tidy(name: str, text: str) -> str:
    """What can be stored: line breaks as one sign, and no NUL."""
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return " ".join(text.splitlines()).strip() if name in LINES else text


def _too_long(name: str, text: str, where: str) -> list[Wrong]:
    most = LONGEST[name]
    if len(text) <= most:
        return []
    label = LABELS.get(name, f"The {name}")
    return [Wrong(where, f"{label} has {most:,} characters at most; these are {len(text):,}.")]


def _read_color(content: dict[str, Any], posted: Mapping[str, str]) -> list[Wrong]:
    if "color" not in posted:
        return []
    content["color"] = posted["color"].replace("\0", "").strip().lower()
    if _COLOR.fullmatch(content["color"]):
        return []
    return [Wrong("content.color", "A colour is written like #066fd1.")]


def _read_block(block: Block, posted: Mapping[str, str], where: str) -> list[Wrong]:
    wrong = []
    for name in OF_BLOCKS.get(str(block.get("kind")), ()):
        posted_name = f"{block['id']}-{name}"
        if posted_name not in posted:
            continue
        value = posted[posted_name]
        if name == "align":
            block["align"] = value if value in ALIGNMENTS else "left"
        elif name in NUMBERS:
            wrong += _read_number(block, name, value.replace("\0", "").strip(), where)
        else:
            block[name] = tidy(name, value)
            wrong += _too_long(name, block[name], f"{where}.{name}")
    return wrong


def _read_number(block: Block, name: str, text: str, where: str) -> list[Wrong]:
    least, most = NUMBERS[name]
    if not text and name == "width":
        block.pop(name, None)
        return []
    if text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most:
        block[name] = int(text)
        return []
    block[name] = text[:20]
    return [Wrong(f"{where}.{name}", f"The {name} is a number of pixels from {least} to {most}.")]
