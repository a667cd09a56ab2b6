"""The contacts that a campaign targeted as a file, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.http import StreamingHttpResponse

from campaigns.models import Campaign, Message
from campaigns.recipients import reason_label, recipients
from contacts.files.writing import csv_lines, download

BITE: Final = 2_000
TIMES: Final = (
    "sent_at",
    "delivered_at",
    "opened_at",
    "clicked_at",
    "unsubscribed_at",
    "bounced_at",
    "complained_at",
)
COLUMNS: Final = ("id", "external_id", "name", "address", "state", "reason", *TIMES, "error")


def recipients_csv(
    campaign: Campaign, *, state: str, reason: str, words: str
) -> StreamingHttpResponse:
    lines = csv_lines(COLUMNS, _rows(campaign, state=state, reason=reason, words=words))
    return download(lines, name=f"campaign-{campaign.pk}-recipients", kind="csv")


def _rows(campaign: Campaign, *, state: str, reason: str, words: str) -> Iterator[list[Any]]:
    """Read in bites, so that a large campaign needs little memory and no long transaction."""
    after = None
    while bite := recipients(
        campaign=campaign, state=state, reason=reason, words=words, after=after, limit=BITE
    ):
        yield from map(_row, bite)
        after = (bite[-1].contact_id, bite[-1].occasion)


def _row(message: Message) -> list[Any]:
    contact = message.contact
    return [
        contact.pk,
        contact.external_id,
        str(contact),
        message.address,
        message.get_state_display(),
        reason_label(message.reason),
        *(_told(getattr(message, name)) for name in TIMES),
        message.error,
    ]


def _told(at: datetime | None) -> str:
    return at.isoformat() if at else ""
