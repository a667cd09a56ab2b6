"""What keeps a campaign from starting, and what its author should look at first."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from campaigns.models import Campaign


class Problem(NamedTuple):
    where: str
    """The control: name, channel, audience, when, content.subject, content.blocks[2].url, …"""
    message: str
    is_warning: bool = False
    """A warning does not keep it from starting."""


def problems_of(*, campaign: Campaign, now: datetime) -> list[Problem]:
    """Everything, in the order of the steps; errors keep it from starting."""
    return []
