"""What django-q runs: wake-ups only. Losing, doubling or delaying one changes nothing but latency."""

from __future__ import annotations

from segmentflow.clock import current_time
from segmentflow.wakeups import ask_for, at_work

REFRESH = "refresh"
REBUILD = "rebuild"
BEAT = "beat"

MOST_PASSES = 50
"""Under a steady stream a task must end some time: django-q kills those that take too long."""

# The engine is imported where it runs: its services wake us in turn.


def wake() -> None:
    """Ask for a refresh soon."""
    ask_for(REFRESH, "segments.tasks.refresh")


def wake_rebuild() -> None:
    """Ask for the waiting rebuilds to be done, in their own lane."""
    ask_for(REBUILD, "segments.tasks.rebuild")


def wake_beat() -> None:
    """Ask the cluster for a sign of life (segments/engine/watch.py)."""
    ask_for(BEAT, "segments.tasks.beat")


def refresh() -> int:
    """Deal with pending marks and due deadlines; the number of contacts looked at."""
    from segments.engine.refresh import refresh_pending

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
    """Run the rebuilds that wait; live events never wait for one."""
    from segments.engine.lane import advance_rebuilds
    from segments.engine.refresh import refresh_pending

    with at_work(REBUILD):
        while advance_rebuilds(now=current_time()):
            refresh_pending(now=current_time())


def beat() -> None:
    with at_work(BEAT):
        pass
