"""Who may send: one sender for each channel, and never all workers of a machine at once.

The locks belong to a session, so they end with the worker that has them, however it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from campaigns.channels.models import SendingLane
from campaigns.delivery.retrying import pause_for_everybody
from segmentflow.session_locks import alone, release, try_hold
from segmentflow.wakeups import machine_number

SENDING: Final = 5313
"""First key of the two-key advisory locks; contacts/locks.py, events/locks.py and others have those below."""
JUDGING: Final = (SENDING, 0)
CHANNELS: Final = {"email": 1, "sms": 2, "push": 3}
SLOTS: Final = 100
"""The second key of the first one of a machine; each has a thousand."""
MACHINES: Final = 2_000_000


@contextmanager
def slot() -> Iterator[bool]:
    """Leave to have a worker for sending; False: as many as may are at it.

    One at least is left for live events, if there is more than one.
    """
    first = SLOTS + 1000 * (machine_number() % MACHINES)
    keys = ((SENDING, first + number) for number in range(settings.SENDING_WORKERS))
    mine = next((key for key in keys if try_hold(key)), None)
    try:
        yield mine is not None
    finally:
        if mine is not None:
            release(mine)


def lane(channel: str) -> AbstractContextManager[int | None]:
    """Be the only one to send by the channel: the session that is; None: somebody else is."""
    return alone((SENDING, CHANNELS[channel]))


def hold_judging() -> None:
    """Nobody else decides who may have a message until the commit: two could pass one cap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", JUDGING)


def row_of(channel: str) -> SendingLane:
    return SendingLane.objects.get_or_create(channel=channel)[0]


def note_served(*, channel: str, campaign_id: int, now: datetime) -> None:
    SendingLane.objects.filter(pk=channel).update(served_at=now, served_campaign=campaign_id)


def rest(*, channel: str, error: str, wait_seconds: float | None, now: datetime) -> datetime:
    """Nothing can be sent to anybody: until when it is not tried again."""
    row = row_of(channel)
    row.failures += 1
    pause = pause_for_everybody(row.failures) if wait_seconds is None else _asked(wait_seconds)
    row.trouble = error or "It is not known why."
    row.troubled_since = row.troubled_since or now
    row.again_at = now + pause
    row.save(update_fields=["failures", "trouble", "troubled_since", "again_at"])
    return row.again_at


def rest_longer(*, channel: str, wait_seconds: float, now: datetime) -> None:
    """Of several at once, another one was told to wait: who said the longest time is right."""
    again_at = now + _asked(wait_seconds)
    SendingLane.objects.filter(pk=channel, again_at__lt=again_at).update(again_at=again_at)


def _asked(wait_seconds: float) -> timedelta:
    return timedelta(seconds=min(max(wait_seconds, 1), 86_400))


def end_trouble(channel: str) -> None:
    """Something was taken, or somebody has changed how messages leave."""
    SendingLane.objects.filter(pk=channel, failures__gt=0).update(
        failures=0, trouble="", troubled_since=None, again_at=None
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing leaves by a channel."""

    text: str
    since: datetime
    again_at: datetime


def trouble_of(channel: str) -> Trouble | None:
    """For pages; None: nothing is wrong."""
    row = SendingLane.objects.filter(pk=channel).first()
    if row is None or not row.trouble or row.troubled_since is None or row.again_at is None:
        return None
    return Trouble(row.trouble, row.troubled_since, row.again_at)
