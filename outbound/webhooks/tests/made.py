"""Webhooks and who moves, made in one line; and a clock that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from outbound.webhooks.addressing import Allowed
from outbound.webhooks.checking import Wanted
from outbound.webhooks.looking import next_at
from outbound.webhooks.models import Webhook
from outbound.webhooks.posting import Poster
from outbound.webhooks.running import deliver
from outbound.webhooks.services import create_webhook
from segments.engine.settle import settle

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE = ("127.0.0.1",)
IMPATIENT = 0.2
"""Seconds; the server of the tests hangs for longer (campaigns/channels/tests/servers.py)."""


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


def make_webhook(url: str, *segments: str, **values: Any) -> tuple[Webhook, str]:
    """With its secret."""
    given: dict[str, Any] = {"name": "Shop", "wait_ms": 0, "every_segment": not segments} | values
    return create_webhook(wanted=Wanted(url=url, segments=segments, **given), author=None)


def turn(*names: str, tier: str = "Gold", now: datetime = NOW) -> None:
    """Give contacts a tier, and have segments follow."""
    upsert_contacts(
        rows=[
            ContactRow(
                built_in={"external_id": name, "email": f"{name}@example.com"},
                attributes={"tier": tier},
            )
            for name in names
        ],
        now=now,
    )
    settle(now=now)


def send(clock: Clock, *, post: Any = None) -> int:
    """What is due at this moment, until nothing is."""
    poster = post or Poster(Allowed(HERE), seconds=IMPATIENT)
    return deliver(clock=clock, post=poster, goes_on=lambda: True)


def send_for(clock: Clock, *, post: Any = None, **time: float) -> int:
    """As the watcher does: to each moment at which something is due. Answers how often that was."""
    end = clock.at + timedelta(**time)
    looks = 0
    while (at := next_at(clock.at)) is not None and at <= end:
        clock.at = max(clock.at, at)
        send(clock, post=post)
        looks += 1
    clock.at = max(clock.at, end)
    return looks
