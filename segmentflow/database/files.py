"""Files that are whole or not there, and older ones that go."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final

UNFINISHED: Final = ".unfinished"
NAMED: Final = re.compile(r"segmentflow-\d{8}T\d{6}Z\.tar", re.ASCII)
"""How we call backups in a folder. Nothing else there is ever deleted."""


def name_at(now: datetime) -> str:
    return f"segmentflow-{now:%Y%m%dT%H%M%SZ}.tar"


@contextmanager
def whole_or_not_at_all(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner alone, which gets its name when all of it is on the disc."""
    _clear_unfinished(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:  # from here on: whoever is told to stop as soon as it is there leaves nothing either
        number = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # tells it from one that was left by a crash
            yield file
            file.flush()
            os.fsync(file.fileno())
            unfinished.replace(path)
        sync_folder(path.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Names are written to the disc apart from what they name."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def drop_older(folder: Path, *, keep: int) -> list[Path]:
    """All backups of ours but the `keep` newest; answers those that are gone."""
    found = sorted(path for path in folder.iterdir() if NAMED.fullmatch(path.name))
    dropped = found[:-keep]
    for path in dropped:
        path.unlink(missing_ok=True)
    return dropped


def _clear_unfinished(path: Path) -> None:
    """What processes that were killed left of backups like this one."""
    like = NAMED if NAMED.fullmatch(path.name) else re.compile(re.escape(path.name))
    for left in path.parent.glob(f".*{UNFINISHED}"):
        name = left.name.removeprefix(".").removesuffix(UNFINISHED)[: -len(".12345678")]
        if like.fullmatch(name):
            with contextlib.suppress(OSError), left.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
