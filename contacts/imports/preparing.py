"""Makes rows in UTF-8 of a file that was brought, and finds out what its columns are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection

from contacts.files import kinds
from contacts.files.encodings import UTF_8, as_utf_8, encoding_of, has_new_lines, mark_of
from contacts.files.excel import as_csv, sheets_of
from contacts.files.kinds import check_is_text
from contacts.files.records import BadLine, Source, Unreadable
from contacts.files.separators import separator_of
from contacts.imports.guesses import guessed_mapping
from contacts.imports.reading import flat, is_json, records
from contacts.imports.storing import drop_rows, rows_of, upload_of
from contacts.models import ContactImport
from contacts.problems import quoted
from segmentflow.room import is_about_room

MOST_COLUMNS: Final = 1_000
LONGEST_NAME: Final = 200
BEGINNING: Final = 256 * 1024
BLANK: Final = b' \t\r\n,;|"'
"""What empty rows are made of."""
READING = 5312
"""First key of the advisory locks on imports that are being read."""

State = ContactImport.State


def prepare(one: ContactImport, *, now: datetime) -> None:
    """Read it and guess what its columns mean; it fails with a sentence where that is impossible.

    Raises OSError where the disc has no room: then it is read later.
    """
    if not _try_reading(one):
        return
    try:
        _prepare(one)
    except (Unreadable, OSError) as problem:
        if is_about_room(problem):
            raise
        said = str(problem) if isinstance(problem, Unreadable) else "The file cannot be read."
        fail(one, said, now=now)
    else:
        one.state = State.READY
        changed = ["state", "encoding", "separator", "sheet", "sheets", "columns", "mapping"]
        changed += ["found_by", "position", "line", "total"]
        # Unless somebody has cancelled it meanwhile.
        if ContactImport.objects.filter(pk=one.pk, state=State.READING).exists():
            one.save(update_fields=changed)
    finally:
        _end_reading(one)


def fail(one: ContactImport, error: str, *, now: datetime) -> None:
    """Say why, and forget the rows; the ones that were refused before stay for a while."""
    others = ContactImport.objects.filter(pk=one.pk).exclude(state=State.CANCELLED)
    others.update(state=State.FAILED, error=error, ended_at=now)
    drop_rows(one)


def _prepare(one: ContactImport) -> None:
    _write_rows(one)
    one.total = rows_of(one).stat().st_size
    rewind(one)
    one.mapping, one.found_by = guessed_mapping(one)


def rewind(one: ContactImport) -> None:
    """To the first row, behind the names of the columns."""
    one.position = one.line = 0
    if is_json(one):
        one.columns = one.columns or _json_columns(one)
    else:
        _read_header(one)


def _write_rows(one: ContactImport) -> None:
    rows, upload = rows_of(one), upload_of(one)
    rows.unlink(missing_ok=True)
    if one.kind == ContactImport.Kind.XLSX:
        one.sheets = sheets_of(upload)
        one.sheet = one.sheet if one.sheet in one.sheets else next(iter(one.sheets), "")
        one.separator = ","
        _write(rows, as_csv(upload, sheet=one.sheet))
        return
    one.encoding = one.encoding or encoding_of(upload)
    check_is_text(_beginning_of(upload), is_wide=one.encoding.startswith("utf-16"))
    if one.encoding == UTF_8 and not mark_of(upload, UTF_8) and has_new_lines(upload):
        rows.hardlink_to(upload)
    else:
        _write(rows, as_utf_8(upload, encoding=one.encoding))


def _write(path: Path, bites: Iterable[bytes]) -> None:
    with path.open("wb") as out:
        for bite in bites:
            out.write(bite)


def _beginning_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(kinds.BEGINNING)


def _read_header(one: ContactImport) -> None:
    """The first row that is not blank names the columns."""
    rows = rows_of(one)
    with rows.open("rb") as file:
        beginning = file.read(BEGINNING)
    if len(beginning) == BEGINNING and not beginning.strip(BLANK):
        raise Unreadable("The file begins with nothing but empty rows.")
    one.separator = one.separator or separator_of(beginning.decode(errors="replace"))
    with rows.open("rb") as file:
        header = next(records(one, Source(file)), None)
    if header is None:
        raise Unreadable("The file is empty.")
    if isinstance(header.content, BadLine):
        raise Unreadable(f"The first row names the columns, but cannot be read. {header.content}")
    one.columns = named_columns(header.content)
    one.position = header.end
    one.line = _lines_before(rows, header.end)


def _lines_before(path: Path, end: int) -> int:
    with path.open("rb") as file:
        return file.read(end).count(b"\n")


def named_columns(cells: list[str]) -> list[str]:
    """Every column has a name, and no two have the same."""
    names = [cell.strip().replace("\0", "")[:LONGEST_NAME] for cell in cells]
    while len(names) > MOST_COLUMNS and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Unreadable(
            f"There are {len(names):,} columns, and at most {MOST_COLUMNS:,} are read."
        )
    taken: set[str] = set()
    for place, name in enumerate(names):
        wanted = unique = name or f"Column {place + 1}"
        number = 1
        while unique in taken:
            number += 1
            unique = f"{wanted} ({number})"
        taken.add(unique)
        names[place] = unique
    return names


def _json_columns(one: ContactImport) -> list[str]:
    """All keys of all rows, in the order in which they first come."""
    found: dict[str, None] = {}
    with rows_of(one).open("rb") as file:
        for record in records(one, Source(file)):
            if isinstance(record.content, dict):
                found |= dict.fromkeys(flat(record.content))
            if len(found) > MOST_COLUMNS:
                raise Unreadable(f"The rows have over {MOST_COLUMNS:,} different keys.")
    if not found:
        raise Unreadable("No line of the file is a JSON object.")
    if wrong := next((key for key in found if len(key) > LONGEST_NAME or "\0" in key), None):
        raise Unreadable(f"A key of the rows is too long or cannot be stored: {quoted(wrong)}.")
    return list(found)


def _try_reading(one: ContactImport) -> bool:
    """For as long as this session lives; nobody else reads the same file meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _key(one))
        return bool(cursor.fetchone()[0])


def _end_reading(one: ContactImport) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _key(one))


def _key(one: ContactImport) -> list[Any]:
    return [READING, one.pk % 2**31]
