"""Who enters a segment gets the message of the campaigns that wait for newcomers, in time and once."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.delivery.entering import follow_flips
from campaigns.delivery.starting import start
from campaigns.delivery.times import next_allowed, zone_of
from campaigns.models import Campaign, Message, SendingRules
from campaigns.rules import current_rules
from campaigns.tests.made import NOW, make_campaign, make_list, reached
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segments.engine.settle import settle
from segments.engine.store import Flip
from segments.models import Transition
from segments.services import update_segment
from segments.tests.made import GOLD, in_segment, make_field, make_segment

pytestmark = pytest.mark.django_db
STATE, STATUS = Message.State, Campaign.Status
WAITING, LEFT = (STATE.WAITING, ""), (STATE.CANCELLED, "left")
BUYERS = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "event", "event": "Purchase", "operator": "at_least", "value": 1}],
}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def gold():
    make_field("tier")
    segment = make_segment("gold", GOLD)
    settle(now=NOW)
    return segment


def begun(*segments, **values):
    campaign = make_campaign(*segments, kind="entering", **values)
    start(campaign=campaign, now=NOW, by=None)
    return campaign


def turn(*names, tier="Gold", now=NOW):
    """Give contacts a tier, and have segments follow."""
    upsert_contacts(
        rows=[
            ContactRow(built_in={"external_id": name}, attributes={"tier": tier}) for name in names
        ],
        now=now,
    )
    settle(now=now)


def buy(name, *, amount=10, at=NOW):
    record_events(
        rows=[
            EventRow(
                contact=ContactRef("external_id", name),
                type="Purchase",
                occurred_at=at,
                message_id=f"{name} {amount} {at}",
                attributes={"amount": amount},
            )
        ],
        now=NOW,
    )
    settle(now=NOW)


def test_who_enters_gets_a_message_and_who_was_there_before_does_not(gold):
    turn("old")
    campaign = begun(gold, delay_minutes=5)
    other = begun(make_list("others"))

    turn("new", "too")

    assert reached(campaign) == {"new": WAITING, "too": WAITING}
    assert reached(other) == {}
    entered = Transition.objects.get(contact__external_id="new", entered=True)
    message = Message.objects.get(contact__external_id="new")
    assert (message.occasion, message.due_at) == (entered.seq, NOW + 5 * MINUTE)
    assert message.context is None


@pytest.mark.parametrize("is_its_own", [True, False])
def test_who_is_moved_by_another_definition_did_nothing_and_gets_nothing(gold, is_its_own):
    """Also where the definition is that of a segment that the campaign's refers to."""
    other = make_segment("all-gold", in_segment("gold"))
    turn("gold")
    turn("silver", tier="Silver")
    campaign = begun(gold if is_its_own else other)

    silver = {"kind": "field", "field": "tier", "operator": "equals", "value": "Silver"}
    definition = {"kind": "group", "match": "all", "children": [silver]}
    update_segment(segment=gold, definition=definition, author=None, now=NOW)
    settle(now=NOW)
    turn("late", tier="Silver")

    assert set(other.memberships.values_list("contact__external_id", flat=True)) == {
        "silver",
        "late",
    }
    assert reached(campaign) == {"late": WAITING}


def test_the_event_that_brought_somebody_in_is_at_hand():
    EventType.objects.create(key="Purchase")
    segment = make_segment("buyers", BUYERS)
    settle(now=NOW)
    campaign = begun(segment)

    buy("ann", amount=42, at=NOW - DAY)

    assert reached(campaign) == {"ann": WAITING}
    assert Message.objects.get().context == {
        "type": "Purchase",
        "occurred_at": "2026-11-19T12:00:00+00:00",
        "attributes": {"amount": 42},
    }


def test_who_leaves_before_it_was_sent_gets_nothing(gold):
    campaign = begun(gold, delay_minutes=60)
    turn("ann", "bob")
    Message.objects.filter(contact__external_id="bob").update(state=STATE.SENT, sent_at=NOW)

    turn("ann", "bob", tier="Silver", now=NOW + MINUTE)

    assert reached(campaign) == {"ann": LEFT, "bob": (STATE.SENT, "")}


