"""What an image is, by its first bytes: its type and its size in pixels. Nothing is decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

MOST_PIXELS: Final = 10_000
"""In each direction; nobody's screen shows more."""


class NotAPicture(Exception):
    """Why not, as a sentence."""


class Facts(NamedTuple):
    content_type: str
    width: int
    height: int


EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}

_STARTS_OF_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def read_picture(data: bytes) -> Facts:
    """Raises NotAPicture for anything but PNG, JPEG, GIF and WebP that say how large they are."""
    for begins, content_type, measure in _KINDS:
        if data.startswith(begins):
            try:
                width, height = measure(data)
            except (IndexError, ValueError):
                raise NotAPicture("The picture is damaged: its size cannot be read.") from None
            if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
                raise NotAPicture(
                    f"A picture has from 1 to {MOST_PIXELS:,} pixels in each direction."
                )
            return Facts(content_type, width, height)
    raise NotAPicture("This is not a PNG, JPEG, GIF or WebP picture.")


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_part(data, at, size), "big")


def _little(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_part(data, at, size), "little")


def _part(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ValueError("it ends too early")
    return data[at : at + size]


def _png(data: bytes) -> tuple[int, int]:
    if _part(data, 8, 8) != b"\0\0\0\rIHDR":
        raise ValueError("it does not begin with its header")
    return _big(data, 16, 4), _big(data, 20, 4)


def _gif(data: bytes) -> tuple[int, int]:
    return _little(data, 6, 2), _little(data, 8, 2)


def _jpeg(data: bytes) -> tuple[int, int]:
    """Its segments are walked until one begins a frame."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no segment begins here")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _STARTS_OF_FRAMES:
            return _big(data, at + 7, 2), _big(data, at + 5, 2)
        elif marker in {0xD9, 0xDA}:
            raise ValueError("no frame before the data")
        else:
            at += 2 + max(2, _big(data, at + 2, 2))


def _webp(data: bytes) -> tuple[int, int]:
    if _part(data, 8, 4) != b"WEBP":
        raise ValueError("another kind of file")
    match _part(data, 12, 4):
        case b"VP8X":
            return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
        case b"VP8L" if data[20] == 0x2F:
            bits = _little(data, 21, 4)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 " if _part(data, 23, 3) == b"\x9d\x01\x2a":
            return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    raise ValueError("none of the kinds of WebP")


_Measure = Callable[[bytes], tuple[int, int]]
_KINDS: Final[tuple[tuple[bytes, str, _Measure], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", _png),
    (b"\xff\xd8\xff", "image/jpeg", _jpeg),
    (b"GIF87a", "image/gif", _gif),
    (b"GIF89a", "image/gif", _gif),
    (b"RIFF", "image/webp", _webp),
)
