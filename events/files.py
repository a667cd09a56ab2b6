"""Files to load: JSON Lines or CSV, plain or gzip, row by row with their line numbers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from contacts.files.records import BadLine, Source, delimited_records, json_records

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    raw: str
    """As it stands in the file, for the report."""
    content: Any
    """What it holds as JSON; a problem if that cannot be told."""
    position: int
    """How far into the file this is, in bytes of the file on disc."""


def lines(path: Path) -> Iterator[Line]:
    """Every line that is not blank. Raises OSError for a file that cannot be read."""
    with path.open("rb") as disc, _unzipped(path, disc) as file:
        if is_table(path):
            yield from _csv_lines(file, disc)
        else:
            yield from _json_lines(file, disc)


def _unzipped(path: Path, disc: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=disc)) if path.suffix == ".gz" else disc


def is_table(path: Path) -> bool:
    return ".csv" in [suffix.lower() for suffix in path.suffixes[-2:]]


def _json_lines(file: IO[bytes], disc: IO[bytes]) -> Iterator[Line]:
    for record in json_records(Source(file)):
        yield Line(record.line, record.raw, record.content, disc.tell())


def _csv_lines(file: IO[bytes], disc: IO[bytes]) -> Iterator[Line]:
    records = delimited_records(Source(file), separator=",")
    header = next(records, None)
    if header is None:
        return
    if isinstance(header.content, BadLine):
        raise OSError(str(header.content))
    names = [name.removeprefix("\ufeff") for name in header.content]
    for record in records:
        yield Line(record.last_line, record.raw, _named(names, record.content), disc.tell())


def _named(names: Sequence[str], cells: Sequence[str] | BadLine) -> Any:
    if isinstance(cells, BadLine):
        return cells
    if len(cells) > len(names):
        return BadLine("There are more values than columns.")
    return {key: value for key, value in zip(names, cells, strict=False) if key and value}
