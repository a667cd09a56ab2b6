"""When each recipient's message is due: one instant for each time zone, computed in one place.

A campaign for a time on each contact's own clock freezes its recipients when the first clock on
earth shows it, so that nobody's time has passed by then. It cannot be started later than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.delivery.times import has_quiet_hours, known_zones, local_instant, next_allowed
from campaigns.models import Campaign, SendingRules
from segmentflow.arrays import instants, texts
from segmentflow.clock import workspace_zone

ZONE_JOIN = """
    LEFT JOIN unnest(%(zones)s::text[], %(zone_dues)s::timestamptz[]) AS zone (name, due_at)
        ON zone.name = lower(btrim({timezone}) COLLATE "C")
"""
"""For a statement that asks for `coalesce(zone.due_at, %(due)s)`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When a message is due, by zone."""

    usual: datetime
    """In the workspace's zone, and for contacts whose zone is unknown."""
    others: dict[str, datetime]
    """By the names of zones, in small letters, in which it is another instant."""

    @property
    def params(self) -> dict[str, object]:
        """Of ZONE_JOIN."""
        return {
            "due": self.usual,
            "zones": texts(self.others),
            "zone_dues": instants(self.others.values()),
        }


def zone_at_start(campaign: Campaign) -> ZoneInfo:
    """The workspace's, as it was when the campaign was started."""
    name = (campaign.frozen or {}).get("zone")
    return ZoneInfo(name) if name else workspace_zone()


def plan_recipients(
    *, campaign: Campaign, rules: SendingRules, zone: ZoneInfo, now: datetime
) -> Plan:
    """For those whom a campaign of the kinds NOW and AT freezes at `now`."""
    ignores_quiet_hours = campaign.ignores_quiet_hours
    starts_at = campaign.starts_at if campaign.kind == Campaign.Kind.AT else None
    if starts_at is None or not campaign.is_local:
        at = max(starts_at or now, now)
        return plan_from(at, rules=rules, ignores_quiet_hours=ignores_quiet_hours, zone=zone)
    wall = _wall(starts_at, zone)

    def due_in(there: ZoneInfo) -> datetime:
        # Frozen late, because nothing ran: at once, where its time has passed.
        at = max(local_instant(wall, there), now)
        return at if ignores_quiet_hours else next_allowed(at=at, zone=there, rules=rules)

    return _plan(due_in, zone)


def plan_from(
    at: datetime, *, rules: SendingRules, ignores_quiet_hours: bool, zone: ZoneInfo
) -> Plan:
    """At the same instant everywhere, except where it lies in quiet hours."""
    if ignores_quiet_hours or not has_quiet_hours(rules):
        return Plan(at, {})
    return _plan(lambda there: next_allowed(at=at, zone=there, rules=rules), zone)


def _plan(due_in: Callable[[ZoneInfo], datetime], zone: ZoneInfo) -> Plan:
    usual = due_in(zone)
    dues = ((name, due_in(there)) for name, there in known_zones().items())
    return Plan(usual, {name: due for name, due in dues if due != usual})


def freezes_at(campaign: Campaign) -> datetime | None:
    """When the recipients of a campaign of the kind AT have to be frozen."""
    if campaign.starts_at is None:
        return None
    if not campaign.is_local:
        return campaign.starts_at
    wall = _wall(campaign.starts_at, zone_at_start(campaign))
    return min(local_instant(wall, there) for there in known_zones().values())


def due_to_freeze(campaigns: Iterable[Campaign], *, now: datetime) -> list[Campaign]:
    """Those of the scheduled campaigns whose time has come."""
    return [one for one in campaigns if (at := freezes_at(one)) is not None and at <= now]


def time_problem(*, campaign: Campaign, now: datetime | None) -> str | None:
    """Why it cannot be started for the time that was chosen, as a sentence; without `now`, a time
    that has passed is not noticed."""
    if campaign.kind != Campaign.Kind.AT:
        return None
    at = freezes_at(campaign)
    if campaign.starts_at is None or at is None:
        return "Say when it is to be sent."
    if now is None or at > now:
        return None
    if campaign.starts_at > now:
        return (
            "Where clocks are furthest ahead, this time has passed already. "
            "Choose one that is more than a day ahead, so that it is still to come for everybody."
        )
    return "This time has passed. Choose a later one, or send it now."


def _wall(starts_at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock in the workspace shows."""
    return starts_at.astimezone(zone).replace(tzinfo=None)
