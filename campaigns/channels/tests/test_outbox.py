"""The built-in outbox keeps what is handed over, once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from campaigns.channels.handing import Email, Outcome, Push, Sms
from campaigns.channels.models import OutboxMessage
from campaigns.channels.ways import carrier_for, way_of
from campaigns.keys import MessageKey

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
KEY = MessageKey(7, 3, 0)


def hand(*messages):
    channel = {Email: "email", Sms: "sms", Push: "push"}[type(messages[0])]
    with carrier_for(channel, way=way_of(channel), clock=lambda: NOW) as carrier:
        return [carrier.hand(message) for message in messages]


def email(key=KEY, **changes):
    parts = {
        "to": "anna@example.com",
        "sender": "Shop <shop@example.com>",
        "reply_to": "",
        "subject": "Hello",
        "html": "<p>Hello</p>",
        "text": "Hello",
        "headers": {"List-Unsubscribe": "<https://example.com/u>"},
    }
    return Email(key=key, **{**parts, **changes})


def test_a_message_is_kept_as_it_is():
    [handed] = hand(email(reply_to="help@example.com"))
    assert handed.outcome == Outcome.ACCEPTED
    kept = OutboxMessage.objects.get()
    assert (kept.contact_id, kept.campaign_id, kept.occasion) == KEY
    assert (kept.address, kept.subject, kept.at) == ("anna@example.com", "Hello", NOW)
    assert kept.headers == {
        "List-Unsubscribe": "<https://example.com/u>",
        "Reply-To": "help@example.com",
    }
    assert not kept.is_test


def test_a_message_that_is_handed_over_twice_is_there_once():
    hand(email(), email(subject="Again"))
    assert OutboxMessage.objects.get().subject == "Hello"


def test_tests_are_kept_each_time():
    hand(email(key=None), email(key=None))
    assert OutboxMessage.objects.filter(is_test=True).count() == 2


def test_characters_that_no_database_takes_are_left_out():
    hand(email(subject="a\0b", headers={"X": "\\u0000\0"}))
    kept = OutboxMessage.objects.get()
    assert (kept.subject, kept.headers) == ("ab", {"X": "\\u0000"})


def test_text_and_push_messages_are_kept_too():
    hand(Sms(key=KEY, to="+48600100200", sender="Shop", text="Hi"))
    hand(
        Push(
            key=MessageKey(8, 3, 0),
            to="anna",
            browsers=(),
            title="T",
            body="B",
            url="https://x.example",
        )
    )
    push, sms = OutboxMessage.objects.all()
    assert (sms.channel, sms.address, sms.text) == ("sms", "+48600100200", "Hi")
    assert (push.subject, push.text, push.url) == ("T", "B", "https://x.example")
