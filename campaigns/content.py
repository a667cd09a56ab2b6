"""The shapes of a campaign's content, as it is stored: one for each channel."""

from __future__ import annotations

from typing import Any, Final, Literal, TypedDict

Format = Literal["blocks", "mjml", "html"]
BlockKind = Literal["heading", "text", "button", "image", "divider", "spacer"]


class Block(TypedDict, total=False):
    """One part of a simple email. Texts are Liquid; `text` of a text knows **bold**, *italic* and
    [links](https://…)."""

    id: str
    kind: BlockKind
    text: str
    """Of a heading, a text, and a button's label."""
    url: str
    """Of a button, and of an image that leads somewhere."""
    src: str
    alt: str
    width: int
    """Of an image, in pixels."""
    height: int
    """Of a spacer, in pixels."""
    align: Literal["left", "center", "right"]


class EmailContent(TypedDict, total=False):
    format: Format
    subject: str
    preheader: str
    blocks: list[Block]
    color: str
    """Of buttons and links in the format `blocks`: #rrggbb."""
    source: str
    """In the formats `mjml` and `html`."""
    kept: dict[str, str]
    """The source in the other of these two, for whoever switches back; never sent."""
    text: str
    """The plain part; empty: made from the other one."""


class SmsContent(TypedDict, total=False):
    text: str


class PushContent(TypedDict, total=False):
    title: str
    body: str
    url: str
    icon: str
    image: str


EMPTY: Final[dict[str, dict[str, Any]]] = {
    "email": {"format": "blocks", "subject": "", "preheader": "", "blocks": [], "color": "#066fd1"},
    "sms": {"text": ""},
    "push": {"title": "", "body": "", "url": ""},
}
