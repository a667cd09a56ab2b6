"""Contacts who are erased or merged, with everything that was sent to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.channels.models import OutboxMessage, Suppression
from campaigns.models import Campaign, Message
from campaigns.people import messages_foretold
from campaigns.personal import SECTIONS
from campaigns.push.models import PushAddress
from campaigns.tracking.events import Reaction, record_reaction
from campaigns.tracking.models import Click, FormerContact, ShortLink
from campaigns.tracking.tests.made import (
    SHOP,
    make_campaign,
    make_contact,
    make_message,
    message_of,
    types_of,
)
from campaigns.tracking.unsubscribing import unsubscribe
from contacts.consents import consents_of
from contacts.erasure import erase_contacts
from contacts.merging import merge_contacts
from segmentflow.clock import current_time

pytestmark = pytest.mark.django_db

State = Message.State


@pytest.fixture
def now():
    return current_time()


@pytest.fixture
def keep():
    return make_contact("anna")


@pytest.fixture
def lose():
    return make_contact("anna-too")


def make_everything(campaign, contact, now, **values):
    """A message, and everything that can be known around it."""
    key = make_message(campaign, contact, **values)
    named = key._asdict()
    Click.objects.create(**named, url=SHOP, at=now)
    ShortLink.objects.create(code=f"c{contact.pk}-{campaign.pk}", **named, url=SHOP)
    copy = {"channel": "email", "at": now, "address": contact.email}
    OutboxMessage.objects.create(**named, **copy, subject="Sale")
    PushAddress.objects.create(
        digest=f"{contact.pk}-{campaign.pk}",
        contact_id=contact.pk,
        endpoint="https://push.example/1",
        created_at=now,
        seen_at=now,
    )
    return key


def merge(keep, lose, now):
    merge_contacts(keep=keep.pk, lose=lose.pk, now=now)


def told(contact):
    return {section.name: list(section.read(contact)) for section in SECTIONS}


def test_everything_is_handed_out(keep, now):
    make_everything(make_campaign(), keep, now, opened_at=now, reason="capped")

    found = told(keep)

    [message] = found["messages"]
    assert (message["campaign"], message["state"], message["channel"]) == (
        "Spring sale",
        "Sent",
        "email",
    )
    assert message["opened_at"]
    assert message["reason"] == "Frequency cap"
    assert [one["url"] for one in found["clicks"] + found["short_links"]] == [SHOP, SHOP]
    assert [one["subject"] for one in found["outbox"]] == ["Sale"]
    assert [one["endpoint"] for one in found["push_addresses"]] == ["https://push.example/1"]


def test_everything_goes_and_campaigns_keep_how_many_there_were(keep, lose, now):
    campaign, other = make_campaign(), make_campaign(name="Other")
    make_everything(campaign, keep, now)
    make_everything(other, keep, now)
    stays = make_everything(campaign, lose, now)
    OutboxMessage.objects.create(is_test=True, channel="email", at=now, address="x", text="Anna")
    Suppression.objects.create(channel="email", digest="d", why="bounced", at=now)

    erase_contacts(contact_ids=[keep.pk])

    for model in (Message, Click, ShortLink, OutboxMessage, PushAddress):
        assert [row.contact_id for row in model.objects.all()] == [stays.contact_id], model
    assert list(Campaign.objects.order_by("pk").values_list("erased", flat=True)) == [1, 1]
    assert Suppression.objects.count() == 1


def test_the_kept_contact_gets_all_of_it(keep, lose, now):
    key = make_everything(make_campaign(), lose, now)
    assert messages_foretold(keep.pk, lose.pk) == ["1 message of campaigns will be moved."]

    merge(keep, lose, now)

    for model in (Message, Click, ShortLink, OutboxMessage, PushAddress):
        assert [row.contact_id for row in model.objects.all()] == [keep.pk], model
    assert FormerContact.objects.get().former_id == key.contact_id


def test_links_in_what_was_sent_before_go_on_working(keep, lose, now):
    key = make_everything(make_campaign(), lose, now)
    merge(keep, lose, now)
    at = now + timedelta(minutes=2)

    assert record_reaction(key=key, kind=Reaction.OPEN, now=at)
    assert record_reaction(key=key, kind=Reaction.CLICK, url=SHOP, now=at)
    assert unsubscribe(key=key, now=at)

    assert types_of(keep.pk) == ["MailClick", "MailOpen", "Unsubscribe"]
    assert not consents_of([keep.pk])[keep.pk]["email"].subscribed


def test_contacts_merged_twice_are_still_found_and_erased_with_what_is_left(keep, lose, now):
    campaign, third = make_campaign(), make_contact("third")
    first = make_everything(campaign, third, now)
    make_everything(campaign, lose, now)
    merge(lose, third, now)
    merge(keep, lose, now)

    assert record_reaction(key=first, kind=Reaction.OPEN, now=now)
    # Both had this short link, and both codes are out in the world.
    assert ShortLink.objects.count() == 2
    erase_contacts(contact_ids=[keep.pk])

    for model in (Message, Click, ShortLink, OutboxMessage, PushAddress, FormerContact):
        assert not model.objects.exists(), model


@pytest.mark.parametrize(
    ("kept", "lost", "stays"),
    [
        (State.WAITING, State.SENT, State.SENT),
        (State.SENT, State.WAITING, State.SENT),
        (State.LEFT_OUT, State.WAITING, State.WAITING),
        (State.FAILED, State.UNCLEAR, State.UNCLEAR),
        (State.HANDING, State.CANCELLED, State.HANDING),
        (State.WAITING, State.CLAIMED, State.CLAIMED),
    ],
)
def test_of_two_messages_the_one_stays_that_got_further(keep, lose, now, kept, lost, stays):
    campaign = make_campaign()
    make_message(campaign, keep, state=kept)
    make_message(campaign, lose, state=lost)
    said = messages_foretold(keep.pk, lose.pk)
    assert said == ["1 message that both had will be there once."]

    merge(keep, lose, now)

    message = Message.objects.get()
    assert (message.contact_id, message.state) == (keep.pk, stays)
    campaign.refresh_from_db()
    assert campaign.erased == 1


def test_of_two_that_were_sent_the_earlier_times_are_kept(keep, lose, now):
    campaign, before = make_campaign(), now - timedelta(days=1)
    key = make_message(campaign, keep, opened_at=now)
    make_message(campaign, lose, opened_at=before, clicked_at=now)

    merge(keep, lose, now)

    stored = message_of(key)
    assert (stored.opened_at, stored.clicked_at, stored.address) == (before, now, keep.email)


def test_messages_on_different_occasions_all_stay(keep, lose, now):
    campaign = make_campaign()
    make_message(campaign, keep, occasion=1)
    make_message(campaign, lose, occasion=2)

    merge(keep, lose, now)

    assert set(Message.objects.values_list("contact_id", "occasion")) == {
        (keep.pk, 1),
        (keep.pk, 2),
    }


def test_merging_somebody_who_got_nothing_leaves_nothing(keep, lose, now):
    merge(keep, lose, now)

    assert not FormerContact.objects.exists()
