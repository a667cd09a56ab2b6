"""What the audit log is told about campaigns."""

from __future__ import annotations

from typing import Any

from campaigns.models import Campaign
from segmentflow.audit.recording import record


def note(action: str, campaign: Campaign, **more: Any) -> None:
    record(action=action, kind="campaign", key=campaign.pk, name=campaign.name, **more)
