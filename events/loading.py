"""Loads files of contacts and events through the same services as the API, batch by batch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from contacts.files.records import BadLine
from contacts.guessing import define_missing_fields
from contacts.models import Field
from contacts.problems import Problem
from contacts.rows import ContactRow, read_contact
from contacts.services import upsert_contacts
from events.files import Line, is_table, lines
from events.rows import EventRow, read_event
from events.services import record_events
from events.shifting import newest_event, shifted
from events.sources import Source
from events.tables import contact_from_cells, event_from_cells

BATCH = 5_000

Row = TypeVar("Row", ContactRow, EventRow)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not loaded, and why."""

    line: Line
    problems: Sequence[Problem]


@dataclass(slots=True)
class Outcome:
    created: int = 0
    """Contacts that are new, or events that were stored."""
    known: int = 0
    """Contacts that were updated, or events that were there already."""
    refused: list[Refused] = field(default_factory=list)


Progress = Callable[[Line], None]
"""Called for each batch with the last line of it."""


def load_contacts(
    path: Path, *, now: datetime, progress: Progress, new_fields: bool
) -> tuple[Outcome, list[Field]]:
    """Create or update the contacts of a file; `new_fields`: define what it needs first."""
    defined: list[Field] = []
    if new_fields:
        types = dict(Field.objects.values_list("key", "type"))
        contacts = (_contact_json(line, path, types) for line in lines(path))
        defined = define_missing_fields(contacts)
    types = dict(Field.objects.values_list("key", "type"))
    outcome = Outcome()
    for batch in _batches(lines(path), progress):
        rows = _readable(
            batch,
            lambda line: read_contact(_contact_json(line, path, types), source=f"File {path.name}"),
            outcome,
        )
        result = upsert_contacts(rows=[row for _, row in rows], now=now)
        outcome.created += result.created
        outcome.known += result.updated
        _refuse(rows, result.errors, outcome)
    return outcome, defined


def load_events(
    path: Path, *, now: datetime, zone: ZoneInfo, progress: Progress, shift_to_now: bool
) -> Outcome:
    """Store the events of a file; `shift_to_now`: so much later that the newest is now."""
    distance = timedelta()
    if shift_to_now:
        newest = newest_event(_with_events(path), zone=zone, now=now)
        distance = now - newest if newest else distance

    def read(line: Line) -> EventRow | list[Problem]:
        row = read_event(line.content, zone=lambda: zone, now=now)
        return shifted(row, distance) if distance and isinstance(row, EventRow) else row

    outcome = Outcome()
    for number, batch in enumerate(_batches(_with_events(path), progress)):
        rows = _readable(batch, read, outcome)
        # A moment for each batch: the feed sorts all that were received at the same one.
        received = now + timedelta(microseconds=number)
        result = record_events(rows=[row for _, row in rows], now=received, source=Source.FILE)
        outcome.created += result.accepted
        outcome.known += result.duplicates
        _refuse(rows, result.errors, outcome)
    return outcome


def _contact_json(line: Line, path: Path, types: Mapping[str, str]) -> Any:
    if is_table(path) and isinstance(line.content, dict):
        return contact_from_cells(line.content, types)
    return line.content


def _with_events(path: Path) -> Iterator[Line]:
    """The lines, each with an event as the API takes it."""
    for line in lines(path):
        content = line.content
        if isinstance(content, dict) and is_table(path):
            content = event_from_cells(content)
        elif isinstance(content, dict) and isinstance(content.get("contact"), str):
            # In a file, a text alone is an external id.
            content = {**content, "contact": {"external_id": content["contact"]}}
        yield Line(line.number, line.raw, content, line.position)


def _batches(rows: Iterable[Line], progress: Progress) -> Iterator[list[Line]]:
    waiting = iter(rows)
    while batch := list(itertools.islice(waiting, BATCH)):
        yield batch
        progress(batch[-1])


def _readable(
    batch: Iterable[Line], read: Callable[[Line], Row | list[Problem]], outcome: Outcome
) -> list[tuple[Line, Row]]:
    """The lines of a batch that hold a row; the others are refused."""
    rows: list[tuple[Line, Row]] = []
    for line in batch:
        if isinstance(line.content, BadLine):
            outcome.refused.append(Refused(line, [Problem("", "unreadable", str(line.content))]))
            continue
        row = read(line)
        if isinstance(row, list):
            outcome.refused.append(Refused(line, row))
        else:
            rows.append((line, row))
    return rows


def _refuse(
    rows: Sequence[tuple[Line, object]],
    errors: Mapping[int, Sequence[Problem]],
    outcome: Outcome,
) -> None:
    outcome.refused += [
        Refused(rows[index][0], problems) for index, problems in sorted(errors.items())
    ]
