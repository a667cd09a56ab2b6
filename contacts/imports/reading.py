"""The rows of an import: each a list of values, one for each of its columns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from contacts.decisions import PREFIX as CONSENT
from contacts.files.records import BadLine, Record, Source, delimited_records, json_records
from contacts.imports.storing import rows_of
from contacts.models import ContactImport
from contacts.problems import quoted
from contacts.values import named

PREFIX = "attributes."
CONSENTS = CONSENT.removesuffix(".")


@dataclass(slots=True)
class Row:
    line: int
    values: list[Any] | BadLine
    """In the order of the columns; None or the empty text where there is none."""
    last_line: int
    end: int
    raw: str = ""
    """As it stands in the file, where it could not be read."""


def read_rows(one: ContactImport, file: IO[bytes]) -> Iterator[Row]:
    """From where the import has come to."""
    file.seek(one.position)
    source = Source(file, line=one.line, end=one.position)
    widen = _from_json(one.columns) if is_json(one) else _from_cells(len(one.columns))
    for record in records(one, source):
        content = record.content
        values = content if isinstance(content, BadLine) else widen(content)
        raw = record.raw if isinstance(values, BadLine) else ""
        yield Row(record.line, values, record.last_line, record.end, raw)


def first_rows(one: ContactImport, *, most: int) -> list[Row]:
    with rows_of(one).open("rb") as file:
        return list(itertools.islice(read_rows(one, file), most))


def records(one: ContactImport, source: Source) -> Iterator[Record]:
    if is_json(one):
        return json_records(source)
    return delimited_records(source, separator=one.separator or ",")


def is_json(one: ContactImport) -> bool:
    return one.kind == ContactImport.Kind.JSONL


def flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """Additional fields and consents beside the others, as columns of a table."""
    found = dict(content)
    for name, prefix in (("attributes", PREFIX), (CONSENTS, CONSENT)):
        below = content.get(name)
        if isinstance(below, dict):
            del found[name]
            found |= {f"{prefix}{key}": value for key, value in below.items()}
    return found


def _from_cells(width: int) -> Callable[[list[str]], list[Any] | BadLine]:
    def widen(cells: list[str]) -> list[Any] | BadLine:
        if len(cells) > width and any(cells[width:]):
            return BadLine("There are more values than columns.")
        return cells

    return widen


def _from_json(columns: list[str]) -> Callable[[Any], list[Any] | BadLine]:
    known = set(columns)

    def widen(content: Any) -> list[Any] | BadLine:
        if not isinstance(content, dict):
            return BadLine(f"A contact is an object, not {named(content)}.")
        values = flat(content)
        if unknown := values.keys() - known:
            return BadLine(f"There is no column {quoted(min(unknown))}.")
        return [values.get(column) for column in columns]

    return widen
