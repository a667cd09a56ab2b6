"""Whose processors' time a measure took; and how much others took, which spoils it."""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.speed.stage import Site
from bench.speed.waiting import say


class Effort:
    """Of the block: seconds of the installation's processes by kind, and of the rest of the machine."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.spent: Counter[str] = Counter()
        self.seconds = 0.0
        self.busy = 0.0

    def __enter__(self) -> Effort:
        self._before, self._own, self._busy = self._site.processes.cpu(), _own(), _busy()
        self._begun = time.monotonic()
        return self

    def __exit__(self, *_: Any) -> None:
        self.seconds = time.monotonic() - self._begun
        self.spent = self._site.processes.cpu() - self._before
        self.spent["benchmark"] = _own() - self._own  # type: ignore[assignment]
        self.busy = _busy() - self._busy

    def say(self, *, events: int) -> None:
        """Microseconds for each event; where other programs take much, the measure says little."""
        parts = {**self.spent, "other programs": self.busy - sum(self.spent.values())}
        shown = ", ".join(f"{kind} {1e6 * one / events:.0f}" for kind, one in parts.items())
        idle = 1 - self.busy / self.seconds / (os.cpu_count() or 1)
        say(f"    CPU µs/event: {shown}; machine idle {max(0.0, idle):.0%}")


def _own() -> float:
    """Seconds of this process and of those it sends with, which have ended by now."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _busy() -> float:
    """Seconds that all processors of the machine have worked since it started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
