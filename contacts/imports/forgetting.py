"""Erased people go from the files of refused rows, too.

A row is overwritten where it stands, and keeps its length: how far the file is written is part of
the import's progress, which may be rolled back. That happens before the erasure commits, so no crash
leaves a row behind; one that undoes the erasure has lost a refused row.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from typing import IO, Final

from django.db.models import Q, QuerySet

from contacts.imports.storing import refused_of
from contacts.models import ContactImport, Identity
from contacts.rows import IDENTITIES

BITE: Final = 4 * 1024 * 1024
BEFORE: Final = 2
"""Columns for the line and the reason, before those of the file."""
END: Final = b"\r\n"
_WITHIN: Final = r"[\w@.+-]"
"""What may go on in a name: `ann@example.com` is not in `joann@example.com`."""


def hold_refused() -> None:
    """Wait for the bites that are being stored, and keep others off until the commit."""
    list(_with_refused().select_for_update().order_by("pk").values_list("pk"))


def erase_refused(contact_ids: Sequence[int]) -> None:
    known = Identity.objects.filter(contact_id__in=contact_ids)
    names = {value.lower() for value in known.values_list("value", flat=True)}
    if not names:
        return
    for one in _with_refused().order_by("pk"):
        try:
            with refused_of(one).open("r+b") as file:
                if _may_name(file, names):
                    _overwrite(one, file, names)
        except FileNotFoundError:
            continue  # its time was over


def _with_refused() -> QuerySet[ContactImport]:
    """Those with such rows, or that may be about to write some."""
    running = Q(state=ContactImport.State.RUNNING)
    return ContactImport.objects.filter(running | Q(refused_size__gt=0), has_files=True)


def _may_name(file: IO[bytes], names: set[str]) -> bool:
    """A quick look, for nearly all files name none of them."""
    needles = [name.replace('"', '""').encode() for name in names]
    longest = max(map(len, needles))
    tail = b""
    while bite := file.read(BITE):
        text = (tail + bite).decode(errors="replace").lower().encode()
        if any(needle in text for needle in needles):
            return True
        tail = bite[-4 * longest :]
    return False


def _overwrite(one: ContactImport, file: IO[bytes], names: set[str]) -> None:
    identities = [
        place + BEFORE for place, entry in enumerate(one.mapping) if entry["target"] in IDENTITIES
    ]
    anywhere = re.compile(
        f"(?<!{_WITHIN})(?:{'|'.join(map(re.escape, sorted(names)))})(?!{_WITHIN})"
    )
    for start, row in list(_rows(file)):
        text = row.decode(errors="replace").lower()
        if _names_one(_cells(text), identities, names, anywhere):
            file.seek(start)
            file.write(_erased(row))
    file.flush()
    os.fsync(file.fileno())


def _names_one(
    cells: Sequence[str], identities: Sequence[int], names: set[str], anywhere: re.Pattern[str]
) -> bool:
    """By the columns that identify; a row that could not be read is one cell, and may by any part."""
    found = {cells[place].lstrip("'").strip() for place in identities if place < len(cells)}
    if found & names:
        return True
    return len(cells) <= BEFORE + 1 and bool(anywhere.search(cells[-1]))


def _rows(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Where each begins, and its bytes with all line breaks that are in quotes; without the first."""
    file.seek(0)
    lines: list[bytes] = []
    start = end = quotes = 0
    for line in file:
        lines.append(line)
        end += len(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            if start:
                yield start, b"".join(lines)
            lines, start = [], end
    if lines and start:
        yield start, b"".join(lines)


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline="")), [""])
    except csv.Error:
        return [text]


def _erased(row: bytes) -> bytes:
    """As long as it was, with the number of its line."""
    number = re.match(rb"[0-9]*", row)
    left = (number.group() if number else b"") + b",Erased"
    return left.ljust(len(row) - len(END))[: len(row) - len(END)] + END
