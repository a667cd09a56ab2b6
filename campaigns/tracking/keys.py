"""From what a token names to the message as it is now: its contact may be another one, or none."""

from __future__ import annotations

from campaigns.keys import MessageKey
from campaigns.tracking.models import FormerContact
from contacts.models import Contact


def current_key(key: MessageKey) -> MessageKey | None:
    """The key by which the message is known now; None when its contact was erased."""
    if Contact.objects.filter(pk=key.contact_id).exists():
        return key
    moved = FormerContact.objects.filter(pk=key.contact_id).values_list("contact_id", flat=True)
    contact_id = moved.first()
    return None if contact_id is None else key._replace(contact_id=contact_id)
