"""Asking the cluster to deliver: who makes messages due says so here, and the watcher does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from campaigns.delivery.looking import next_at
from campaigns.tidying import is_tidying_due
from segmentflow.turns import NowAndThen
from segmentflow.wakeups import ask_for

DELIVER = "deliver"
TIDY = "tidy outbox"
BETWEEN: Final = timedelta(minutes=1)
"""Two looks at whether the outbox has something to erase."""


def wake() -> None:
    """Ask for what is due to be sent soon; call it once that is committed."""
    ask_for(DELIVER, "campaigns.tasks.deliver")


def look(now: datetime) -> datetime | None:
    """For the watcher: wake the cluster when something is due, and say when something will be."""
    at = next_at(now)
    if at is not None and at <= now:
        wake()
    return at


def wake_tidying() -> None:
    ask_for(TIDY, "campaigns.tasks.tidy")


def tidying_looks() -> NowAndThen:
    """For the watcher."""
    return NowAndThen(
        between=BETWEEN, is_due=lambda now: is_tidying_due(now=now), wake=wake_tidying
    )
