"""Files that people take away: CSV that no spreadsheet runs, and JSON Lines, written line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.http import StreamingHttpResponse

from segmentflow.api.bodies import encode_json

BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A line of names, then one for each row; texts that begin like a formula are escaped."""
    writer = csv.writer(_Echo())
    yield writer.writerow([harmless(name) for name in columns])
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def json_lines(rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        yield encode_json(row) + "\n"


def download(lines: Iterable[str], *, name: str, kind: str) -> StreamingHttpResponse:
    """An answer that is written while it is read; `kind`: csv, jsonl or json."""
    return StreamingHttpResponse(
        _bundled(lines),
        content_type=TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


def harmless(text: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; a quote keeps it text."""
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


def _cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return harmless(value)
        case list() if all(isinstance(one, str) for one in value):
            return harmless("; ".join(value))
        case list() | dict():
            return harmless(encode_json(value))
        case _:
            return value


def _bundled(lines: Iterable[str]) -> Iterator[str]:
    """Each part of an answer costs as much as many lines."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) == 500:
            yield "".join(waiting)
            waiting.clear()
    yield "".join(waiting)
