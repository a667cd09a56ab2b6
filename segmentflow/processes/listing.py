"""The list of the supervisor's processes: a file in the data directory, for those who look from beside."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

NAME: Final = "processes.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """A process that `manage.py up` keeps."""

    name: str
    pid: int | None
    """None: it has ended, and is started again soon."""
    since: str
    """When it was started, as ISO 8601 in UTC."""
    restarts: int
    """How often it was started again since the supervisor began."""
    state: str = ""
    """As the machine has it now: running, frozen or gone."""


def write_listing(root: Path, listed: Iterable[Listed]) -> None:
    """Whole or not at all. A full disk keeps nobody from running."""
    unfinished = root / f".{NAME}"
    with contextlib.suppress(OSError):
        unfinished.write_text(json.dumps([asdict(one) for one in listed]))
        os.replace(unfinished, root / NAME)  # noqa: PTH105 - the other spelling says less


def read_listing(root: Path) -> list[Listed]:
    """With how each is now; empty when there is no supervisor, or it writes nothing."""
    try:
        rows = json.loads((root / NAME).read_text())
        return [one for row in rows if (one := read_one({**row, "state": state_of(row["pid"])}))]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def read_one(row: Mapping[str, Any]) -> Listed | None:
    """As any version may have written it: what it has more is left aside; None when it has less."""
    try:
        datetime.fromisoformat(row["since"])
        return Listed(**{one.name: row[one.name] for one in fields(Listed)})
    except (ValueError, TypeError, KeyError):
        return None


def state_of(pid: int | None) -> str:
    """What the machine says of a process."""
    if pid is None:
        return "gone"
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "gone"
    letter = text.rpartition(")")[2].split()[0]
    return {"T": "frozen", "t": "frozen", "Z": "gone", "X": "gone"}.get(letter, "running")
