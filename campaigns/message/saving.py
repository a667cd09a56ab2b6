"""One step of the message's editor: what the form held, and what was pressed, become content."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.message.blocks import NotPossible
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
    refused: str = ""
    """Why what was pressed was not done; what the form held is stored even so."""


def save_message(
    *,
    campaign: Campaign,
    revision: int,
    posted: Mapping[str, str],
    deleted: list[dict[str, Any]],
    by: User | None,
    now: datetime,
) -> Saved:
    """Store what the form held, all of it or nothing. Raises Stale, Refused and Conflict."""
    content = content_of(campaign)
    wrong = read_form(channel=campaign.channel, content=content, posted=posted)
    editing, refused = _performed(campaign.channel, content, deleted, posted.get("do", ""))
    if not wrong:
        changes = {"content": editing.content}
        campaign = change_campaign(
            campaign=campaign, revision=revision, changes=changes, by=by, now=now
        )
    return Saved(campaign, editing, wrong, refused)


def _performed(
    channel: str, content: dict[str, Any], deleted: list[dict[str, Any]], do: str
) -> tuple[Editing, str]:
    """What cannot be done leaves everything as it was."""
    editing = Editing(channel=channel, content=copy.deepcopy(content), deleted=list(deleted))
    try:
        perform(editing, do)
    except NotPossible as problem:
        return Editing(channel=channel, content=content, deleted=list(deleted)), str(problem)
    return editing, ""
