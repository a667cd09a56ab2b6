"""Files to load: JSON Lines or CSV, plain or gzip, row by row with their line numbers."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from segmentflow.api.bodies import decode_json
from segmentflow.api.problems import ApiProblem

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


class BadLine(Exception):
    """A line that is no row; the message says why."""


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
    for number, raw in enumerate(file, 1):
        if not raw.strip():
            continue
        content: Any
        try:
            content = decode_json(raw)
        except ApiProblem as problem:
            content = BadLine(f"{problem.title}. {problem.detail}")
        yield Line(number, raw.decode("utf-8", "replace").rstrip("\r\n"), content, disc.tell())


def _csv_lines(file: IO[bytes], disc: IO[bytes]) -> Iterator[Line]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    rows = csv.DictReader(text)
    for row in rows:
        raw = ",".join(value for value in row.values() if isinstance(value, str))
        content: Any = {key: value for key, value in row.items() if key and value}
        if None in row:
            content = BadLine("There are more values than columns.")
        elif any("\udc80" <= character <= "\udcff" for character in raw):
            content = BadLine("The line is not UTF-8.")
        shown = raw.encode("utf-8", "replace").decode()
        yield Line(rows.line_num, shown, content, disc.tell())
