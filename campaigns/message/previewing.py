"""The message as a contact would get it, without being sent: links lead where they lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any, Final

import msgspec
from django.db import connection

from campaigns.channels.handing import Email, Outbound, Push, Sms
from campaigns.channels.ways import way_of
from campaigns.composing import CannotCompose, Composer, Links, PlainLinks, people_facts
from campaigns.message.reading import content_of
from campaigns.models import Campaign
from contacts.models import Contact
from contacts.search import contacts_found
from segmentflow.citus.here import is_spread

FOUND: Final = 8

_decode = msgspec.json.Decoder().decode


BESIDE: Final = 140

# As campaigns/rendering/email.py puts it in.
_PREHEADER = re.compile(r'<div style="display:none;font-size:1px[^>]*>(.*?)(?:&#847;|</div>)', re.S)
ANYWHERE: Final = {"email": "preview@example.com", "sms": "+15550100"}
"""Where a preview goes: it does not matter, and a contact without an address has one, too."""


@dataclass(frozen=True, slots=True)
class Preview:
    contact: Contact | None
    message: Outbound | None
    problem: str = ""
    """Why there is no message."""

    @property
    def email(self) -> Email | None:
        return self.message if isinstance(self.message, Email) else None

    @property
    def beside_subject(self) -> str:
        """What an inbox shows there: the preheader, else how the text begins."""
        if self.email is None:
            return ""
        found = _PREHEADER.search(self.email.html)
        words = unescape(found[1]) if found else self.email.text
        return " ".join(words.split())[:BESIDE]

    @property
    def sms(self) -> Sms | None:
        return self.message if isinstance(self.message, Sms) else None

    @property
    def push(self) -> Push | None:
        return self.message if isinstance(self.message, Push) else None


def preview_of(
    *,
    campaign: Campaign,
    contact: Contact | None,
    now: datetime,
    content: Mapping[str, Any] | None = None,
) -> Preview:
    """As the contact; without one there is nothing to see."""
    if contact is None:
        return Preview(None, None, "There is no contact yet, so there is nobody to show it as.")
    try:
        message = composed(
            campaign=campaign,
            contact=contact,
            now=now,
            content=content,
            address=ANYWHERE.get(campaign.channel, ""),
        )
    except CannotCompose as problem:
        return Preview(contact, None, str(problem))
    return Preview(contact, message)


def composed(
    *,
    campaign: Campaign,
    contact: Contact,
    now: datetime,
    content: Mapping[str, Any] | None = None,
    address: str = "",
    links: Links | None = None,
) -> Outbound:
    """Raises CannotCompose. Links lead where they lead, unless others are given."""
    composer = Composer(
        campaign=campaign,
        content=content_of(campaign) if content is None else content,
        way=way_of(campaign.channel),
        now=now,
        links=links or PlainLinks(),
    )
    facts = people_facts([contact.pk], channel=campaign.channel).get(contact.pk)
    if facts is None:
        raise CannotCompose("This contact was erased.")
    return composer.compose(facts, None, sample_context(campaign, contact, now), address=address)


def sample_context(campaign: Campaign, contact: Contact, now: datetime) -> dict[str, Any] | None:
    """For a campaign that events start: the contact's newest event of such a type."""
    if campaign.kind != Campaign.Kind.ENTERING:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.key, e.occurred_at, e.attributes::text
            FROM events_event e JOIN events_eventtype t ON t.id = e.type_id
            WHERE e.contact_id = %s AND t.key IN (
                SELECT u.ref FROM campaigns_campaigntarget g
                JOIN segments_segment s ON s.id = g.segment_id
                JOIN segments_segmentuse u ON u.version_id = s.live_version_id AND u.kind = 'event'
                WHERE g.campaign_id = %s AND NOT g.excludes
            )
            ORDER BY e.occurred_at DESC LIMIT 1
            """,
            [contact.pk, campaign.pk],
        )
        row = cursor.fetchone()
    if row is None:
        return {"type": "", "occurred_at": now.isoformat(), "attributes": {}}
    return {"type": row[0], "occurred_at": row[1].isoformat(), "attributes": _decode(row[2])}


_FIRST_SPREAD: Final = """
    SELECT min(contact_id) FROM segments_membership WHERE segment_id IN (
        SELECT segment_id FROM campaigns_campaigntarget WHERE campaign_id = %s AND NOT excludes
    )
"""


def usual_contact(campaign: Campaign) -> Contact | None:
    """A member of the segments that it is for; else anybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST_SPREAD
            if is_spread()
            else """
            SELECT min(first.contact_id) FROM campaigns_campaigntarget t
            CROSS JOIN LATERAL (
                SELECT contact_id FROM segments_membership m
                WHERE m.segment_id = t.segment_id ORDER BY contact_id LIMIT 1
            ) first
            WHERE t.campaign_id = %s AND NOT t.excludes
            """,
            [campaign.pk],
        )
        row = cursor.fetchone()
    contacts = Contact.objects.defer("attributes")
    member = contacts.filter(pk=row[0]).first() if row and row[0] else None
    return member or contacts.order_by("pk").first()


def contact_for(campaign: Campaign, contact_id: int | None) -> Contact | None:
    """The one that was chosen, if it is still there."""
    if contact_id is not None:
        chosen = Contact.objects.defer("attributes").filter(pk=contact_id).first()
        if chosen is not None:
            return chosen
    return usual_contact(campaign)


def found_contacts(words: str) -> list[Contact]:
    return list(contacts_found(words).defer("attributes").order_by("-pk")[:FOUND]) if words else []
