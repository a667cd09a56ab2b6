"""Withdrawing a consent by the link of a message, and giving one again.

Unsubscribing is the system event Unsubscribe, which withdraws the consent in the transaction
that stores it (events/withdrawing.py). Somebody who is unsubscribed already is told so, and
nothing is stored: twice is one decision and one event. The id of the event follows from the
message and the decision it ends, so two at the same moment are one, too.

The link of a message is enough to change the choices of its recipient: whoever has it has the
message. It shows no more than which choices there are, and a shortened address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from campaigns.keys import MessageKey
from campaigns.models import Campaign, Message
from campaigns.push.models import PushAddress
from campaigns.tracking.events import attributes_of
from campaigns.tracking.keys import current_key
from campaigns.tracking.types import UNSUBSCRIBED, register_sorts
from contacts.consents import NEXT, Held, consents_of
from contacts.decisions import Decision
from contacts.locks import hold_rows_of, share_fields
from contacts.models import Channel, Contact
from contacts.retrying import in_transaction
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.locks import share_types
from events.rows import ContactRef, EventRow
from events.services import record_events

SOURCE: Final = "Preferences page"


@dataclass(frozen=True, slots=True)
class Choice:
    """A channel, and whether something may be sent by it."""

    channel: Channel
    subscribed: bool
    address: str
    """Shortened, so that it says nothing to those who do not know it."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message was for, and what they chose."""

    key: MessageKey
    channels: tuple[Channel, ...]
    """Of the message: one, or all when its campaign is gone."""
    choices: tuple[Choice, ...]

    @property
    def is_subscribed(self) -> bool:
        """To what the message came by."""
        return any(one.subscribed for one in self.choices if one.channel in self.channels)


def recipient_of(key: MessageKey) -> Recipient | None:
    """None when the contact was erased."""
    found = current_key(key)
    contact = found and Contact.objects.filter(pk=found.contact_id).first()
    if found is None or contact is None:
        return None
    channels = _channels(found)
    held = consents_of([contact.pk]).get(contact.pk, {})
    return Recipient(found, channels, tuple(_choices(contact, channels, held)))


@in_transaction
def unsubscribe(*, key: MessageKey, now: datetime) -> bool:
    """Send this contact nothing more by the channel of the message; False: it was so already.

    When the campaign is gone nobody knows the channel any more, so nothing more by any.
    """
    share_types()  # before any row is held
    found = _held(key)
    return found is not None and bool(_withdraw(found, _channels(found), now))


@in_transaction
def choose(*, key: MessageKey, choices: Mapping[Channel, bool], now: datetime) -> bool:
    """Keep what was chosen for each channel; False when there was nothing to change."""
    share_types()  # both before any row is held
    share_fields()
    found = _held(key)
    if found is None:
        return False
    held = consents_of([found.contact_id]).get(found.contact_id, {})
    wanted = [channel for channel, subscribed in choices.items() if subscribed]
    new = [one for one in wanted if one.value not in held or not held[one.value].subscribed]
    if new:
        decisions = tuple(Decision(one.value, subscribed=True, source=SOURCE) for one in new)
        upsert_contacts(rows=[ContactRow(id=found.contact_id, consents=decisions)], now=now)
    left = [channel for channel, subscribed in choices.items() if not subscribed]
    # A channel nobody ever agreed to needs no withdrawal to stay silent.
    return bool(_withdraw(found, [one for one in left if one.value in held], now)) or bool(new)


def _held(key: MessageKey) -> MessageKey | None:
    """By the contact it is now, who is neither erased nor merged until the commit.

    Two requests for the same contact take turns, so the second one sees what the first one did.
    """
    for _ in range(2):  # merged just now
        found = current_key(key)
        if found is None:
            return None
        if hold_rows_of([found.contact_id]):
            return found
    return None


def _withdraw(key: MessageKey, channels: Collection[Channel], now: datetime) -> list[Channel]:
    """Those that were withdrawn by this."""
    held = consents_of([key.contact_id]).get(key.contact_id, {})
    # Where nobody was ever asked, only what was certainly meant is worth a record.
    is_certain = len(channels) == 1
    open_ones = [
        one for one in channels if (held[one.value].subscribed if one.value in held else is_certain)
    ]
    if not open_ones:
        return []
    register_sorts([UNSUBSCRIBED])
    name = Campaign.objects.filter(pk=key.campaign_id).values_list("name", flat=True).first() or ""
    done = []
    for channel in open_ones:
        before = held.get(channel.value)
        # Whatever the clocks say, it was decided after what held until now.
        at = max(now, before.at + NEXT) if before else now
        row = _event(key, channel, name, before, at)
        if record_events(rows=[row], now=at).accepted:
            done.append(channel)
    if any(channel in done for channel in _channels(key)):
        _messages(key).filter(unsubscribed_at=None).update(unsubscribed_at=now)
    return done


def _event(
    key: MessageKey, channel: Channel, name: str, before: Held | None, at: datetime
) -> EventRow:
    ended = int(before.at.timestamp() * 1_000_000) if before else 0
    return EventRow(
        ContactRef("id", key.contact_id),
        UNSUBSCRIBED.key,
        at,
        f"campaign-{key.campaign_id}-{key.occasion}-unsubscribe-{channel.value}-{ended}",
        attributes_of(key, name=name, channel=channel.value),
    )


def _choices(
    contact: Contact, channels: Collection[Channel], held: Mapping[str, Held]
) -> list[Choice]:
    """The channels by which there is a way to the contact, or was when they decided."""
    addresses = {
        Channel.EMAIL: shortened(contact.email),
        Channel.SMS: shortened(contact.phone),
        Channel.PUSH: "",
    }
    has_browser = PushAddress.objects.filter(contact_id=contact.pk).exists()
    there = {one for one in Channel if addresses[one] or one.value in held}
    if len(channels) == 1:
        there.update(channels)
    if has_browser:
        there.add(Channel.PUSH)
    return [
        Choice(one, one.value in held and held[one.value].subscribed, addresses[one])
        for one in Channel
        if one in there
    ]


def shortened(address: str) -> str:
    """Such as a…@example.com, or …123."""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}…@{domain}"
    return f"…{address[-3:]}" if len(address) > 5 else ""


def _channels(key: MessageKey) -> tuple[Channel, ...]:
    """Of the message; of a campaign that is gone, all."""
    found = Campaign.objects.filter(pk=key.campaign_id).values_list("channel", flat=True).first()
    return (Channel(found),) if found else tuple(Channel)


def _messages(key: MessageKey) -> QuerySet[Message]:
    return Message.objects.filter(
        contact_id=key.contact_id, campaign_id=key.campaign_id, occasion=key.occasion
    )
