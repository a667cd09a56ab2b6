"""By what a campaign's channel reaches a contact, as expressions of SQL about the contact `c`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from campaigns.channels.ways import way_of
from campaigns.models import Campaign
from campaigns.push.addresses import held
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
    """By who delivers now, as sending does; the country code stays what it was at the start."""
    if campaign.channel == Channel.EMAIL:
        return Reach("c.email = ''", "campaigns_email(c.email)", "c.email", "")
    way = way_of(campaign.channel)
    frozen = (campaign.frozen or {}).get("way")
    config = frozen["config"] if frozen else way.config
    if campaign.channel == Channel.SMS:
        country_code = str(config.get("country_code") or "")
        return Reach("c.phone = ''", _PHONE, _PHONE, country_code)
    if way.adapter in BROWSERS:
        browsers = f"SELECT FROM campaigns_pushaddress p WHERE p.contact_id = c.id AND {held()}"
        return Reach(f"NOT EXISTS ({browsers})", "''", "NULL::text", "")
    return Reach("c.external_id = ''", "c.external_id", "c.external_id", "")
