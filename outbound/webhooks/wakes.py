"""Asking the cluster to send: the watcher looks, so nobody who stores moves has to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from outbound.webhooks.looking import next_at
from outbound.webhooks.tidying import is_tidying_due
from segmentflow.turns import NowAndThen
from segmentflow.wakeups import ask_for

SEND = "webhooks"
TIDY = "tidy webhooks"
BETWEEN: Final = timedelta(minutes=10)
"""Two looks at whether something is to be forgotten."""


def wake() -> None:
    """Ask for what is due to be sent soon; call it once that is committed."""
    ask_for(SEND, "outbound.webhooks.tasks.send")


def look(now: datetime) -> datetime | None:
    """For the watcher: wake the cluster when something is due, and say when something will be."""
    at = next_at(now)
    if at is not None and at <= now:
        wake()
    return at


def wake_tidying() -> None:
    ask_for(TIDY, "outbound.webhooks.tasks.tidy")


def tidying_looks() -> NowAndThen:
    """For the watcher."""
    return NowAndThen(
        between=BETWEEN, is_due=lambda now: is_tidying_due(now=now), wake=wake_tidying
    )
