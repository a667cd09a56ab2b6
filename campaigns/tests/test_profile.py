"""The messages of a contact, on the page about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.channels.models import OutboxMessage
from campaigns.models import Message
from campaigns.tracking.tests.made import make_campaign, make_contact, make_message
from segmentflow.clock import current_time
from segmentflow.roles import ADMINS, MARKETERS
from segments.tests.made import make_user, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return make_contact("anna", first_name="Anna")


def page(client, contact, query="", role=ADMINS):
    client.force_login(make_user(role, name=f"{role}{query}"))
    return client.get(reverse("contact_detail", args=[contact.pk]) + query).content.decode()


def test_what_was_sent_and_what_came_back_is_told_with_the_copy(client, anna):
    now = current_time()
    key = make_message(make_campaign(), anna, opened_at=now - timedelta(minutes=5))
    copy = OutboxMessage.objects.create(
        **key._asdict(), channel="email", at=now, address=anna.email
    )
    make_message(
        make_campaign("sms", name="Text"),
        anna,
        state=Message.State.LEFT_OUT,
        reason="not_consented",
        sent_at=None,
    )

    shown = page(client, anna)

    for words in ("Spring sale", "opened", "5\xa0minutes ago", "Left out", "Never consented"):
        assert words in shown, words
    assert reverse("outbox_message", args=[copy.pk]) in shown


def test_who_may_not_see_messages_sees_none(client, anna):
    make_message(make_campaign(), anna)

    assert "Spring sale" not in page(client, anna, role=MARKETERS)


def test_many_messages_cost_no_more_and_the_latest_are_shown(client, anna):
    for number in range(9):
        make_message(make_campaign(name=f"Number {number}"), anna)
    client.force_login(make_user(ADMINS))
    address = reverse("contact_detail", args=[anna.pk])
    few = queries_of(lambda: client.get(address))
    for number in range(9, 18):
        make_message(make_campaign(name=f"Number {number}"), anna)

    assert queries_of(lambda: client.get(address)) == few
    shown = client.get(address).content.decode()
    assert "Number 17" in shown
    assert "Number 9<" not in shown
    assert "All 18 messages" in shown
    assert "Number 0" in client.get(f"{address}?messages=all").content.decode()


def test_who_erases_is_told_what_goes(client, anna):
    make_message(make_campaign(), anna)
    client.force_login(make_user(ADMINS))

    asked = client.get(reverse("contact_erase", args=[anna.pk])).content.decode()

    assert "1 message of campaigns, with what came back" in asked
