"""The message as somebody would get it, and tests of it."""

from __future__ import annotations

import re

import pytest

from campaigns.channels.models import OutboxMessage, SentTest, Way
from campaigns.message.testing import MOST
from campaigns.models import Campaign, CampaignTarget, Message
from contacts.models import Consent, Contact
from segmentflow.clock import current_time
from segmentflow.roles import CAMPAIGN_MANAGERS
from segmentflow.tests.made import HTMX, sign_in
from segments.models import Membership, Segment
from tests.site.world import PUSH, SPRING, TEXT, make_world


@pytest.fixture(autouse=True)
def manager(client, db):
    user = sign_in(client, CAMPAIGN_MANAGERS)
    user.email = "ada@example.com"
    user.save()
    return user


@pytest.fixture
def people():
    return [
        Contact.objects.create(
            first_name=name, email=f"{name}@example.com".lower(), external_id=name, phone=phone
        )
        for name, phone in (("Bert", "+48600100200"), ("Anna", ""))
    ]


@pytest.fixture
def email(people):
    return Campaign.objects.create(name="Spring", channel="email", content=SPRING)


def preview(client, campaign, query=""):
    return client.get(f"/campaigns/{campaign.pk}/preview{query}", headers=HTMX).content.decode()


def frame(client, campaign, query=""):
    return client.get(f"/campaigns/{campaign.pk}/preview.html{query}")


def test_the_link_to_unsubscribe_of_a_preview_leads_to_a_page_that_changes_nothing(
    client, email, people
):
    found = re.search(r'http://testserver(/m/u/[^"]+)"', frame(client, email).content.decode())
    assert found

    for answer in (client.get(found[1]), client.post(found[1])):
        assert answer.status_code == 200
        assert "What is chosen here changes nothing." in answer.content.decode()
    assert not Consent.objects.exists()


def test_it_is_shown_as_a_member_of_the_segments_unless_another_contact_is_chosen(
    client, email, people
):
    bert, anna = people
    assert "Spring, Bert" in preview(client, email)
    segment = Segment.objects.create(key="vips", name="VIPs")
    CampaignTarget.objects.create(campaign=email, segment=segment)
    Membership.objects.create(contact=anna, segment=segment, entered_at=current_time())

    assert "Spring, Anna" in preview(client, email)
    assert "Spring, Bert" in preview(client, email, f"?contact={bert.pk}")
    assert f"?contact={bert.pk}" in preview(client, email, "?q=bert")
    assert "Nobody is called so" in preview(client, email, "?q=zoe%00")
    assert "Spring, Anna" in preview(client, email, "?contact=99999")


def test_an_email_is_framed_for_itself_and_nothing_in_it_can_run(client, email):
    answer = frame(client, email)

    assert "Hello Bert" in answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("sandbox allow-popups ")
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert Message.objects.count() == 0


def test_what_a_contact_is_called_is_text_in_the_message(client, email):
    mallory = Contact.objects.create(first_name="<script>{{ 7 | times: 7 }}</script>")

    page = frame(client, email, f"?contact={mallory.pk}").content.decode()

    assert "<script>" not in page
    assert "{{ 7 | times: 7 }}" in page


def test_a_mistake_in_liquid_is_said_with_its_line(client, email):
    email.content = {
        "format": "html",
        "subject": "x",
        "source": "<p>Hi\n{{ contact.first_name </p>",
    }
    email.save()

    assert "ine 2" in preview(client, email)
    assert frame(client, email).status_code == 200


def test_texts_are_bubbles_with_their_length_for_the_contact(client, people):
    sms = Campaign.objects.create(name="Text", channel="sms", content=TEXT)

    page = preview(client, sms, f"?contact={people[1].pk}")

    assert "Hello Anna, spring is here" in page
    assert "For this contact: 61 of 160 characters, GSM-7, 1 message." in page


def test_without_any_contact_the_preview_says_so(client, db):
    sms = Campaign.objects.create(name="Text", channel="sms", content=TEXT)

    assert "There is no contact yet" in preview(client, sms)


def test_a_campaign_that_events_start_is_shown_with_the_contacts_newest_one(client):
    make_world(now=current_time())
    content = {**SPRING, "subject": "{{ contact.first_name }}: {{ event.category }}"}
    campaign = Campaign.objects.create(
        name="After", channel="email", kind="entering", content=content
    )
    CampaignTarget.objects.create(campaign=campaign, segment=Segment.objects.get(key="buyers"))

    assert "Anna: shoes" in preview(client, campaign)


def test_a_started_campaign_is_shown_as_it_was_frozen(client, email):
    Campaign.objects.filter(pk=email.pk).update(
        status="done", frozen={"content": {**SPRING, "subject": "Frozen"}}
    )

    assert "Frozen" in preview(client, email)


def send(client, campaign, **posted):
    return client.post(f"/campaigns/{campaign.pk}/test", posted, headers=HTMX)


def test_a_test_goes_to_an_address_of_ones_own_as_the_contact_and_counts_nowhere(
    client, email, people
):
    page = client.get(f"/campaigns/{email.pk}/test").content.decode()
    assert 'value="ada@example.com"' in page

    answer = send(client, email, contact=people[1].pk, address="me@example.com").content.decode()

    stored = OutboxMessage.objects.get()
    assert (stored.address, stored.is_test, stored.campaign_id) == ("me@example.com", True, None)
    assert stored.subject == "Spring, Anna"
    assert f'Delivered into the outbox: <a href="/campaigns/outbox/{stored.pk}">' in answer
    assert not Message.objects.exists()


def test_texts_and_push_messages_are_tested_too(client, people):
    sms = Campaign.objects.create(name="Text", channel="sms", content=TEXT)
    push = Campaign.objects.create(name="Push", channel="push", content=PUSH)

    assert "open it" in send(client, sms, address="+48 600 100-200").content.decode()
    assert "open it" in send(client, push).content.decode()
    assert set(OutboxMessage.objects.values_list("channel", "address")) == {
        ("sms", "+48600100200"),
        ("push", "Bert"),
    }


@pytest.mark.parametrize("address", ["", "nobody", "a@b.example\nBcc: c@d.example", "x" * 300])
def test_an_address_that_is_none_is_refused_with_a_sentence(client, email, address):
    answer = send(client, email, address=address)

    assert answer.status_code == 422
    assert "Write an email address" in answer.content.decode()
    assert not OutboxMessage.objects.exists()


def test_what_the_other_side_says_is_shown(client, email):
    Way.objects.create(
        channel="email",
        adapter="smtp",
        config={
            "sender_address": "shop@example.com",
            "host": "127.0.0.1",
            "port": 1,
            "security": "none",
        },
    )

    answer = send(client, email, address="me@example.com").content.decode()

    assert "It was not taken now by" in answer
    assert "test-detail" in answer
    assert not OutboxMessage.objects.exists()


def test_a_way_that_is_not_set_up_is_said(client, email):
    Way.objects.create(channel="email", adapter="smtp", config={})

    assert send(client, email, address="me@example.com").status_code == 422


def test_nobody_sends_tests_without_end(client, email, manager):
    SentTest.objects.bulk_create(SentTest(author=manager, at=current_time()) for _ in range(MOST))

    answer = send(client, email, address="me@example.com")

    assert answer.status_code == 422
    assert "are enough" in answer.content.decode()
    assert not OutboxMessage.objects.exists()


def test_a_message_that_is_broken_is_not_sent(client, email):
    email.content = {**SPRING, "subject": "{{ contact.first_name"}
    email.save()

    answer = send(client, email, address="me@example.com")

    assert answer.status_code == 422
    assert "The message is broken" in answer.content.decode()
