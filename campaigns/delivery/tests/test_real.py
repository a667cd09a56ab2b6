"""The whole way: from a campaign that is started to the outbox, with nothing put in its place."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from campaigns.channels.models import OutboxMessage, Suppression, Way
from campaigns.channels.secrets import seal
from campaigns.channels.tests.servers import Reply, gateway
from campaigns.delivery.lane import trouble_of
from campaigns.delivery.looking import next_at
from campaigns.delivery.settle import deliver_all
from campaigns.delivery.starting import start
from campaigns.delivery.tests.made import NOW, State, Status, message_of, states
from campaigns.models import Campaign, CampaignTarget, SendingRules
from contacts.consents import consents_of
from contacts.decisions import Decision
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event
from segments.tests.made import make_segment, settled

pytestmark = pytest.mark.django_db

CONTENT = {
    "email": {
        "format": "html",
        "subject": "Hello {{ contact.first_name }}",
        "source": '<p>Hi <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>',
        "text": "",
    },
    "sms": {"text": "Hello {{ contact.first_name }} {{ unsubscribe_url }}"},
}


@pytest.fixture
def everyone():
    rows = [
        ContactRow(
            built_in={
                "external_id": f"u{n}",
                "email": f"u{n}@example.com",
                "phone": f"+4860000000{n}",
                "first_name": f"Ann{n}",
                "timezone": zone,
            },
            attributes={},
            consents=tuple(
                Decision(one, subscribed=True, source="form") for one in ("email", "sms")
            ),
        )
        for n, zone in enumerate(["Europe/Warsaw", "America/New_York"])
    ]
    upsert_contacts(rows=rows, now=NOW - timedelta(days=9))
    return settled(make_segment("everyone"))


def ready(segment, channel="email", **values):
    campaign = Campaign.objects.create(
        name=channel, channel=channel, content=CONTENT[channel], **values
    )
    CampaignTarget.objects.create(campaign=campaign, segment=segment)
    return campaign


def test_everybody_finds_their_message_in_the_outbox(everyone):
    campaign = ready(everyone)
    start(campaign=campaign, now=NOW, by=None)
    assert campaign.status == Status.SENDING

    assert deliver_all(now=NOW) == 2

    campaign.refresh_from_db()
    assert campaign.status == Status.DONE
    subjects = OutboxMessage.objects.values_list("subject", flat=True)
    assert set(subjects) == {"Hello Ann0", "Hello Ann1"}


def test_two_campaigns_cannot_both_pass_the_cap(everyone):
    SendingRules.objects.create(cap_messages=1, cap_days=7)
    both = [ready(everyone), ready(everyone, "sms")]
    for campaign in both:
        start(campaign=campaign, now=NOW, by=None)

    assert deliver_all(now=NOW) == 2

    assert OutboxMessage.objects.values("contact_id").distinct().count() == 2
    found = [state for campaign in both for state in states(campaign)]
    assert sorted(found) == [State.SENT, State.SENT, State.LEFT_OUT, State.LEFT_OUT]


def test_quiet_hours_that_were_set_after_the_start_hold_too(everyone):
    campaign = ready(everyone)
    start(campaign=campaign, now=NOW, by=None)
    # It is 13:00 in Warsaw and 7:00 in New York.
    SendingRules.objects.create(quiet_from=time(21), quiet_to=time(8))

    assert deliver_all(now=NOW) == 1
    assert next_at(NOW) == NOW + timedelta(hours=1)
    assert deliver_all(now=NOW + timedelta(hours=1)) == 1


def test_who_unsubscribed_since_the_start_gets_nothing(everyone):
    campaign = ready(everyone)
    start(campaign=campaign, now=NOW, by=None)
    row = ContactRow(
        built_in={"external_id": "u0"},
        attributes={},
        consents=(Decision("email", subscribed=False, source="form"),),
    )
    upsert_contacts(rows=[row], now=NOW)

    assert deliver_all(now=NOW) == 1
    assert sorted(states(campaign)) == [State.SENT, State.LEFT_OUT]


def test_one_for_a_time_freezes_its_recipients_then(everyone):
    at = NOW + timedelta(days=1)
    campaign = ready(everyone, kind=Campaign.Kind.AT, starts_at=at)
    start(campaign=campaign, now=NOW, by=None)

    assert campaign.status == Status.SCHEDULED
    assert next_at(NOW) == at
    assert deliver_all(now=NOW) == 0
    assert deliver_all(now=at) == 2


def test_a_way_that_lacks_something_is_trouble_that_is_shown(everyone):
    campaign = ready(everyone)
    start(campaign=campaign, now=NOW, by=None)
    Way.objects.create(channel="email", adapter="smtp", config={})

    assert deliver_all(now=NOW) == 0
    assert trouble_of("email") is not None
    assert states(campaign) == [State.WAITING] * 2


def test_who_wrote_stop_to_twilio_is_unsubscribed_and_not_suppressed(everyone):
    campaign = ready(everyone, "sms")
    with gateway() as server:
        server.say(Reply(400, {"code": 21610, "message": "Attempt to send to unsubscribed"}))
        Way.objects.create(
            channel="sms",
            adapter="twilio",
            config={"account_sid": "AC1", "sender": "+48600", "api_url": server.address},
            secrets=seal({"auth_token": "geheim"}),
        )
        start(campaign=campaign, now=NOW, by=None)
        assert deliver_all(now=NOW) == 2
    assert states(campaign) == [State.FAILED] * 2
    message = message_of(campaign)
    assert message.error == "The recipient unsubscribed by STOP (Twilio’s error 21610)."
    assert message.unsubscribed_at == NOW
    assert Event.objects.filter(type__key="Unsubscribe").count() == 2
    assert not consents_of([message.contact_id])[message.contact_id]["sms"].subscribed
    assert not Suppression.objects.exists()
