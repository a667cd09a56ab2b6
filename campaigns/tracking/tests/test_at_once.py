"""Many requests for the same message at the same moment: one event of each, and no deadlock."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client

from campaigns.tracking.events import Reaction, record_reaction
from campaigns.tracking.links import TrackedLinks
from campaigns.tracking.models import Click
from campaigns.tracking.tests.made import (
    BROWSER,
    SHOP,
    make_campaign,
    make_contact,
    make_message,
    path_of,
    types_of,
)
from campaigns.tracking.unsubscribing import unsubscribe
from contacts.erasure import erase_contacts
from contacts.models import Consent, PendingMark
from events.models import Event
from events.tests.test_concurrency import at_once
from segmentflow.clock import current_time

pytestmark = pytest.mark.django_db(transaction=True)


def test_opening_clicking_and_unsubscribing_at_once_is_one_of_each():
    now = current_time().replace(second=10, microsecond=0)
    key = make_message(make_campaign(), make_contact())
    works = [
        partial(record_reaction, key=key, kind=Reaction.OPEN, now=now),
        partial(record_reaction, key=key, kind=Reaction.CLICK, url=SHOP, now=now),
        partial(unsubscribe, key=key, now=now),
    ]

    at_once(works * 10)

    assert types_of(key.contact_id) == ["MailClick", "MailOpen", "Unsubscribe"]
    assert Click.objects.count() == 1
    assert Consent.objects.filter(subscribed=False).count() == 1
    assert PendingMark.objects.filter(contact_id=key.contact_id).exists()


def test_erasing_in_the_middle_of_it_leaves_nothing():
    now = current_time()
    campaign = make_campaign()
    keys = [make_message(campaign, make_contact(f"u{number}")) for number in range(8)]
    reactions = [
        partial(record_reaction, key=key, kind=kind, now=now, url=SHOP)
        for key in keys
        for kind in Reaction
    ]
    erasing = [partial(erase_contacts, contact_ids=[key.contact_id]) for key in keys]

    at_once([work for pair in zip(reactions, erasing * 2, strict=True) for work in pair])

    assert not Click.objects.exists()
    assert not Event.objects.exists()


def test_a_storm_on_one_link_is_one_row():
    key = make_message(make_campaign(), make_contact())
    address = path_of(TrackedLinks().click(key, SHOP))

    answers = at_once([partial(Client(headers=BROWSER).get, address) for _ in range(200)])

    assert {answer["Location"] for answer in answers} == {SHOP}
    assert Click.objects.count() <= 2  # a minute may end in between
