"""What django-q runs: wake-ups only. Losing, doubling or delaying one changes nothing but latency."""

from __future__ import annotations

import logging
import time
from typing import Final

from segmentflow.clock import current_time
from segmentflow.counting import store_when_due
from segmentflow.database.yielding import Beside, Yielding
from segmentflow.limits import TooSlow
from segmentflow.wakeups import at_work, mine
from segments.engine.lane import advance_rebuilds
from segments.engine.lateness import is_late
from segments.engine.refresh import refresh_pending
from segments.keeping.erasing import advance_erasing_moves
from segments.overlap.matrix import refresh_matrix
from segments.wakes import BEAT, ERASING, OVERLAP, REBUILD, REFRESH, wake_erasing

logger = logging.getLogger(__name__)

MOST_PASSES = 50
"""Under a steady stream a task must end some time: django-q kills those that take too long."""

ERASING_SECONDS: Final = 1.0
"""After so long erasing ends and asks for the next, behind whatever waits by then."""


def refresh() -> int:
    """Deal with pending marks and due deadlines; answers how many."""
    with at_work(REFRESH):
        # A pass takes bites; what is left after so many is asked for by the watcher.
        done = 0
        for _ in range(MOST_PASSES):
            passed = refresh_pending(now=current_time())
            done += passed
            if not passed:
                break
        return done


def rebuild() -> None:
    """Run the rebuilds that wait; live events never wait for one, also where no other worker is free."""
    with at_work(REBUILD):
        _rebuild()


def _rebuild() -> None:
    while _advance():
        _refresh_if_late()


def _refresh_if_late() -> None:
    now = current_time()
    if is_late(now=now):
        refresh_pending(now=now)


_yielding: Final = Yielding()
_beside: Final = Beside()


def _advance() -> bool:
    with _yielding.turn():
        return advance_rebuilds(now=current_time(), both=_beside.both)


def erase_moves() -> None:
    """Some bites of what is kept no longer. When segments fall behind, the watcher asks again later."""
    with at_work(ERASING):
        until = time.monotonic() + ERASING_SECONDS
        while not is_late(now=current_time()) and advance_erasing_moves(now=current_time()):
            if time.monotonic() > until:
                break
        else:
            return
    wake_erasing()


def beat() -> None:
    """Show that the cluster works; workers that have little to do store what they counted."""
    with at_work(mine(BEAT)):
        store_when_due(now=current_time())


def count_overlap() -> None:
    """Count what segments share, so that nobody has to wait for it."""
    with at_work(OVERLAP):
        try:
            refresh_matrix(now=current_time(), between=_let_others_work)
        except TooSlow:
            logger.warning("what segments share could not be counted in time")


def _let_others_work() -> None:
    """Nobody waits for what takes seconds, and with two workers somebody would: for the one that has it."""
    _refresh_if_late()
    _rebuild()
