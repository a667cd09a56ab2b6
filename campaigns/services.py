"""Writes about campaigns: made, changed, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign
from contacts.problems import Conflict
from segmentflow.models import User

CHANGEABLE = frozenset(
    {
        "name",
        "kind",
        "starts_at",
        "is_local",
        "delay_minutes",
        "again_days",
        "holdout_percent",
        "ignores_cap",
        "ignores_quiet_hours",
        "content",
    }
)


class Stale(Exception):
    """The campaign was changed since the asker last saw it."""

    def __init__(self, *, campaign: Campaign) -> None:
        self.campaign = campaign
        """As it is now."""
        super().__init__(f"campaign {campaign.pk} is at revision {campaign.revision}")


@transaction.atomic
def change_campaign(
    *,
    campaign: Campaign,
    revision: int,
    changes: dict[str, Any],
    by: User | None,
    now: datetime,
) -> Campaign:
    """Store other values of a draft. Raises Stale, or Conflict once it has started."""
    if unknown := changes.keys() - CHANGEABLE:
        raise ValueError(f"not to be changed here: {', '.join(sorted(unknown))}")
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.status != Campaign.Status.DRAFT:
        raise Conflict("This campaign has started, so it cannot be changed any more.")
    if held.revision != revision:
        raise Stale(campaign=held)
    if all(getattr(held, name) == value for name, value in changes.items()):
        return held
    for name, value in changes.items():
        setattr(held, name, value)
    held.revision += 1
    held.save()
    return held
