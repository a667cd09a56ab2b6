"""Messages that were sent, and browsers that open them."""

from __future__ import annotations

from datetime import timedelta

from campaigns.keys import MessageKey
from campaigns.models import Campaign, Message
from contacts.consents import set_consents
from contacts.decisions import Decision
from contacts.models import Contact
from events.models import Event
from segmentflow.clock import current_time

BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
}
"""Headers of a person."""
SHOP = "https://shop.example/sale?size=4&colour=blue#top"


def make_campaign(channel="email", name="Spring sale", **values):
    return Campaign.objects.create(name=name, channel=channel, status="done", **values)


def make_contact(key="anna", *, consent="email", **values):
    contact = Contact.objects.create(external_id=key, email=f"{key}@example.com", **values)
    if consent:
        told = Decision(consent, subscribed=True, source="Sign-up form")
        set_consents(decisions=[(contact.pk, told)], now=current_time() - timedelta(days=30))
    return contact


def make_message(campaign, contact, *, occasion=0, state=Message.State.SENT, **values):
    before = current_time() - timedelta(hours=1)
    values = {"due_at": before, "sent_at": before, "address": contact.email} | values
    Message.objects.create(
        contact=contact, campaign=campaign, occasion=occasion, state=state, **values
    )
    return MessageKey(contact.pk, campaign.pk, occasion)


def message_of(key):
    return Message.objects.get(
        contact_id=key.contact_id, campaign_id=key.campaign_id, occasion=key.occasion
    )


def events_of(contact_id, type_=None):
    found = Event.objects.filter(contact_id=contact_id).order_by("type__key")
    return list(found.filter(type__key=type_) if type_ else found)


def types_of(contact_id):
    return [event.type.key for event in events_of(contact_id)]


def path_of(url):
    """What is after the name of the site, as a test's client wants it."""
    return url.removeprefix("http://127.0.0.1:8000")
