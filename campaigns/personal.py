"""What was sent to one contact, for the file of all that is known about a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from campaigns.channels.models import OutboxMessage
from campaigns.models import Campaign, Message
from campaigns.push.models import PushAddress
from campaigns.reasons import LABELS, Reason
from campaigns.tracking.models import Click, ShortLink
from contacts.models import Contact
from contacts.personal import Section
from segmentflow.api.rendering import as_text

BITE: Final = 500
NEEDS: Final = ("campaigns.view_message", "campaigns.view_click", "campaigns.view_outboxmessage")


def read_messages(contact: Contact) -> Iterator[dict[str, Any]]:
    """Every one, also those that were not sent, with why."""
    found = Message.objects.filter(contact=contact).order_by("campaign_id", "occasion")
    for row in found.select_related("campaign").iterator(chunk_size=BITE):
        yield {
            "campaign": row.campaign.name,
            "channel": row.campaign.channel,
            "state": row.get_state_display(),
            "reason": LABELS[Reason(row.reason)] if row.reason else "",
            "error": row.error,
            "address": row.address,
            "because_of": row.context,
            "due_at": _time(row.due_at),
            "sent_at": _time(row.sent_at),
            "delivered_at": _time(row.delivered_at),
            "opened_at": _time(row.opened_at),
            "clicked_at": _time(row.clicked_at),
            "unsubscribed_at": _time(row.unsubscribed_at),
            "bounced_at": _time(row.bounced_at),
            "complained_at": _time(row.complained_at),
            "provider_id": row.provider_id,
        }


def read_clicks(contact: Contact) -> Iterator[dict[str, Any]]:
    """With those that did not count, because a program seems to have made them."""
    found = Click.objects.filter(contact=contact).order_by("seq").select_related("campaign")
    for row in found.iterator(chunk_size=BITE):
        yield {
            "campaign": row.campaign.name,
            "url": row.url,
            "at": as_text(row.at),
            "is_counted": row.is_counted,
        }


def read_short_links(contact: Contact) -> Iterator[dict[str, Any]]:
    found = ShortLink.objects.filter(contact_id=contact.pk).order_by("campaign_id", "code")
    for row in found.iterator(chunk_size=BITE):
        yield {"code": row.code, "url": row.url}


def read_outbox(contact: Contact) -> Iterator[dict[str, Any]]:
    """The messages themselves, where a copy was kept."""
    found = OutboxMessage.objects.filter(contact_id=contact.pk).order_by("pk")
    names = dict(Campaign.objects.values_list("pk", "name"))
    for row in found.iterator(chunk_size=BITE):
        yield {
            "campaign": names.get(row.campaign_id or 0, ""),
            "channel": row.channel,
            "at": as_text(row.at),
            "address": row.address,
            "sender": row.sender,
            "subject": row.subject,
            "text": row.text,
            "html": row.html,
            "url": row.url,
            "headers": row.headers,
        }


def read_push_addresses(contact: Contact) -> Iterator[dict[str, Any]]:
    for row in PushAddress.objects.filter(contact_id=contact.pk).order_by("created_at"):
        yield {
            "endpoint": row.endpoint,
            "agent": row.agent,
            "created_at": as_text(row.created_at),
            "seen_at": as_text(row.seen_at),
        }


def _time(at: datetime | None) -> str | None:
    return None if at is None else as_text(at)


SECTIONS = (
    Section("messages", read_messages, ("campaigns.message",), NEEDS),
    Section("clicks", read_clicks, ("campaigns.click",), NEEDS),
    Section("short_links", read_short_links, ("campaigns.shortlink",), NEEDS),
    Section("outbox", read_outbox, ("campaigns.outboxmessage",), NEEDS),
    Section("push_addresses", read_push_addresses, ("campaigns.pushaddress",), NEEDS),
)
