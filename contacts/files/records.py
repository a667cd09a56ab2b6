"""Records of a file in UTF-8: delimited or JSON Lines, with where each ends, so that reading can go on there."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from segmentflow.api.bodies import decode_json
from segmentflow.api.problems import ApiProblem

LONGEST_LINE: Final = 1_000_000
"""Bytes; a longer one is skipped without being read into memory."""
LONGEST_RECORD: Final = 10_000_000
"""Bytes of the lines of one record."""
BITE: Final = 64 * 1024


class BadLine(Exception):
    """A record that cannot be read; the message says why."""


class Unreadable(Exception):
    """A file that cannot be read, or not from here on; the message says why."""


@dataclass(slots=True)
class Record:
    line: int
    """The one it begins in; the first is 1."""
    content: Any
    """Cells, or what JSON holds; a BadLine if that cannot be told."""
    last_line: int
    end: int
    """Bytes from the beginning of the file to where the next one begins."""
    lines: list[bytes]
    """What it was read from."""

    @property
    def raw(self) -> str:
        return b"".join(self.lines).decode(errors="replace").rstrip("\r\n")


class Source:
    """Lines of a file, one by one; too long ones are empty and noted."""

    def __init__(self, file: IO[bytes], *, line: int = 0, end: int = 0) -> None:
        self._file = file
        self.line = line
        self.end = end
        self.problem = ""
        """What is wrong with the lines since it was last emptied."""
        self.kept: list[bytes] = []
        """The lines since it was last emptied."""

    def lines(self) -> Iterator[bytes]:
        while raw := self._file.readline(LONGEST_LINE + 1):
            self.line += 1
            self.end += len(raw)
            if len(raw) > LONGEST_LINE:
                self._skip(raw)
                raw = b"\n"
            self.kept.append(raw)
            yield raw

    def texts(self) -> Iterator[str]:
        size = 0
        for raw in self.lines():
            size = len(raw) if len(self.kept) == 1 else size + len(raw)
            if size > LONGEST_RECORD:
                raise Unreadable(f"The row that ends after line {self.line:,} is over 10 MB.")
            try:
                yield raw.decode()
            except UnicodeDecodeError:
                self.problem = self.problem or "The line is not UTF-8."
                yield raw.decode(errors="replace")

    def _skip(self, raw: bytes) -> None:
        self.problem = "The line is over 1 MB."
        while raw and not raw.endswith(b"\n"):
            raw = self._file.readline(BITE)
            self.end += len(raw)


def delimited_records(source: Source, *, separator: str) -> Iterator[Record]:
    """Every record that is not blank: a list of cells. Quoted cells may have line breaks."""
    rows = csv.reader(source.texts(), delimiter=separator)
    while True:
        begun, source.problem, source.kept = source.line + 1, "", []
        content: Any
        try:
            content = next(rows)
        except StopIteration:
            return
        except csv.Error as problem:
            content = BadLine(_in_words(problem))
        if source.problem:
            content = BadLine(source.problem)
        elif not content or (isinstance(content, list) and not any(content)):
            continue
        yield Record(begun, content, source.line, source.end, source.kept)


def json_records(source: Source) -> Iterator[Record]:
    """Every line that is not blank, decoded."""
    for raw in source.lines():
        kept, source.kept = source.kept, []
        content: Any
        if source.problem:
            content, source.problem = BadLine(source.problem), ""
        elif not raw.strip():
            continue
        else:
            content = _decoded(raw)
        yield Record(source.line, content, source.line, source.end, kept)


def _decoded(raw: bytes) -> Any:
    try:
        return decode_json(raw)
    except ApiProblem as problem:
        # It speaks of bodies of requests.
        return BadLine(f"{problem.title}. {problem.detail}".replace("The body", "The line"))


def _in_words(problem: csv.Error) -> str:
    if "field larger" in str(problem):
        return "A cell is over 128 KB; perhaps a quotation mark is opened here and never closed."
    if "new-line character" in str(problem):
        return "A carriage return stands within the row, where others end with a line feed."
    return f"This is no row of a table: {problem}."
