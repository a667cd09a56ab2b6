"""What tests counted, such as inputs tried and requests refused: for docs/reliability.md and `script/fuzz`."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

FILE = "SEGMENTFLOW_FIGURES"
"""Names the file that each process adds a line to."""

_counted: Counter[str] = Counter()


def count(what: str, number: int = 1) -> None:
    _counted[what] += number


def write() -> None:
    """At the end of a process, when somebody wants to know."""
    name = os.environ.get(FILE)
    if name and _counted:
        with Path(name).open("a") as file:
            file.write(json.dumps(_counted) + "\n")
        _counted.clear()


def read(path: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in path.read_text().splitlines() if path.exists() else ():
        found.update(json.loads(line))
    return found
