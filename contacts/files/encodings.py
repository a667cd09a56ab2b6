"""How the text of a file is encoded: told by its first bytes, or found out by reading it."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BITE: Final = 1024 * 1024

UTF_8, WINDOWS = "utf-8", "cp1252"
ENCODINGS: Final = {
    UTF_8: "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16 (big endian)",
    WINDOWS: "Windows-1252 (western)",
    "cp1250": "Windows-1250 (central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "iso8859-2": "ISO 8859-2 (central European)",
    "iso8859-15": "ISO 8859-15 (western)",
}
# In this order: that of UTF-8 is no beginning of another.
_MARKS: Final = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(path: Path) -> str:
    """By its mark, by where its zeros are, else UTF-8 if all of it is, else Windows-1252."""
    with path.open("rb") as file:
        first = file.read(4096)
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name
    if wide := _wide(first):
        return wide
    return UTF_8 if _is_utf_8(path) else WINDOWS


def mark_of(path: Path, encoding: str) -> int:
    """How many bytes at the beginning say nothing but how it is encoded."""
    with path.open("rb") as file:
        first = file.read(4)
    return next(
        (len(mark) for mark, name in _MARKS if name == encoding and first.startswith(mark)), 0
    )


def has_new_lines(path: Path) -> bool:
    """False where lines end with a carriage return alone, as on old computers."""
    with path.open("rb") as file:
        first = file.read(BITE)
    return b"\n" in first or b"\r" not in first


def as_utf_8(path: Path, *, encoding: str) -> Iterator[bytes]:
    """The file in UTF-8, bite by bite; what the encoding does not know becomes "�"."""
    with path.open("rb") as file:
        file.seek(mark_of(path, encoding))
        newlines = None if not has_new_lines(path) else ""
        text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newlines)
        while bite := text.read(BITE):
            yield bite.encode("utf-8", "replace")


def _wide(first: bytes) -> str:
    """UTF-16 without a mark: every second byte of western text is zero."""
    half = len(first) // 2
    if half < 2:
        return ""
    if first[1::2].count(0) > half * 0.7 and first[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if first[::2].count(0) > half * 0.7 and first[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return ""


def _is_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder(UTF_8)()
    try:
        with path.open("rb") as file:
            while bite := file.read(BITE):
                decoder.decode(bite)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
