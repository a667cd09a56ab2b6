"""Whom a message may reach now, and when it may reach the others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from campaigns.delivery.planning import zone_at_start
from campaigns.delivery.times import has_quiet_hours, next_allowed, zone_of
from campaigns.models import Campaign
from campaigns.rules import current_rules
from contacts.models import Contact


def allowed_at(
    *, campaign: Campaign, contact_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """When quiet hours let a message through to each contact: `now`, where they do."""
    rules = current_rules()
    if campaign.ignores_quiet_hours or not has_quiet_hours(rules):
        return dict.fromkeys(contact_ids, now)
    usual = zone_at_start(campaign)
    texts = dict(Contact.objects.filter(pk__in=contact_ids).values_list("pk", "timezone"))
    zones = {contact_id: zone_of(texts.get(contact_id, ""), usual) for contact_id in contact_ids}
    allowed = {zone: next_allowed(at=now, zone=zone, rules=rules) for zone in set(zones.values())}
    return {contact_id: allowed[zone] for contact_id, zone in zones.items()}
