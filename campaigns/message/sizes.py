"""How long a text message is, in words."""

from __future__ import annotations

import unicodedata

from campaigns.rendering import marks
from campaigns.rendering.sms import SmsCount, count
from campaigns.tracking.short import example


def size_words(text: str) -> str:
    """Such as "134 of 160 characters, GSM-7, 1 message", with links as short as they are sent."""
    found = count(marks.replace_bare(text, link=_shortened))
    parts = [_places(found), found.encoding, _messages(found.segments)]
    words = ", ".join(parts)
    if found.first_unicode:
        words += f". {_named(found.first_unicode)} is not in GSM-7, so each message has less room"
    return f"{words}."


def _shortened(url: str) -> str:
    """As long as the one that is sent instead."""
    return example() if marks.target_of(url) else url


def _places(found: SmsCount) -> str:
    """Places, not characters, are what counts: “€” takes two of them."""
    room = found.per_segment * max(1, found.segments)
    return f"{found.units:,} of {room:,} characters"


def _messages(segments: int) -> str:
    return f"{segments:,} message" if segments == 1 else f"{segments:,} messages"


def _named(char: str) -> str:
    name = unicodedata.name(char, "").lower()
    return (
        f"“{char}”"
        if char.isprintable() and not char.isspace()
        else f"The sign “{name or hex(ord(char))}”"
    )
