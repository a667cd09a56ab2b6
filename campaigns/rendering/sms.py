"""Text messages: how many characters and segments a text takes.

By 3GPP TS 23.038 (alphabets; the default one with its extension table is section 6.2.1) and
TS 23.040 (joined messages, section 9.2.3.24.1): a message has 140 bytes, so 160 characters of
7 bits (GSM-7) or 70 of 16 bits (UCS-2). The parts of a longer one begin with a header of 6 bytes,
which leaves 153 or 67. A character of the extension table takes two places, its escape and its
own, and one outside the Basic Multilingual Plane takes two units; providers do not divide either
between two parts, and so leave a place empty.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""In the order of their codes, 0x00 to 0x7F; 0x1B is the escape to the extension table."""
EXTENSION: Final = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}

_ONE: Final = frozenset(BASIC) - {"\x1b"}
_TWO: Final = frozenset(EXTENSION)

Encoding = Literal["GSM-7", "UCS-2"]
SIZES: Final[dict[Encoding, tuple[int, int]]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
"""Of a single message, and of each part of a longer one."""


class SmsCount(NamedTuple):
    encoding: Encoding
    characters: int
    """Code points, as people count them."""
    units: int
    """Places that they take."""
    segments: int
    """Messages that are paid for; 0 for no text."""
    per_segment: int
    """Places in each of them."""
    first_unicode: str
    """The first character that needs UCS-2; empty when none does."""


def count(text: str) -> SmsCount:
    first = next((char for char in text if char not in _ONE and char not in _TWO), "")
    encoding: Encoding = "UCS-2" if first else "GSM-7"
    sizes = [2 if _is_double(char, encoding) else 1 for char in text]
    units = sum(sizes)
    single, joined = SIZES[encoding]
    if units <= single:
        return SmsCount(encoding, len(text), units, 1 if text else 0, single, first)
    return SmsCount(encoding, len(text), units, _parts(sizes, joined), joined, first)


def _is_double(char: str, encoding: Encoding) -> bool:
    return char in _TWO if encoding == "GSM-7" else ord(char) > 0xFFFF


def _parts(sizes: list[int], room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts
