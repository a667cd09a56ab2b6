"""Asking the cluster for the work on stored events that goes on behind live ones."""

from __future__ import annotations

from segmentflow.wakeups import ask_for

STORED = "stored events"


def wake() -> None:
    ask_for(STORED, "events.tasks.tend_stored")
