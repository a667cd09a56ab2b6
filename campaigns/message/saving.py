"""One step of the message's editor: what the form held, and what was pressed, become content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.message.operations import Editing, perform
from campaigns.message.reading import Wrong, content_of, read_form
from campaigns.models import Campaign
from campaigns.services import change_campaign
from segmentflow.models import User


@dataclass(frozen=True, slots=True)
class Saved:
    campaign: Campaign
    editing: Editing
    wrong: list[Wrong]
    """Why nothing was stored; the content is then as it was asked for."""


def save_message(
    *,
    campaign: Campaign,
    revision: int,
    posted: Mapping[str, str],
    deleted: list[dict[str, Any]],
    by: User | None,
    now: datetime,
) -> Saved:
    """Store all of it or nothing. Raises Stale, Refused, Conflict, and NotPossible for the operation."""
    content = content_of(campaign)
    editing = Editing(channel=campaign.channel, content=content, deleted=list(deleted))
    wrong = read_form(channel=campaign.channel, content=content, posted=posted)
    perform(editing, posted.get("do", ""))
    if not wrong:
        campaign = change_campaign(
            campaign=campaign, revision=revision, changes={"content": content}, by=by, now=now
        )
    return Saved(campaign, editing, wrong)
