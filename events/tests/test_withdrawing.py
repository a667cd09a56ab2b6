"""Who unsubscribes by an event is not reached any more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contacts.consents import consents_of, set_consents
from contacts.decisions import Decision
from contacts.models import Channel, Consent, Contact
from contacts.tests.made import NOW, make_contact, queries_of
from events.rows import ContactRef, EventRow
from events.services import record_events

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def unsubscribe(*, at=NOW, message_id="m1", now=NOW, type_="Unsubscribe", **attributes):
    ref = ContactRef("external_id", "u1")
    record_events(rows=[EventRow(ref, type_, at, message_id, attributes)], now=now)


@pytest.fixture
def anna():
    """Subscribed to everything an hour ago."""
    contact = make_contact()
    decided = [
        (contact.pk, Decision(one.value, subscribed=True, source="Form", at=NOW - HOUR))
        for one in Channel
    ]
    set_consents(decisions=decided, now=NOW)
    return contact


def reached(contact):
    return {name for name, one in consents_of([contact.pk])[contact.pk].items() if one.subscribed}


@pytest.mark.parametrize(
    ("attributes", "left"),
    [
        ({}, {"sms", "push"}),
        ({"channel": None}, {"sms", "push"}),
        ({"channel": " "}, {"sms", "push"}),
        ({"channel": 7}, {"sms", "push"}),
        ({"channel": "email"}, {"sms", "push"}),
        ({"channel": "SMS"}, {"email", "push"}),
        ({"channel": "push"}, {"email", "sms"}),
        ({"channel": "all"}, set()),
        ({"channel": "post"}, {"email", "sms", "push"}),
    ],
)
def test_an_unsubscribe_withdraws_the_consent_for_its_channel(anna, attributes, left):
    unsubscribe(**attributes)

    assert reached(anna) == left


def test_it_says_when_and_by_what(anna):
    unsubscribe(at=NOW - timedelta(minutes=5))

    held = consents_of([anna.pk])[anna.pk]["email"]
    assert (held.at, held.source) == (NOW - timedelta(minutes=5), "Unsubscribe event")


def test_a_late_one_changes_nothing_for_who_has_subscribed_since(anna):
    unsubscribe(at=NOW - 2 * HOUR)

    assert reached(anna) == {"email", "sms", "push"}
    assert Consent.objects.filter(contact=anna, subscribed=False).count() == 1


def test_the_same_event_again_is_no_second_decision(anna):
    for _ in range(2):
        unsubscribe(at=NOW)

    assert Consent.objects.filter(contact=anna, subscribed=False).count() == 1


def test_a_message_that_comes_again_after_a_new_consent_withdraws_nothing(anna):
    unsubscribe(at=NOW)
    later = NOW + HOUR
    set_consents(
        decisions=[(anna.pk, Decision("email", subscribed=True, source="Form", at=later))],
        now=later,
    )

    unsubscribe(at=NOW, now=NOW + 2 * HOUR)

    assert "email" in reached(anna)


def test_one_from_the_future_counts_at_once(anna):
    unsubscribe(at=NOW + HOUR)

    assert reached(anna) == {"sms", "push"}


def test_whoever_was_unknown_is_unsubscribed_as_well():
    unsubscribe()

    assert reached(Contact.objects.get()) == set()


def test_other_events_cost_nothing():
    make_contact()
    unsubscribe(type_="Purchase", message_id="m0")
    unsubscribe(message_id="m00")
    few = queries_of(lambda: unsubscribe(type_="Purchase", message_id="m1"))

    assert queries_of(lambda: unsubscribe(message_id="m2")) == few + 1
