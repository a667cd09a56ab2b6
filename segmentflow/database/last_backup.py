"""When the last backup succeeded, and whether one failed since: two small files in the data directory.

They are this machine's: where several serve one installation, the one that makes the backups knows.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings


@dataclass(frozen=True)
class LastBackup:
    """The last one that is whole."""

    at: datetime
    """Of its snapshot: what was stored later is not in it."""
    path: str
    size: int
    """Bytes."""
    seconds: float
    """How long it took."""


@dataclass(frozen=True)
class FailedBackup:
    """Newer than the last one that succeeded."""

    at: datetime
    why: str


def last_backup() -> LastBackup | None:
    """None: there was none yet, or not on this machine."""
    found = _read("succeeded")
    try:
        return LastBackup(**found) if found else None
    except TypeError:
        return None


def failed_backup() -> FailedBackup | None:
    """None: none was tried, or the last one succeeded."""
    found = _read("failed")
    try:
        return FailedBackup(**found) if found else None
    except TypeError:
        return None


def note_success(made: LastBackup) -> None:
    _write("succeeded", asdict(made))
    _place("failed").unlink(missing_ok=True)


def note_failure(failed: FailedBackup) -> None:
    _write("failed", asdict(failed))


def _place(outcome: str) -> Path:
    return Path(settings.DATA.root) / f"backup.{outcome}"


def _read(outcome: str) -> dict[str, Any] | None:
    """What cannot be read was not noted."""
    try:
        found = json.loads(_place(outcome).read_text())
        found["at"] = datetime.fromisoformat(found["at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return dict(found)


def _write(outcome: str, values: dict[str, Any]) -> None:
    place = _place(outcome)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(values | {"at": values["at"].isoformat()}))
    unfinished.replace(place)
