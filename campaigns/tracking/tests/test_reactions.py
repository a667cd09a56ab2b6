"""What is done with a message becomes events, each once, and only of people."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from campaigns.channels.models import OutboxMessage
from campaigns.models import Message
from campaigns.tracking.events import Reaction, record_reaction
from campaigns.tracking.models import Click, FormerContact
from campaigns.tracking.tests.made import (
    SHOP,
    events_of,
    make_campaign,
    make_contact,
    make_message,
    message_of,
    types_of,
)
from campaigns.tracking.types import register_sorts, sorts_of
from contacts.erasure import erase_contacts
from events.models import EventType
from segmentflow.clock import current_time
from segmentflow.models import Workspace

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
STATE = Message.State


def at_noon() -> datetime:
    """In the middle of a minute, so that seconds later it is the same one."""
    return current_time().replace(second=10, microsecond=0)


@pytest.fixture
def message():
    return make_message(make_campaign(), make_contact(), sent_at=at_noon() - MINUTE * 60)


def opened(key, now=None, **rest):
    return record_reaction(key=key, kind=Reaction.OPEN, now=now or at_noon(), **rest)


def clicked(key, now=None, url=SHOP, **rest):
    return record_reaction(key=key, kind=Reaction.CLICK, now=now or at_noon(), url=url, **rest)


def test_an_open_is_an_event_and_the_message_keeps_its_time(message):
    now = at_noon()

    assert opened(message, now)

    [event] = events_of(message.contact_id)
    assert (event.type.key, event.occurred_at) == ("MailOpen", now)
    assert event.attributes == {
        "campaign": "Spring sale",
        "campaign_id": message.campaign_id,
        "channel": "email",
    }
    assert message_of(message).opened_at == now
    assert EventType.objects.get(key="MailOpen").origin == "system"
    assert str(EventType.objects.get(key="MailOpen")) == "Mail opened"


def test_opens_within_a_minute_are_one_and_later_ones_are_more(message):
    now = at_noon()
    for second in range(5):
        assert opened(message, now + timedelta(seconds=second))
    assert len(events_of(message.contact_id)) == 1

    opened(message, now + MINUTE)

    assert len(events_of(message.contact_id)) == 2
    assert message_of(message).opened_at == now


def test_a_click_tells_of_its_link_and_brings_the_open_along(message):
    now = at_noon()

    assert clicked(message, now)

    assert types_of(message.contact_id) == ["MailClick", "MailOpen"]
    [event] = events_of(message.contact_id, "MailClick")
    assert event.attributes["url"] == SHOP
    stored = message_of(message)
    assert stored.clicked_at == stored.opened_at == now
    [click] = Click.objects.all()
    assert (click.url, click.at, click.is_counted) == (SHOP, now, True)


def test_a_click_after_an_open_is_only_a_click(message):
    opened(message, at_noon() - MINUTE)

    clicked(message)

    assert len(events_of(message.contact_id, "MailOpen")) == 1


def test_the_same_link_very_often_is_one_click_a_minute(message):
    now = at_noon()
    for second in range(20):
        assert clicked(message, now + timedelta(seconds=second))
    clicked(message, now + MINUTE * 2)

    assert Click.objects.count() == 2
    assert len(events_of(message.contact_id, "MailClick")) == 2


def test_a_second_link_counts_when_a_person_had_the_time(message):
    now = at_noon()
    clicked(message, now)

    assert clicked(message, now + timedelta(seconds=4), url="https://shop.example/other")
    assert len(events_of(message.contact_id, "MailClick")) == 2


def test_all_links_at_once_are_a_scanner_after_the_first(message):
    now = at_noon()
    links = [f"https://shop.example/{number}" for number in range(6)]

    counted = [clicked(message, now, url=url) for url in links]

    assert counted == [True] + [False] * 5
    assert Click.objects.filter(is_counted=False).count() == 5
    assert len(events_of(message.contact_id, "MailClick")) == 1


def test_what_follows_sending_at_once_does_not_count():
    now = at_noon()
    soon = now - timedelta(milliseconds=300)
    key = make_message(make_campaign(), make_contact(), sent_at=soon)

    assert not opened(key, now)
    assert not clicked(key, now)

    assert events_of(key.contact_id) == []
    assert message_of(key).opened_at is None
    assert not Click.objects.get().is_counted


def test_in_the_outbox_there_are_only_people():
    now = at_noon()
    key = make_message(make_campaign(), make_contact(), sent_at=now)
    OutboxMessage.objects.create(**key._asdict(), channel="email", at=now, address="a@b.example")

    assert opened(key, now)
    assert clicked(key, now)


def test_what_machines_do_is_kept_as_such_once_for_each_link(message):
    for minutes in range(5):
        now = at_noon() + MINUTE * minutes
        assert not opened(message, now, is_counted=False)
        assert not clicked(message, now, is_counted=False)

    assert events_of(message.contact_id) == []
    assert [click.is_counted for click in Click.objects.all()] == [False]
    stored = message_of(message)
    assert (stored.opened_at, stored.clicked_at) == (None, None)


@pytest.mark.parametrize(("channel", "type_"), [("sms", "SmsClick"), ("push", "PushClick")])
def test_other_channels_have_clicks_of_their_own_and_no_opens(channel, type_):
    key = make_message(make_campaign(channel), make_contact())

    assert clicked(key)
    opened(key)

    assert types_of(key.contact_id) == [type_]
    assert message_of(key).opened_at is None


def test_a_reaction_proves_that_a_message_has_arrived():
    long_ago = at_noon() - MINUTE * 60
    key = make_message(
        make_campaign(), make_contact(), state=STATE.UNCLEAR, sent_at=None, claimed_at=long_ago
    )

    opened(key)

    assert (message_of(key).state, message_of(key).sent_at) == (STATE.SENT, long_ago)


def test_types_that_others_sent_before_become_system_events_and_keep_their_names():
    EventType.objects.create(key="MailOpen", label="Newsletter read")

    register_sorts(sorts_of("email"))
    register_sorts(sorts_of("email"))

    found = {one.key: one for one in EventType.objects.all()}
    assert found.keys() == {"MailOpen", "MailClick", "Unsubscribe"}
    assert {one.origin for one in found.values()} == {"system"}
    assert found["MailOpen"].label == "Newsletter read"
    assert found["MailOpen"].description == "An email was opened."


def test_where_unknown_types_are_refused_ours_are_known(message):
    Workspace.objects.update_or_create(pk=1, defaults={"unknown_types": "refuse"})

    assert clicked(message)

    assert types_of(message.contact_id) == ["MailClick", "MailOpen"]


def test_nothing_is_stored_about_who_was_erased(message):
    erase_contacts(contact_ids=[message.contact_id])

    assert not clicked(message)
    assert not opened(message)
    assert not Click.objects.exists()


def test_nothing_is_stored_about_a_message_that_there_is_not(message):
    assert not clicked(message._replace(occasion=7))
    assert not Click.objects.exists()


def test_links_of_a_merged_contact_are_those_of_the_one_that_was_kept(message):
    FormerContact.objects.create(former_id=message.contact_id + 1, contact_id=message.contact_id)

    assert opened(message._replace(contact_id=message.contact_id + 1))

    assert types_of(message.contact_id) == ["MailOpen"]