def test_who_left_too_early_gets_it_when_coming_back(gold):
    campaign = begun(gold, delay_minutes=60)
    turn("ann")
    turn("ann", tier="Silver", now=NOW + MINUTE)

    turn("ann", now=NOW + 2 * MINUTE)

    assert reached(campaign) == {"ann": WAITING}
    assert Message.objects.count() == 2


def test_who_is_still_in_another_of_its_segments_has_not_left(gold):
    everybody = {"kind": "group", "match": "all", "children": [{"kind": "everyone"}]}
    everyone = make_segment("everyone", everybody)
    settle(now=NOW)
    campaign = begun(gold, everyone, delay_minutes=60)
    turn("ann")
    assert Message.objects.count() == 1  # she entered both

    turn("ann", tier="Silver", now=NOW + MINUTE)

    assert reached(campaign) == {"ann": WAITING}


@pytest.mark.parametrize(
    ("again_days", "days_later", "messages"), [(None, 400, 1), (30, 29, 1), (30, 31, 2)]
)
def test_it_comes_once_ever_or_once_in_so_many_days(gold, again_days, days_later, messages):
    begun(gold, again_days=again_days)
    turn("ann")
    Message.objects.update(state=STATE.SENT, sent_at=NOW)
    turn("ann", tier="Silver", now=NOW + DAY)

    turn("ann", now=NOW + days_later * DAY)

    assert Message.objects.count() == messages


def test_who_comes_and_goes_for_ever_leaves_no_more_than_some_traces(gold):
    turn("ann", tier="Silver")
    campaign, contact = begun(gold, holdout_percent=99), Contact.objects.get()
    Message.objects.create(
        contact=contact, campaign=campaign, occasion=1, state=STATE.FAILED, sent_at=NOW
    )

    for seq in range(2, 60):
        follow_flips([Flip(contact.pk, gold.pk, seq, entered=True, cause={"kind": "created"})], NOW)
        ended = STATE.LEFT_OUT if seq % 2 else STATE.CANCELLED
        Message.objects.filter(state=STATE.WAITING).update(state=ended, reason="held_out")

    found = list(Message.objects.order_by("occasion").values_list("occasion", flat=True))
    assert found == [1, *range(50, 60)]


def test_a_paused_campaign_takes_nobody_in_and_lets_people_out(gold):
    campaign = begun(gold, delay_minutes=60)
    turn("ann")
    Campaign.objects.update(status=STATUS.PAUSED)

    turn("bob")
    turn("ann", tier="Silver")

    assert reached(campaign) == {"ann": LEFT}


@pytest.mark.parametrize("status", ["draft", "cancelled", "done"])
def test_a_campaign_that_is_not_live_takes_nobody_in(gold, status):
    campaign = begun(gold)
    Campaign.objects.update(status=status)

    turn("ann")

    assert reached(campaign) == {}


def test_what_falls_into_quiet_hours_waits_for_their_end(gold):
    SendingRules.objects.create(quiet_from=time(21), quiet_to=time(8))
    names = {"kathmandu": "Asia/Kathmandu", "lost": "Atlantis", "la": "america/los_angeles"}
    for name, zone in names.items():
        upsert_contacts(
            rows=[ContactRow(built_in={"external_id": name, "timezone": zone})], now=NOW
        )
    begun(gold, delay_minutes=240)
    begun(gold, delay_minutes=240, ignores_quiet_hours=True)

    turn(*names)

    at = NOW + timedelta(hours=4)
    for name, zone in names.items():
        strict, loose = Message.objects.filter(contact__external_id=name).order_by("campaign_id")
        there = zone_of(zone, ZoneInfo("UTC"))
        assert strict.due_at == next_allowed(at=at, zone=there, rules=current_rules())
        assert loose.due_at == at


def statements(number, segment):
    moved = [Flip(n, segment.pk, n, n % 2 == 0, {"kind": "created"}) for n in range(1, number + 1)]
    with CaptureQueriesContext(connection) as seen:
        follow_flips(moved, NOW)
    return len(seen)


@pytest.mark.plain_server("copies are made for it, by statements of their own")
def test_however_many_move_it_takes_two_statements_and_one_when_nothing_is_live(gold):
    assert statements(100, gold) == 1

    begun(gold)
    begun(gold, delay_minutes=5)

    assert statements(1, gold) == 2
    assert statements(1_000, gold) == 2
