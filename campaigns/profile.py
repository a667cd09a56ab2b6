"""What the page about a contact shows of campaigns; registered in campaigns/apps.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F
from django.urls import NoReverseMatch, reverse

from campaigns.channels.models import OutboxMessage
from campaigns.models import Message
from campaigns.reasons import LABELS, Reason
from campaigns.tracking.models import Click
from contacts.models import Contact
from contacts.profile import Panel
from segmentflow.templatetags.ui import count

FEW: Final = 8
MOST: Final = 500
ALL: Final = "all"
"""What the parameter `messages` says when all of them are wanted."""
TONES: Final = {
    Message.State.SENT: "good",
    Message.State.FAILED: "bad",
    Message.State.UNCLEAR: "warn",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of the contact."""

    campaign: str
    url: str
    """Of the campaign's page; empty when there is none."""
    channel: str
    state: str
    tone: str
    why: str
    """Why it was not sent."""
    times: tuple[tuple[str, datetime], ...]
    """What happened to it, in words and in the order of time."""
    copy: str
    """Address of the copy in the outbox, where there is one."""


def read_messages(contact: Contact, parameters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The latest, and all of them when asked for."""
    limit = MOST if parameters.get("messages") == ALL else FEW
    newest = F("sent_at").desc(nulls_first=True)
    found = Message.objects.filter(contact=contact).select_related("campaign")
    rows = list(found.order_by(newest, "-campaign_id", "-occasion")[: limit + 1])
    copies = _copies(contact, rows) if rows else {}
    return {
        "messages": [_shown(row, copies) for row in rows[:limit]],
        "amount": found.count() if len(rows) > limit else len(rows),
        "has_more": len(rows) > limit == FEW,
    }


Copies = Mapping[tuple[int | None, int | None], int]
"""By campaign and occasion, the number of the message in the outbox."""


def _copies(contact: Contact, rows: Sequence[Message]) -> Copies:
    found = OutboxMessage.objects.filter(
        contact_id=contact.pk, is_test=False, campaign_id__in={row.campaign_id for row in rows}
    )
    return {
        (one, occasion): pk
        for one, occasion, pk in found.values_list("campaign_id", "occasion", "pk")
    }


def _shown(row: Message, copies: Copies) -> Shown:
    pk = copies.get((row.campaign_id, row.occasion))
    return Shown(
        campaign=row.campaign.name,
        url=_address("campaign_detail", row.campaign_id),
        channel=row.campaign.get_channel_display(),
        state=row.get_state_display(),
        tone=TONES.get(Message.State(row.state), "neutral"),
        why=LABELS[Reason(row.reason)] if row.reason else row.error,
        times=_times(row),
        copy=_address("outbox_message", pk) if pk else "",
    )


def _times(row: Message) -> tuple[tuple[str, datetime], ...]:
    told = [
        ("sent", row.sent_at),
        ("delivered", row.delivered_at),
        ("opened", row.opened_at),
        ("clicked", row.clicked_at),
        ("unsubscribed", row.unsubscribed_at),
        ("bounced", row.bounced_at),
        ("complained", row.complained_at),
    ]
    return tuple(sorted(((word, at) for word, at in told if at), key=lambda one: one[1]))


def _address(name: str, pk: int) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


def messages_lost(contact: Contact) -> list[str]:
    amount = Message.objects.filter(contact=contact).count()
    clicks = Click.objects.filter(contact=contact).count()
    lost = [f"{count(amount, 'message')} of campaigns, with what came back"] if amount else []
    return [*lost, *([count(clicks, "click")] if clicks else [])]


MESSAGES = Panel(
    name="messages",
    template="campaigns/_of_contact.html",
    read=read_messages,
    needs=("campaigns.view_campaign", "campaigns.view_message"),
    losses=messages_lost,
)
