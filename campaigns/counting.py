"""The audience as pages show it: within a moment, or after a while for those who wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Final

from campaigns.audience.judging import Audience, count_audience
from campaigns.models import Campaign
from campaigns.reasons import LABELS, Reason
from segmentflow.limits import TooSlow, within

QUICK_MS: Final = 100
LONGEST_MS: Final = 20_000

one_at_a_time = BoundedSemaphore()
"""Long counts may hold one of a web process's threads, never all of them."""


@dataclass(frozen=True, slots=True)
class Share:
    """Those who do not receive it for one reason."""

    reason: Reason
    label: str
    count: int


def count_quickly(*, campaign: Campaign, now: datetime) -> Audience | None:
    """None when it takes longer than a page should."""
    try:
        with within(QUICK_MS):
            return count_audience(campaign=campaign, now=now)
    except TooSlow:
        return None


def count_patiently(*, campaign: Campaign, now: datetime) -> Audience | None:
    """None when it takes far too long, or while another one is being counted."""
    if not one_at_a_time.acquire(blocking=False):
        return None
    try:
        with within(LONGEST_MS):
            return count_audience(campaign=campaign, now=now)
    except TooSlow:
        return None
    finally:
        one_at_a_time.release()


def shares(audience: Audience) -> list[Share]:
    """The reasons that somebody is left out for, in the order in which they are looked at."""
    return list(_shares(audience))


def _shares(audience: Audience) -> Iterator[Share]:
    for reason in Reason:
        if count := audience.left_out.get(reason, 0):
            yield Share(reason, LABELS[reason], count)
