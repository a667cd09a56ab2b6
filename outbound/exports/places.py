"""The folder for exports, and files that appear in it whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from django.conf import settings

UNFINISHED: Final = ".part"


class Unusable(Exception):
    """A file cannot be written there; the words are for people."""


def root() -> Path:
    return Path(settings.EXPORTS_DIR)


def inside(relative: str) -> Path:
    """Where that lies. Raises Unusable for what would be elsewhere, also by a link."""
    top = root().resolve()
    found = (top / relative).resolve()
    if not found.is_relative_to(top):
        raise Unusable("The folder leads out of the one for exports.")
    return found


@contextmanager
def whole_file(relative: str, *, run_id: int) -> Iterator[IO[bytes]]:
    """Written under another name beside it, and moved into its place when all of it is on the disc."""
    try:
        target = inside(relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise Unusable("There is a folder of the file’s name.")
        waiting = target.parent / f".{target.name}.{run_id}{UNFINISHED}"
        with _only_here(waiting) as file:
            yield file
        inside(relative)  # nobody has made a link of the folder meanwhile
        waiting.replace(target)
    except OSError as problem:
        raise Unusable(f"The file cannot be written: {problem.strerror or problem}.") from problem


@contextmanager
def spooled_file(run_id: int) -> Iterator[IO[bytes]]:
    """A file on its way to an address, kept until it has arrived."""
    try:
        path = spool_of(run_id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        waiting = path.with_suffix(UNFINISHED)
        with _only_here(waiting) as file:
            yield file
        waiting.replace(path)
    except OSError as problem:
        raise Unusable(f"The file cannot be written: {problem.strerror or problem}.") from problem


@contextmanager
def _only_here(path: Path) -> Iterator[IO[bytes]]:
    """A new file, gone again when it is not written to its end."""
    path.unlink(missing_ok=True)  # of an attempt that was killed
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def spool_of(run_id: int) -> Path:
    return Path(settings.EXPORT_SPOOL) / f"run-{run_id}.file"


def drop_spooled(run_id: int) -> None:
    spool_of(run_id).unlink(missing_ok=True)


def remove(relative: str) -> None:
    """A file that is too old, if it is still there."""
    try:
        inside(relative).unlink(missing_ok=True)
    except (OSError, Unusable):
        return
