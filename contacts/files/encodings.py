"""How the text of a file is encoded: told by its first bytes, or found out by reading it."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

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
    with path.open("rb") as file:
        return encoding_in(file)


def encoding_in(file: IO[bytes]) -> str:
    """By its mark, by where its zeros are, else UTF-8 if most of it is, else Windows-1252."""
    file.seek(0)
    first = file.read(4096)
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name
    return _wide(first) or (UTF_8 if _is_utf_8(file) else WINDOWS)


def mark_of(path: Path, encoding: str) -> int:
    """How many bytes at the beginning say nothing but how it is encoded."""
    with path.open("rb") as file:
        return _mark_in(file, encoding)


def _mark_in(file: IO[bytes], encoding: str) -> int:
    file.seek(0)
    first = file.read(4)
    return next(
        (len(mark) for mark, name in _MARKS if name == encoding and first.startswith(mark)), 0
    )


def has_new_lines(path: Path) -> bool:
    with path.open("rb") as file:
        return _has_new_lines(file)


def _has_new_lines(file: IO[bytes]) -> bool:
    """False where lines end with a carriage return alone, as on old computers."""
    file.seek(0)
    first = file.read(BITE)
    return b"\n" in first or b"\r" not in first


def as_utf_8(path: Path, *, encoding: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from recoded(file, encoding=encoding)


def recoded(file: IO[bytes], *, encoding: str) -> Iterator[bytes]:
    """A file in UTF-8, bite by bite; what another encoding does not know becomes "�".

    What is broken in UTF-8 stays so, for lines to be refused where it is.
    """
    newlines = None if not _has_new_lines(file) else ""
    file.seek(_mark_in(file, encoding))
    broken = "surrogateescape" if encoding == UTF_8 else "replace"
    text = io.TextIOWrapper(file, encoding=encoding, errors=broken, newline=newlines)
    try:
        while bite := text.read(BITE):
            yield bite.encode(UTF_8, broken)
    finally:
        text.detach()


def opened_as_utf_8(file: IO[bytes], *, encoding: str) -> io.BufferedReader:
    """The same as a file."""
    return io.BufferedReader(_Bites(recoded(file, encoding=encoding)), buffer_size=BITE)


class _Bites(io.RawIOBase):
    """What comes bite by bite, as a file."""

    def __init__(self, bites: Iterator[bytes]) -> None:
        self._bites = bites
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # all that is ever given
        self._rest = self._rest or next(self._bites, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


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


def _is_utf_8(file: IO[bytes]) -> bool:
    """Also where a few bytes are broken: in another encoding, letters of two bytes are chance."""
    decoder = codecs.getincrementaldecoder(UTF_8)("replace")
    whole = broken = 0
    file.seek(0)
    while bite := file.read(BITE):
        text = decoder.decode(bite)
        if not text.isascii():
            lost = text.count("\ufffd")
            broken += lost
            whole += len(text) - len(text.encode("ascii", "ignore")) - lost
    broken += len(decoder.decode(b"", final=True))
    return not broken or whole > broken
