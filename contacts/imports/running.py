"""Stores the contacts of a file bite by bite; how far it has come is committed with each bite."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import DataError, connection, transaction

from contacts.files.records import BadLine, Unreadable
from contacts.files.writing import csv_lines
from contacts.imports.mapping import mapping_of, new_fields
from contacts.imports.preparing import fail, prepare, rewind
from contacts.imports.reading import Row, read_rows
from contacts.imports.storing import are_old_files, drop_rows, refused_of, rows_of
from contacts.models import ContactImport
from contacts.problems import Problem
from contacts.retrying import in_transaction
from contacts.rows import ContactRow
from contacts.services import UpsertResult, try_contacts, upsert_contacts
from segmentflow.room import is_about_room

logger = logging.getLogger(__name__)

BITE: Final = 5_000
"""Rows in one transaction."""
MOST_WAITING: Final = 20_000
"""Pending marks: live events come first, so an import waits until segments have kept up."""

State = ContactImport.State
Refusals = list[tuple[Row, Sequence[Problem]]]


def advance_imports(*, now: datetime) -> bool:
    """One step of the oldest import; False when there was nothing to do."""
    unread = ContactImport.objects.filter(state=State.READING).order_by("pk").first()
    if unread is not None:
        return _is_prepared(unread, now=now)
    begun = ContactImport.objects.filter(state__in=(State.TRYING, State.RUNNING))
    one = begun.order_by("pk").first()
    if one is None:
        return False
    try:
        return _bite(one.pk, now=now)
    except (Unreadable, OSError, DataError) as problem:
        if is_about_room(problem):
            logger.warning("import %s waits for room on the disc", one.pk)
            return False
        logger.error("import %s failed: %s", one.pk, problem)
        fail(one, _in_words(problem), now=now)
        return True


def _is_prepared(unread: ContactImport, *, now: datetime) -> bool:
    try:
        prepare(unread, now=now)
    except OSError:
        logger.warning("import %s waits for room on the disc", unread.pk)
        return False
    return True


def is_work(*, now: datetime) -> bool:
    """Whether an import waits, or files of one that has ended for long."""
    states = (State.READING, State.TRYING, State.RUNNING)
    return ContactImport.objects.filter(state__in=states).exists() or are_old_files(now=now)


def is_crowded() -> bool:
    """Whether so many contacts wait for their segments that an import should not add more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM contacts_pendingmark LIMIT %s) waiting",
            [MOST_WAITING + 1],
        )
        return bool(cursor.fetchone()[0] > MOST_WAITING)


@in_transaction
def _bite(pk: int, *, now: datetime) -> bool:
    """False: another worker has it, or it has been cancelled."""
    held = ContactImport.objects.select_for_update(skip_locked=True)
    one = held.filter(pk=pk, state__in=(State.TRYING, State.RUNNING)).first()
    if one is None:
        return False
    with rows_of(one).open("rb") as file:
        rows = list(itertools.islice(read_rows(one, file), BITE))
    if rows:
        _store(one, rows, now=now)
        one.position, one.line = rows[-1].end, rows[-1].last_line
    if len(rows) < BITE:
        _end(one, now=now)
    one.save()
    return True


def _store(one: ContactImport, rows: Sequence[Row], *, now: datetime) -> None:
    reading = mapping_of(one)
    refused: Refusals = []
    good: list[tuple[Row, ContactRow]] = []
    for row in rows:
        contact = reading.contact_of(row.values)
        if isinstance(contact, list):
            refused.append((row, contact))
        else:
            good.append((row, contact))
    result = _applied(one, [contact for _, contact in good], now=now)
    refused += [(good[place][0], problems) for place, problems in result.errors.items()]
    one.created += result.created
    one.updated += result.updated
    one.refused += len(refused)
    if one.state == State.RUNNING:
        _write_refused(one, sorted(refused, key=lambda entry: entry[0].line))


def _applied(one: ContactImport, contacts: Sequence[ContactRow], *, now: datetime) -> UpsertResult:
    if one.state == State.TRYING:
        return try_contacts(rows=contacts, new_fields=new_fields(one))
    return upsert_contacts(rows=contacts, now=now, is_bulk=True)


def _write_refused(one: ContactImport, refused: Refusals) -> None:
    """Behind what was committed; whatever a bite that came to nothing wrote is cut off."""
    path = refused_of(one)
    if not refused and not path.exists():
        return
    with path.open("ab") as out:
        out.truncate(one.refused_size)
        lines = csv_lines(["Line", "Why", *one.columns], (_refusal(*entry) for entry in refused))
        text = "".join(itertools.islice(lines, 1 if one.refused_size else 0, None))
        out.write(text.encode("utf-8", "replace"))
        out.flush()
        os.fsync(out.fileno())
        one.refused_size = _size(path)


def _refusal(row: Row, problems: Sequence[Problem]) -> list[Any]:
    why = " ".join(
        f"{problem.path}: {problem.message}" if problem.path else problem.message
        for problem in problems
    )
    return [row.line, why, *([row.raw] if isinstance(row.values, BadLine) else row.values)]


def _end(one: ContactImport, *, now: datetime) -> None:
    if one.state == State.TRYING:
        one.tried = {"created": one.created, "updated": one.updated, "refused": one.refused}
        back_to_ready(one)
        return
    one.state, one.ended_at = State.DONE, now
    transaction.on_commit(lambda: drop_rows(one))


def back_to_ready(one: ContactImport) -> None:
    """After a dry run: as it was before."""
    rewind(one)
    one.created = one.updated = one.refused = 0
    one.state, one.started_at = State.READY, None


def _size(path: Path) -> int:
    return path.stat().st_size


def _in_words(problem: Exception) -> str:
    match problem:
        case Unreadable():
            return str(problem)
        case OSError():
            return "The file of this import cannot be read any more."
        case _:
            return f"The database refused a row: {problem}"
