"""The editor of a message as its templates draw it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from campaigns.channels.ways import way_of
from campaigns.message.blocks import KINDS, Block, Kind
from campaigns.message.checks import Shown, by_control, shown_problems
from campaigns.message.formats import LABELS, warning_for
from campaigns.message.inserting import inserts_for
from campaigns.message.previewing import preview_of
from campaigns.message.reading import Wrong
from campaigns.message.sizes import size_words
from campaigns.models import Campaign
from campaigns.readiness import Problem, problems_of
from campaigns.steps import steps_of
from campaigns.views.shown import SECTION
from contacts.models import Contact
from segmentflow.clock import current_time
from segmentflow.models import User

UNPROCESSABLE: Final = 422
OVERTAKEN: Final = 409
REVISION: Final = "Campaign-Revision"
"""Header of answers: static/js/campaigns/saving.js sends the newest one back."""


@dataclass(frozen=True, slots=True)
class ShownBlock:
    block: Block
    kind: Kind
    number: int
    of: int
    problems: dict[str, list[Shown]] = field(default_factory=dict)
    """By the name of the control; under the empty one, of the whole."""

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.of


@dataclass(frozen=True, slots=True)
class ShownFormat:
    key: str
    label: str
    is_current: bool
    warning: str


def campaign_context(campaign: Campaign) -> dict[str, Any]:
    return {"section": SECTION, "campaign": campaign}


def editor_context(
    campaign: Campaign,
    *,
    content: dict[str, Any],
    contact: Contact | None,
    user: User,
    wrong: Sequence[Wrong] = (),
    deleted: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    found = problems_of(campaign=campaign, now=current_time())
    refused = [Problem(where, message) for where, message in wrong]
    problems = shown_problems(refused or found, content)
    at = by_control(problems)
    context = {
        **campaign_context(campaign),
        "content": content,
        "problems": problems,
        "steps": steps_of(campaign, found, here="message"),
        "at": {control.removeprefix("message-"): found for control, found in at.items()},
        "inserts": inserts_for(campaign),
        "contact": contact,
        "is_draft": campaign.status == Campaign.Status.DRAFT,
        "way": way_of(campaign.channel),
        "test_address": usual_address(campaign, contact, user),
    }
    if campaign.channel == "email":
        context |= _email(content, at, deleted)
    elif campaign.channel == "sms":
        context["size"] = _size(campaign, content, contact)
    return context


def _email(
    content: dict[str, Any], at: dict[str, list[Shown]], deleted: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "blocks": list(_blocks(content["blocks"], at)),
        "kinds": KINDS.items(),
        "formats": [
            ShownFormat(key, label, key == content["format"], warning_for(content, key))
            for key, label in LABELS.items()
        ],
        "format_label": LABELS[content["format"]],
        "can_undo": bool(deleted),
        "undo_label": KINDS[deleted[-1]["block"]["kind"]].label.lower() if deleted else "",
    }


def _blocks(blocks: Sequence[Block], at: dict[str, list[Shown]]) -> Iterable[ShownBlock]:
    for place, block in enumerate(blocks):
        prefix = f"{block['id']}-"
        own = {
            control.removeprefix(prefix): found
            for control, found in at.items()
            if control.startswith(prefix)
        }
        if whole := at.get(f"block-{block['id']}"):
            own[""] = whole
        yield ShownBlock(block, KINDS[block["kind"]], place + 1, len(blocks), own)


def _size(campaign: Campaign, content: dict[str, Any], contact: Contact | None) -> str:
    """For the contact of the preview, where the text depends on who gets it."""
    text = str(content["text"])
    if "{{" in text or "{%" in text:
        shown = preview_of(campaign=campaign, contact=contact, now=current_time(), content=content)
        return f"For {contact}: {size_words(shown.sms.text)}" if shown.sms else ""
    return size_words(text)


def usual_address(campaign: Campaign, contact: Contact | None, user: User) -> str:
    """Where a test goes unless another address is given."""
    return user.email if campaign.channel == "email" else ""
