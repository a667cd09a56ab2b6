"""Asking the cluster to work: who changes something says so here, and need not know the engine."""

from __future__ import annotations

from django_q.conf import Conf

from segmentflow.wakeups import ask_for, mine

REFRESH = "refresh"
REBUILD = "rebuild"
BEAT = "beat"
ERASING = "erasing moves"
OVERLAP = "overlap"


def wake() -> None:
    """Ask for a refresh soon."""
    ask_for(REFRESH, "segments.tasks.refresh")


def wake_rebuild() -> None:
    """Ask for the waiting rebuilds to be done, in their own lane."""
    ask_for(REBUILD, "segments.tasks.rebuild")


def wake_beat() -> None:
    """Ask this machine's workers for a sign of life (segments/engine/watch.py)."""
    ask_for(mine(BEAT), "segments.tasks.beat", queue=mine(Conf.CLUSTER_NAME))


def wake_erasing() -> None:
    """Ask for moves that are kept no longer to be erased, behind live events."""
    ask_for(ERASING, "segments.tasks.erase_moves")


def wake_overlap() -> None:
    """Ask for what segments share to be counted anew."""
    ask_for(OVERLAP, "segments.tasks.count_overlap")
