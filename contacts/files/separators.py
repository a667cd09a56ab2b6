"""What separates the cells of a table: the character that cuts the first rows most evenly."""

from __future__ import annotations

import contextlib
import csv
import itertools
from collections import Counter
from typing import Final

SEPARATORS: Final = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
ROWS = 100


def separator_of(text: str) -> str:
    """From the beginning of a file; a comma where nothing tells."""
    whole = text.rpartition("\n")[0] or text
    return max(SEPARATORS, key=lambda separator: _evenness(whole, separator))


def _evenness(text: str, separator: str) -> tuple[float, int]:
    """How large a part of the rows has the commonest number of cells; then that number."""
    rows = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    widths: list[int] = []
    # A quotation mark that is never closed ends the rows that can be told.
    with contextlib.suppress(csv.Error):
        widths.extend(len(row) for row in itertools.islice(rows, ROWS) if row)
    if not widths:
        return (0.0, 0)
    width, times = Counter(widths).most_common(1)[0]
    return (times / len(widths), width) if width > 1 and widths[0] > 1 else (0.0, width)
