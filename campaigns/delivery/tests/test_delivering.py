"""What is due is handed over, each once, and what came of it is stored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.channels.handing import Handed, Outcome
from campaigns.channels.models import Suppression
from campaigns.composing import CannotCompose
from campaigns.delivery.lane import trouble_of
from campaigns.delivery.looking import next_at
from campaigns.delivery.retrying import MINUTES, MOST_ATTEMPTS
from campaigns.delivery.settle import deliver_all
from campaigns.delivery.tests.made import (
    ACCEPTED,
    MINUTE,
    NOW,
    Said,
    Server,
    State,
    Status,
    broken,
    composer,
    judge_all,
    make_campaign,
    make_contacts,
    message_of,
    outside,
    states,
)
from campaigns.models import Campaign, Message
from campaigns.reasons import Reason
from campaigns.suppressing import digest_of
from contacts.erasure import erase_contacts
from contacts.merging import merge_contacts
from contacts.models import Contact

pytestmark = pytest.mark.django_db


def deliver(server, now=NOW, **others):
    return deliver_all(now=now, outside=outside(server, **others))


def test_everybody_gets_it_once_and_the_campaign_is_done():
    campaign, server = make_campaign(50), Server()

    assert deliver(server) == 50
    assert deliver(server, NOW + MINUTE) == 0

    assert sorted(server.taken) == sorted(f"u{n}@example.com" for n in range(1, 51))
    campaign.refresh_from_db()
    assert (campaign.status, campaign.ended_at) == (Status.DONE, NOW)
    one = message_of(campaign)
    assert (one.state, one.attempts, one.sent_at) == (State.SENT, 1, NOW)
    assert one.address == "u1@example.com"


def test_nothing_leaves_before_it_is_due():
    make_campaign(due_at=NOW + MINUTE)
    server = Server()

    assert deliver(server) == 0
    assert next_at(NOW) == NOW + MINUTE
    assert deliver(server, NOW + MINUTE) == 3


def test_a_campaign_for_newcomers_stays_live():
    campaign = make_campaign(1, kind=Campaign.Kind.ENTERING, status=Status.LIVE)
    assert deliver(Server()) == 1
    campaign.refresh_from_db()
    assert campaign.status == Status.LIVE
    assert next_at(NOW) is None


def test_who_entered_a_segment_comes_before_the_many():
    make_campaign(30, name="many")
    [late] = make_contacts(1)
    make_campaign(contact_ids=[late], kind=Campaign.Kind.ENTERING, status=Status.LIVE)
    server = Server()
    deliver(server)
    assert server.keys[0].contact_id == late


def test_campaigns_of_a_channel_take_turns():
    first, second = make_campaign(60), make_campaign(60)
    server = Server()
    deliver(server)
    order = [key.campaign_id for key in server.keys]
    assert order.index(second.pk) < 60 < len(order) - order[::-1].index(first.pk)


def test_whoever_may_not_have_it_any_more_is_left_out_with_the_reason():
    campaign, server = make_campaign(2), Server()

    def judge(campaign, contact_ids, now):
        said = judge_all(campaign, contact_ids, now)
        said[min(said)] = Said(Reason.UNSUBSCRIBED, "")
        return said

    assert deliver(server, judge=judge) == 1
    assert server.taken == ["u2@example.com"]
    assert states(campaign) == [State.LEFT_OUT, State.SENT]
    assert message_of(campaign).reason == Reason.UNSUBSCRIBED


def test_in_quiet_hours_it_waits_and_nobody_judges_it_yet():
    campaign, server = make_campaign(2), Server()
    morning = NOW + timedelta(hours=9)

    def allowed_at(campaign, contact_ids, now):
        return dict.fromkeys(contact_ids, max(now, morning))

    def judge(campaign, contact_ids, now):
        assert now >= morning or not contact_ids
        return judge_all(campaign, contact_ids, now)

    assert deliver(server, judge=judge, allowed_at=allowed_at) == 0
    assert states(campaign) == [State.WAITING] * 2
    assert next_at(NOW) == morning
    assert deliver(server, morning, judge=judge, allowed_at=allowed_at) == 2


def test_what_cannot_be_composed_fails_with_the_reason_and_others_go_on():
    campaign, server = make_campaign(3), Server()

    def mixed(campaign, now):
        def compose(claimed):
            _, *rest = composer(campaign, now)(claimed)
            return [CannotCompose("There is no name."), *rest]

        return compose

    deliver(server, composer=mixed)
    assert states(campaign) == [State.FAILED, State.SENT, State.SENT]
    assert message_of(campaign).error == "There is no name."


def test_content_that_is_broken_for_everybody_fails_for_everybody():
    campaign = make_campaign(3)
    deliver(Server(), composer=broken("The template is broken."))
    assert states(campaign) == [State.FAILED] * 3
    campaign.refresh_from_db()
    assert campaign.status == Status.DONE


def test_a_message_that_makes_the_program_fail_does_not_stop_the_others(caplog):
    campaign, server = make_campaign(3), Server()

    def faulty(campaign, now):
        def compose(claimed):
            assert all(one.address != "u2@example.com" for one in claimed)
            return composer(campaign, now)(claimed)

        return compose

    deliver(server, composer=faulty)
    assert states(campaign) == [State.SENT, State.FAILED, State.SENT]
    assert "composing" in caplog.text


def test_a_refusal_is_final_and_a_bad_address_is_suppressed():
    campaign = make_campaign(1)
    said = Handed(Outcome.REFUSED, "No such mailbox.", is_bad_address=True)
    deliver(Server(lambda _: said))
    one = message_of(campaign)
    assert (one.state, one.error) == (State.FAILED, "No such mailbox.")
    kept = Suppression.objects.get(channel="email", digest=digest_of("U1@example.com"))
    assert (kept.why, kept.at) == (Suppression.Why.BOUNCED, NOW)


def test_it_is_tried_again_later_and_later_for_about_a_day_and_then_has_failed():
    campaign, now, waits = make_campaign(1), NOW, []
    server = Server(lambda _: Handed(Outcome.LATER, "The mailbox is full."))
    for _ in range(MOST_ATTEMPTS):
        assert deliver(server, now) == 1
        due_at = message_of(campaign).due_at or now
        waits.append((due_at - now).total_seconds() / 60)
        now = due_at
    for wait, least in zip(waits, MINUTES, strict=False):
        assert least <= wait <= 1.2 * least
    one = message_of(campaign)
    assert (one.state, one.attempts) == (State.FAILED, MOST_ATTEMPTS)
    assert one.error == "The mailbox is full."


def test_it_waits_as_long_as_the_other_side_asks():
    campaign = make_campaign(1)
    deliver(Server(lambda _: Handed(Outcome.LATER, "Slowly.", wait_seconds=7200)))
    assert message_of(campaign).due_at == NOW + timedelta(hours=2)


def test_trouble_that_concerns_everybody_stops_the_channel_and_counts_against_nobody():
    campaign = make_campaign(50)
    down = Handed(Outcome.LATER, "The mail server cannot be reached.", is_everybody=True)
    server = Server(lambda _: down)

    assert deliver(server) == 1
    trouble = trouble_of("email")
    assert (trouble.text, trouble.since) == ("The mail server cannot be reached.", NOW)
    assert states(campaign) == [State.WAITING] * 50
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}

    assert next_at(NOW) == trouble.again_at
    deliver(server, trouble.again_at)
    later = trouble_of("email")
    assert later.since == NOW
    assert later.again_at - trouble.again_at > trouble.again_at - NOW

    server.answer = lambda _: ACCEPTED
    assert deliver(server, later.again_at) == 50
    assert trouble_of("email") is None
    assert len(set(server.taken)) == 50


def test_an_unclear_end_is_never_tried_again_by_itself_and_some_of_them_stop_the_channel():
    campaign = make_campaign(9)
    server = Server(lambda _: Handed(Outcome.UNCLEAR, "The connection broke."))
    deliver(server)
    assert states(campaign).count(State.UNCLEAR) == 3
    assert trouble_of("email").text == "The connection broke."
    server.answer = lambda _: ACCEPTED
    deliver(server, NOW + MINUTE)
    assert states(campaign).count(State.UNCLEAR) == 3
    assert len(server.taken) == 6


def test_a_carrier_that_fails_leaves_it_unclear(caplog):
    campaign = make_campaign(1)

    def fail(message):
        raise RuntimeError("fault")

    deliver(Server(fail))
    assert states(campaign) == [State.UNCLEAR]
    assert "handing over" in caplog.text


def test_a_contact_that_is_erased_in_mid_send_gets_nothing():
    campaign = make_campaign(30)
    ids = list(
        Message.objects.filter(campaign_id=campaign.pk)
        .order_by("contact_id")
        .values_list("contact_id", flat=True)
    )

    def forget(contact_ids):
        Message.objects.filter(contact_id__in=contact_ids).delete()
        erase_contacts(contact_ids=contact_ids)

    def answer(message):
        if message.key.contact_id == ids[3]:
            forget([ids[4], ids[5], ids[25]])
        return ACCEPTED

    server = Server(answer)
    assert deliver(server) == 27
    assert states(campaign) == [State.SENT] * 27
    campaign.refresh_from_db()
    assert campaign.status == Status.DONE


def test_contacts_that_are_merged_in_mid_send_get_it_once():
    campaign = make_campaign(12)
    ids = list(Message.objects.order_by("contact_id").values_list("contact_id", flat=True))
    [other] = make_contacts(1)
    Contact.objects.filter(pk=other).update(email="other@example.com")

    def answer(message):
        if message.key.contact_id == ids[2]:
            # The one that is being handed over, one that is to be, and two that both get one.
            merge_contacts(keep=ids[0], lose=ids[2], now=NOW)
            merge_contacts(keep=other, lose=ids[5], now=NOW)
            merge_contacts(keep=ids[8], lose=ids[7], now=NOW)
        return ACCEPTED

    server = Server(answer)
    deliver(server)
    assert states(campaign) == [State.SENT] * 10
    assert len(set(server.taken)) == len(server.taken) == 11
    assert "other@example.com" in server.taken


def test_texts_with_nul_are_stored_without_it():
    campaign = make_campaign(1)
    deliver(Server(lambda _: Handed(Outcome.REFUSED, "no\0pe", provider_id="x\0")))
    assert message_of(campaign).error == "nope"


@pytest.mark.parametrize("per_second", [1, 50, 400])
def test_the_throttle_keeps_its_rate_over_many_runs(per_second):
    make_campaign(60)
    server, now = Server(), NOW
    while Message.objects.filter(state=State.WAITING).exists():
        deliver(server, now, per_second=lambda _: per_second)
        now = max(now, next_at(now) or now)
    assert len(server.at) == 60
    between = [later - earlier for earlier, later in zip(server.at, server.at[1:], strict=False)]
    assert min(between) >= timedelta(seconds=1 / per_second) - timedelta(microseconds=2)
    # No slower than it has to be.
    assert server.at[-1] - server.at[0] < timedelta(seconds=1.1 * 60 / per_second)
