"""What people do with imports: bring a file, map its columns, try it, run it, give it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Final

from django.db import DatabaseError, transaction

from contacts.imports.mapping import check_mapping, define_fields
from contacts.imports.preparing import prepare
from contacts.imports.running import back_to_ready
from contacts.imports.storing import Received, drop_files, drop_old_files, drop_rows
from contacts.locks import hold_fields
from contacts.models import ContactImport
from contacts.problems import Conflict, Problem, Refused
from contacts.retrying import in_transaction
from segmentflow.audit.recording import record
from segmentflow.models import User
from segmentflow.wakeups import ask_for

IMPORT: Final = "import"
SMALL: Final = {"csv": 20_000_000, "jsonl": 10_000_000, "xlsx": 1_000_000}
"""Bytes of files that are read while their owner waits, by kind."""
KINDS: Final = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), ContactImport.Kind.CSV),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), ContactImport.Kind.JSONL),
    **dict.fromkeys((".xlsx", ".xlsm"), ContactImport.Kind.XLSX),
}

State = ContactImport.State


def wake() -> None:
    """Ask the cluster for the imports that wait."""
    ask_for(IMPORT, "contacts.tasks.run_imports")


def receive_import(*, received: Received, author: User | None, now: datetime) -> ContactImport:
    """Take in a file that has been uploaded; a small one is read at once."""
    drop_old_files(now=now)
    kind = KINDS.get(PurePath(received.name).suffix.lower())
    if kind is None or not received.size:
        drop_files(received.token)
        said = "The file is empty." if kind else "Choose a file that ends in .csv, .jsonl or .xlsx."
        raise Refused([Problem("file", "unknown_kind", said)])
    try:
        one = ContactImport.objects.create(
            name=received.name[-255:].replace("\0", ""),
            token=received.token,
            kind=kind,
            size=received.size,
            author=author,
        )
    except DatabaseError:
        drop_files(received.token)  # its sender is told to bring it again
        raise
    _read(one, now=now)
    record(action="created", kind=IMPORT, key=one.pk, name=one.name, now=now)
    return one


def reread_import(
    *, one: ContactImport, encoding: str, separator: str, sheet: str, now: datetime
) -> None:
    """Read it once more, in another way than was guessed."""
    changed = ContactImport.objects.filter(pk=one.pk, state=State.READY).update(
        state=State.READING,
        encoding=encoding,
        separator=separator,
        sheet=sheet,
        columns=[],
        mapping=[],
        tried=None,
    )
    if not changed:
        raise Conflict("It has been begun already.")
    one.refresh_from_db()
    _read(one, now=now)


def map_columns(*, one: ContactImport, mapping: Sequence[Mapping[str, str]], found_by: str) -> None:
    """Raises Refused where the mapping makes no sense; nothing is stored then."""
    _check_ready(one)
    entries = [dict(entry) for entry in mapping]
    if one.mapping != entries or one.found_by != found_by:
        one.tried = None
    one.mapping, one.found_by = entries, found_by
    check_mapping(one)
    one.save(update_fields=["mapping", "found_by", "tried"])


def try_import(*, one: ContactImport, now: datetime) -> None:
    """Count what would happen, and store nothing."""
    _begin(one, state=State.TRYING, now=now)


@in_transaction
def run_import(*, one: ContactImport, now: datetime) -> None:
    """Define the fields it needs, and have its contacts stored.

    Raises Refused when a field that it fills has gone meanwhile.
    """
    hold_fields()  # nobody deletes or archives one that it fills before that is seen
    _check_ready(one)
    check_mapping(one)
    _begin(one, state=State.RUNNING, now=now)
    define_fields(one, now=now)
    one.save(update_fields=["mapping"])
    columns = {"columns": [None, [entry["target"] for entry in one.mapping if entry.get("target")]]}
    record(action="imported", kind=IMPORT, key=one.pk, name=one.name, changes=columns, now=now)


@transaction.atomic
def cancel_import(*, one: ContactImport, now: datetime) -> None:
    """Stop it after the bite it is at. What has been stored stays; a dry run stored nothing."""
    held = ContactImport.objects.select_for_update().get(pk=one.pk)
    match held.state:
        case State.TRYING:
            back_to_ready(held)
        case State.READY | State.READING:
            held.state, held.ended_at, held.has_files = State.CANCELLED, now, False
            transaction.on_commit(lambda: drop_files(held.token))
        case State.RUNNING:
            held.state, held.ended_at = State.CANCELLED, now
            transaction.on_commit(lambda: drop_rows(held))
        case _:
            raise Conflict("It has ended already.")
    held.save()
    record(action="cancelled", kind=IMPORT, key=held.pk, name=held.name, now=now)


def _read(one: ContactImport, *, now: datetime) -> None:
    if one.size <= SMALL[one.kind]:
        prepare(one, now=now)
    else:
        wake()


def _begin(one: ContactImport, *, state: State, now: datetime) -> None:
    begun = ContactImport.objects.filter(pk=one.pk, state=State.READY)
    if not begun.update(state=state, started_at=now, tried=None):
        raise Conflict("It has been begun already.")
    one.state = state
    transaction.on_commit(wake)


def _check_ready(one: ContactImport) -> None:
    if one.state != State.READY:
        raise Conflict("It has been begun already.")
