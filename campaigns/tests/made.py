"""Campaigns and whom they are for, made in one line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from campaigns.models import Campaign, CampaignTarget, Message
from contacts.models import Consent, Contact
from segments.models import Membership, Segment

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

Reached = tuple[int, str]
"""State and reason of a message."""


def make_list(key: str, contacts: Iterable[Contact] = ()) -> Segment:
    """A static segment with members."""
    segment = Segment.objects.create(
        key=key, name=key.capitalize(), kind="static", status="live", built_at=NOW
    )
    Membership.objects.bulk_create(
        Membership(contact=contact, segment=segment, entered_at=NOW) for contact in contacts
    )
    return segment


def make_reachable(name: str, **values: Any) -> Contact:
    """With an email, a phone, and consent to everything."""
    values = {"external_id": name, "email": f"{name}@example.com", "phone": "+48600100200"} | values
    contact = Contact.objects.create(**values)
    agree(contact)
    return contact


def agree(contact: Contact, *, subscribed: bool = True, at: datetime = NOW) -> None:
    Consent.objects.bulk_create(
        Consent(
            contact=contact,
            channel=channel,
            at=at,
            subscribed=subscribed,
            source="Form",
            recorded_at=at,
        )
        for channel in ("email", "sms", "push")
    )


def make_campaign(*includes: Segment, without: Iterable[Segment] = (), **values: Any) -> Campaign:
    """A text message, which needs the least to be ready."""
    values = {"name": "Spring", "channel": "sms", "content": {"text": "Hello"}} | values
    campaign = Campaign.objects.create(**values)
    for segment in includes:
        CampaignTarget.objects.create(campaign=campaign, segment=segment)
    for segment in without:
        CampaignTarget.objects.create(campaign=campaign, segment=segment, excludes=True)
    return campaign


def reached(campaign: Campaign) -> dict[str, Reached]:
    """By external id, what became of each message; of several to one contact, the last."""
    rows = Message.objects.filter(campaign=campaign).order_by("occasion")
    return {
        row.contact.external_id: (row.state, row.reason) for row in rows.select_related("contact")
    }
