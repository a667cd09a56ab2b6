"""What tests of the campaigns' pages need many of."""

from __future__ import annotations

from typing import Any

from campaigns.models import Campaign
from campaigns.services import create_campaign
from contacts.decisions import Decision
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segments.models import Segment
from segments.tests.made import NOW, make_segment, settled


def make_people(*names: str, subscribed: bool = True) -> list[Contact]:
    """Contacts with an address, who agreed to email or withdrew."""
    upsert_contacts(
        rows=[
            ContactRow(
                built_in={"external_id": name, "email": f"{name}@example.com", "first_name": name},
                attributes={},
                consents=(Decision("email", subscribed=subscribed, source="Form"),),
            )
            for name in names
        ],
        now=NOW,
    )
    return list(Contact.objects.filter(external_id__in=names).order_by("pk"))


def make_everyone(key: str = "everyone") -> Segment:
    return settled(make_segment(key))


def make_campaign(name: str = "Spring", *segments: Segment, **values: Any) -> Campaign:
    """A draft for these segments; `values` are written past the services."""
    campaign = create_campaign(name=name, channel="email", include=segments, by=None, now=NOW)
    Campaign.objects.filter(pk=campaign.pk).update(**values)
    return Campaign.objects.get(pk=campaign.pk)
