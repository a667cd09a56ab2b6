"""Pictures that pages show: where they are served, and how large they are."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from typing import Final

from django.templatetags.static import static

FOLDER: Final = "docs/pictures/guide"
SERVED_AS: Final = "docs"
"""Below the address of static files (STATICFILES_DIRS)."""
WITHIN_14_BITS: Final = 0x3FFF

Size = tuple[int, int]


def address_of(path: str) -> str | None:
    """None for what is not served."""
    folder, _, name = path.rpartition("/")
    return static(f"{SERVED_AS}/{name}") if folder == FOLDER else None


@cache
def size_of(file: Path) -> Size | None:
    """So that a page does not jump when a picture arrives; None where it is not understood."""
    try:
        with file.open("rb") as picture:
            return _size(picture.read(32))
    except OSError:
        return None


def _size(head: bytes) -> Size | None:
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    if head[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & WITHIN_14_BITS, height & WITHIN_14_BITS
    if head[12:16] == b"VP8X":
        width, height = head[24:27], head[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    return None
