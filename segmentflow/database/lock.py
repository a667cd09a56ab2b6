"""One owner at a time for a data directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self


class Taken(Exception):
    """Another process has the data directory."""

    def __init__(self, path: Path, owner: str) -> None:
        super().__init__(f"{path.parent} is in use by {owner or 'another process'}")


class DataLock:
    """A lock that ends with its process, however it ends; the file says whose it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def take(self, *, purpose: str) -> Self:
        """Raise Taken, naming the owner, when somebody has it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(file, 200, 0).decode(errors="replace").strip()
            os.close(file)
            raise Taken(self._path, owner) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{purpose} (process {os.getpid()})\n".encode(), 0)
        self._file = file
        return self

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
