"""What a file certainly is when it is no text, told by how it begins."""

from __future__ import annotations

from typing import Final

from contacts.files.records import Unreadable

BEGINNING: Final = 4096
_KINDS: Final = (
    (b"PK\x03\x04", "a workbook"),
    (b"\xd0\xcf\x11\xe0", "a workbook of an old kind"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\0", "a database"),
    (b"\xff\xfe\0\0", "a text in UTF-32"),
    (b"\0\0\xfe\xff", "a text in UTF-32"),
)
_CONTROLS: Final = bytes({*range(32)} - {*b"\t\n\v\f\r\x1a\x1b"})
_MOST_CONTROLS: Final = 0.05
"""Of the beginning; a few stray ones spoil their rows alone."""


def check_is_text(first: bytes, *, is_wide: bool = False) -> None:
    """Raises Unreadable; `is_wide`: in UTF-16, where every second byte may be zero."""
    for beginning, name in _KINDS:
        if first.startswith(beginning):
            raise Unreadable(f"This is no text, but perhaps {name}; is its name right?")
    controls = len(first) - len(first.translate(None, _CONTROLS))
    if not is_wide and controls > max(4, len(first) * _MOST_CONTROLS):
        raise Unreadable("This is no text; is its name right?")
