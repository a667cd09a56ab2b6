"""Kills processes of an installation as a crash does."""

from __future__ import annotations

import contextlib
import os
import random
import signal

from tests.system.installation import Installation, wait_until

# What to kill: a part of the command line of the supervisor's own process, and whether that
# or one of those below it.
VICTIMS = {
    "cluster": ("processes.cluster", False),
    "worker": ("processes.cluster", True),
    "web": ("processes.web", False),
    "web worker": ("processes.web", True),
    "watch": ("manage.py watch", False),
    "database": ("bin/postgres", False),
    "backend": ("bin/postgres", True),
}
EVERYTHING = "everything"


class Killer:
    """Kills processes of an installation, and starts again what nobody else does."""

    def __init__(self, installation: Installation, chance: random.Random) -> None:
        self._installation = installation
        self._chance = chance
        self.killed: list[str] = []

    def kill(self, kind: str) -> None:
        self.killed.append(kind)
        if kind == EVERYTHING:
            self._installation.kill()
            self._installation.start()
            return
        wait_until(lambda: self._victims(kind), what=f"a {kind} to kill")
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(self._chance.choice(self._victims(kind)), signal.SIGKILL)

    def _victims(self, kind: str) -> list[int]:
        part, is_below = VICTIMS[kind]
        mains = self._installation.mains_of(part)
        return (
            [pid for main in mains for pid in self._installation.below(main)] if is_below else mains
        )
