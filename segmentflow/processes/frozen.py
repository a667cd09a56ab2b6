"""Processes that were stopped (SIGSTOP) and are not continued: what they hold, nobody else gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

EVERY_SECONDS: Final = 5.0
MOST_SECONDS: Final = 60.0
"""Who looks at a process with a debugger, or makes a copy of a disc, is done by then."""


class Frozen:
    """Remembers since when a process stands still."""

    def __init__(self) -> None:
        self._next_at = 0.0
        self._since: dict[int, float] = {}

    def look(self, mains: Mapping[int, str], *, at: float) -> list[tuple[int, str]]:
        """Those below `mains` that have stood still for too long, each with the name of its main one.

        `at`: seconds of a clock that is never set. Most calls answer nothing at once.
        """
        if at < self._next_at:
            return []
        self._next_at = at + EVERY_SECONDS
        stopped = {
            pid: name for main, name in mains.items() for pid in _family(main) if _is_stopped(pid)
        }
        self._since = {pid: self._since.get(pid, at) for pid in stopped}
        return [
            (pid, name) for pid, name in stopped.items() if at - self._since[pid] >= MOST_SECONDS
        ]


def _family(pid: int) -> Iterator[int]:
    """A process, what it has started, and what these have."""
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, _read(listed).split()):
            yield from _family(child)


def _is_stopped(pid: int) -> bool:
    """Behind the name, which may have any letters, comes the state."""
    state = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return bool(state) and state[0] == "T"


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""
