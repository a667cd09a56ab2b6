"""Asking the cluster to deliver: who makes messages due says so here, and the watcher does."""

from __future__ import annotations

from datetime import datetime

from campaigns.delivery.looking import next_at
from segmentflow.wakeups import ask_for

DELIVER = "deliver"


def wake() -> None:
    """Ask for what is due to be sent soon; call it once that is committed."""
    ask_for(DELIVER, "campaigns.tasks.deliver")


def look(now: datetime) -> datetime | None:
    """For the watcher: wake the cluster when something is due, and say when something will be."""
    at = next_at(now)
    if at is not None and at <= now:
        wake()
    return at
