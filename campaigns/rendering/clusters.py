"""Characters as people see them, so that none is cut in two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

_JOINER: Final = "\u200d"
_MARKS: Final = frozenset({"Mn", "Me", "Mc"})


def clusters(text: str) -> Iterator[str]:
    """Nearly what Unicode calls extended grapheme clusters (UAX 29): marks, joined emoji, flags,
    tones of skin and syllables of Hangul stay together. Never less than what belongs together."""
    start = 0
    for index in range(1, len(text)):
        if not _is_joined(text, start, index):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _is_joined(text: str, start: int, index: int) -> bool:
    before, char = text[index - 1], text[index]
    if char < "\u0300":
        return before == "\r" and char == "\n"
    if char == _JOINER or unicodedata.category(char) in _MARKS:
        return True
    if before == _JOINER and ord(char) > 0x2000:
        return True
    if _is_within(char, 0x1F3FB, 0x1F3FF) or _is_within(char, 0xE0020, 0xE007F):
        return True
    if _is_flag(char):
        # Two letters are a flag, the third begins the next one.
        return index - start == 1 and _is_flag(before)
    return _is_within(char, 0x1160, 0x11FF) and _is_within(before, 0x1100, 0xD7FB)


def _is_flag(char: str) -> bool:
    return _is_within(char, 0x1F1E6, 0x1F1FF)


def _is_within(char: str, low: int, high: int) -> bool:
    return low <= ord(char) <= high
