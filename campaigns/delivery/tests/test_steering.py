"""Pausing, going on, cancelling and beginning in time; each acts before the next message leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.delivery.looking import next_at
from campaigns.delivery.settle import deliver_all
from campaigns.delivery.steering import cancel, pause, resume, send_again
from campaigns.delivery.tests.made import (
    ACCEPTED,
    MINUTE,
    NOW,
    Server,
    State,
    Status,
    make_campaign,
    make_contacts,
    make_messages,
    message_of,
    outside,
    states,
)
from campaigns.models import Message
from campaigns.reasons import Reason
from contacts.problems import Conflict

pytestmark = pytest.mark.django_db


def deliver(server, now=NOW):
    return deliver_all(now=now, outside=outside(server))


def after(count, act):
    """A server during whose message number `count` somebody acts."""
    server = Server()

    def answer(message):
        if len(server.taken) == count - 1:
            act()
        return ACCEPTED

    server.answer = answer
    return server


def test_a_pause_acts_before_the_next_message_and_what_waits_is_sent_when_it_ends():
    campaign = make_campaign(50)
    server = after(7, lambda: pause(campaign=campaign, now=NOW, by=None))

    assert deliver(server) == 7
    assert states(campaign).count(State.WAITING) == 43
    assert next_at(NOW) is None

    resume(campaign=campaign, now=NOW + MINUTE, by=None)
    assert campaign.status == Status.SENDING
    assert deliver(server, NOW + MINUTE) == 43
    assert len(set(server.taken)) == 50


def test_a_cancelled_campaign_sends_nothing_more_for_ever():
    campaign = make_campaign(50)
    server = after(7, lambda: cancel(campaign=campaign, now=NOW, by=None))

    assert deliver(server) == 7
    assert states(campaign).count(State.SENT) == 7
    stopped = Message.objects.filter(state=State.CANCELLED)
    assert set(stopped.values_list("reason", flat=True)) == {Reason.STOPPED}
    assert stopped.count() == 43
    campaign.refresh_from_db()
    assert (campaign.status, campaign.ended_at) == (Status.CANCELLED, NOW)
    assert next_at(NOW) is None
    with pytest.raises(Conflict):
        resume(campaign=campaign, now=NOW, by=None)


def test_what_a_large_cancelled_campaign_still_has_is_cancelled_by_the_cluster():
    campaign = make_campaign(3, status=Status.CANCELLED)
    assert deliver(Server()) == 0
    assert states(campaign) == [State.CANCELLED] * 3


@pytest.mark.parametrize(
    ("status", "kind", "goes_on_as"),
    [
        (Status.SENDING, "now", Status.SENDING),
        (Status.LIVE, "entering", Status.LIVE),
        (Status.SCHEDULED, "at", Status.SCHEDULED),
    ],
)
def test_it_goes_on_as_what_it_was(status, kind, goes_on_as):
    campaign = make_campaign(0, status=status, kind=kind)
    pause(campaign=campaign, now=NOW, by=None)
    resume(campaign=campaign, now=NOW, by=None)
    campaign.refresh_from_db()
    assert campaign.status == goes_on_as


@pytest.mark.parametrize("status", [Status.DRAFT, Status.DONE, Status.CANCELLED, Status.PAUSED])
def test_what_is_not_being_sent_cannot_be_paused(status):
    campaign = make_campaign(0, status=status)
    with pytest.raises(Conflict):
        pause(campaign=campaign, now=NOW, by=None)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.DONE, Status.CANCELLED])
def test_what_is_not_being_sent_can_be_neither_resumed_nor_cancelled(status):
    campaign = make_campaign(0, status=status)
    with pytest.raises(Conflict):
        resume(campaign=campaign, now=NOW, by=None)
    with pytest.raises(Conflict):
        cancel(campaign=campaign, now=NOW, by=None)


def test_people_may_send_again_what_is_unclear():
    campaign = make_campaign(0, status=Status.DONE, ended_at=NOW)
    first, second = make_contacts(2)
    make_messages(campaign, [first, second], due_at=NOW)
    Message.objects.filter(contact_id=first).update(state=State.UNCLEAR, attempts=1, error="?")
    Message.objects.filter(contact_id=second).update(state=State.SENT)
    server = Server()

    keys = [(first, 0), (second, 0)]
    assert send_again(campaign=campaign, keys=keys, now=NOW + MINUTE, by=None) == 1
    assert deliver(server, NOW + MINUTE) == 1
    assert server.taken == ["u1@example.com"]
    one = message_of(campaign)
    assert (one.state, one.attempts, one.error) == (State.SENT, 1, "")
    campaign.refresh_from_db()
    assert (campaign.status, campaign.ended_at) == (Status.DONE, NOW + MINUTE)


def test_nothing_is_sent_again_of_a_cancelled_campaign():
    campaign = make_campaign(1, status=Status.CANCELLED)
    Message.objects.update(state=State.UNCLEAR)
    with pytest.raises(Conflict):
        send_again(campaign=campaign, keys=[(message_of(campaign).contact_id, 0)], now=NOW, by=None)


def test_a_campaign_for_a_time_begins_then():
    make_contacts(3)
    at = NOW + timedelta(days=1)
    campaign = make_campaign(0, status=Status.SCHEDULED, kind="at", starts_at=at)
    Message.objects.all().delete()
    server = Server()

    assert next_at(NOW) == at
    assert deliver(server) == 0
    assert deliver(server, at) == 3
    campaign.refresh_from_db()
    assert campaign.status == Status.DONE


def test_one_for_a_time_on_each_clock_begins_when_the_first_clock_shows_it():
    nine_in_warsaw = datetime(2026, 11, 21, 8, tzinfo=UTC)
    make_campaign(
        0,
        status=Status.SCHEDULED,
        kind="at",
        starts_at=nine_in_warsaw,
        is_local=True,
        frozen={"zone": "Europe/Warsaw"},
    )
    assert next_at(NOW) == datetime(2026, 11, 20, 19, tzinfo=UTC)
