"""What changes for sending when admins do something about how messages leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from campaigns.channels.adapters import WayFacts
from campaigns.channels.models import SendingLane
from campaigns.channels.ways import set_way
from campaigns.delivery.lane import end_trouble
from campaigns.wakes import wake
from contacts.models import Channel
from segmentflow.audit.recording import record


@transaction.atomic
def change_way(
    *,
    channel: str,
    adapter: str,
    raw: Mapping[str, str],
    now: datetime,
    by_environment: bool = False,
) -> WayFacts:
    """As set_way, and what waits is tried at once: what was wrong before may be right now."""
    way = set_way(channel=channel, adapter=adapter, raw=raw, now=now, by_environment=by_environment)
    end_trouble(channel)
    transaction.on_commit(wake)
    return way


@transaction.atomic
def try_now(*, channel: str, now: datetime) -> bool:
    """Without waiting for the end of the pause; False: nothing is wrong. In vain, the pauses go on
    growing."""
    found = SendingLane.objects.filter(pk=channel, again_at__isnull=False).update(again_at=now)
    record(action="tried again", kind="way", key=channel, name=Channel(channel).label, now=now)
    transaction.on_commit(wake)
    return bool(found)
