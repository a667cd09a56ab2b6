"""By what a campaign's channel reaches a contact, as expressions of SQL about the contact `c`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from campaigns.channels.ways import frozen_way, way_of
from campaigns.models import Campaign
from campaigns.push.addresses import HELD
from contacts.models import Channel

BROWSERS: Final = frozenset({"outbox", "webpush"})
"""The adapters of the channel push that send to browsers; others know contacts by external id."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Uses the parameter `country_code`."""

    is_missing: str
    """Whether there is nothing to send to."""
    address: str
    """Where it goes; null when there is something, and nothing can be sent to it."""
    suppressed: str
    """What may be suppressed; the same as the address where there is one."""
    country_code: str


_PHONE: Final = "campaigns_phone(c.phone, %(country_code)s)"


def reach_of(campaign: Campaign) -> Reach:
    """By the way that was frozen when the campaign was started; before, by the one of now."""
    way = campaign.frozen["way"] if campaign.frozen else frozen_way(way_of(campaign.channel))
    return _reach(campaign.channel, way)


def _reach(channel: str, way: dict[str, Any]) -> Reach:
    if channel == Channel.EMAIL:
        return Reach("c.email = ''", "campaigns_email(c.email)", "c.email", "")
    if channel == Channel.SMS:
        country_code = str(way["config"].get("country_code") or "")
        return Reach("c.phone = ''", _PHONE, _PHONE, country_code)
    if way["adapter"] in BROWSERS:
        browsers = f"SELECT FROM campaigns_pushaddress p WHERE p.contact_id = c.id AND {HELD}"
        return Reach(f"NOT EXISTS ({browsers})", "''", "NULL::text", "")
    return Reach("c.external_id = ''", "c.external_id", "c.external_id", "")
