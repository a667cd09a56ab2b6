"""Files to load: JSON Lines or CSV, plain or gzip, row by row with their line numbers."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast

from contacts.files.encodings import encoding_in, opened_as_utf_8
from contacts.files.kinds import BEGINNING, check_is_text
from contacts.files.records import BadLine, Source, Unreadable, delimited_records, json_records
from contacts.files.separators import separator_of
from contacts.problems import quoted

MOST_SAMPLED = 256 * 1024
"""Bytes of a table from which its separator is told."""

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
    """Every line that is not blank. Raises OSError or Unreadable for what cannot be read."""
    with path.open("rb") as disc, _unzipped(path, disc) as file:
        encoding = encoding_in(file)
        file.seek(0)
        check_is_text(file.read(BEGINNING), is_wide=encoding.startswith("utf-16"))
        text = opened_as_utf_8(file, encoding=encoding)
        if is_table(path):
            yield from _csv_lines(text, disc)
        else:
            yield from _json_lines(text, disc)


def _unzipped(path: Path, disc: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=disc)) if path.suffix == ".gz" else disc


def is_table(path: Path) -> bool:
    return ".csv" in [suffix.lower() for suffix in path.suffixes[-2:]]


def _json_lines(file: IO[bytes], disc: IO[bytes]) -> Iterator[Line]:
    for record in json_records(Source(file)):
        yield Line(record.line, record.raw, record.content, disc.tell())


def _csv_lines(file: BufferedReader, disc: IO[bytes]) -> Iterator[Line]:
    first = file.peek(MOST_SAMPLED)[:MOST_SAMPLED].decode(errors="replace")
    records = delimited_records(Source(file), separator=separator_of(first))
    header = next(records, None)
    if header is None:
        return
    if isinstance(header.content, BadLine):
        raise Unreadable(str(header.content))
    names = [name.strip() for name in header.content]
    if twice := [name for name, times in Counter(names).items() if name and times > 1]:
        raise Unreadable(f"Two columns are called {quoted(twice[0])}.")
    for record in records:
        yield Line(record.last_line, record.raw, _named(names, record.content), disc.tell())


def _named(names: Sequence[str], cells: Sequence[str] | BadLine) -> Any:
    if isinstance(cells, BadLine):
        return cells
    if len(cells) > len(names):
        return BadLine("There are more values than columns.")
    return {key: value for key, value in zip(names, cells, strict=False) if key and value}
