"""Counts what segments share now and then, also when nobody looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from segmentflow.turns import NowAndThen
from segments.overlap.matrix import is_recount_due
from segments.wakes import wake_overlap

BETWEEN: Final = timedelta(minutes=10)


def recounting() -> NowAndThen:
    """For the watcher."""
    return NowAndThen(
        between=BETWEEN, is_due=lambda now: is_recount_due(now=now), wake=wake_overlap
    )
