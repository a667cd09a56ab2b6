"""Workbooks as tables: the rows of a sheet as text, streamed; formulas stay what they are written as."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from contacts.files.records import Unreadable

LARGEST_PART: Final = 8 * 1024**3
"""Bytes of a sheet, unpacked; it is streamed."""
LARGEST_KEPT: Final = 150 * 1024**2
"""Bytes of what has to stay in memory, unpacked: the texts that cells share, and styles."""
MOST_PACKED: Final = 200
"""How much smaller packing makes honest sheets; a bomb is packed a thousandfold."""
SMALL: Final = 50 * 1024**2
MOST_COLUMNS: Final = 1_000
MOST_ROWS: Final = 1_048_576
"""What a sheet can have; a number in a file may say that empty ones go on for ever."""


def sheets_of(path: Path) -> list[str]:
    """The names of its sheets with cells."""
    with _opened(path) as book:
        return [sheet.title for sheet in book.worksheets]


def as_csv(path: Path, *, sheet: str) -> Iterator[bytes]:
    """A sheet as CSV in UTF-8, bite by bite."""
    with _opened(path) as book:
        chosen = next((one for one in book.worksheets if one.title == sheet), None)
        if chosen is None:
            raise Unreadable("The workbook has no such sheet.")
        # What it says of its own size may be wrong, and would cut rows off.
        chosen.reset_dimensions()
        try:
            yield from _bites(chosen.iter_rows(values_only=True))
        except Unreadable:
            raise
        except Exception as problem:
            said = "The workbook is damaged; open it and save it once more."
            raise Unreadable(said) from problem


def _bites(rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out)
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise Unreadable(f"The sheet says that it has more than {MOST_ROWS:,} rows.")
        if len(row) > MOST_COLUMNS:
            row = _trimmed(row)
        writer.writerow([_text(value) for value in row])
        if out.tell() > 64 * 1024:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def _trimmed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Rows may say that they are 16,384 cells wide, nearly all of them empty."""
    last = max((place for place, value in enumerate(row, 1) if value is not None), default=0)
    return row[:last]


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(getattr(value, "text", value))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook  # it takes long to import, and few need it

    _check_size(path)
    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        except Exception as problem:
            raise Unreadable("This is no XLSX workbook that can be read.") from problem
        try:
            yield book
        finally:
            book.close()


def _check_size(path: Path) -> None:
    """Before anything is unpacked; what a part says of its size, it cannot exceed."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as problem:
        raise Unreadable("This is no XLSX workbook that can be read.") from problem
    for part in parts:
        is_sheet = part.filename.startswith("xl/worksheets/")
        if part.file_size > (LARGEST_PART if is_sheet else LARGEST_KEPT):
            raise Unreadable("The workbook is too large; save the sheet as CSV.")
        if part.file_size > SMALL and part.file_size > MOST_PACKED * max(part.compress_size, 1):
            raise Unreadable("The workbook is packed as no spreadsheet does it; save it as CSV.")
