"""Short addresses in text messages: unique whoever makes them, and followed like any other."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client

from campaigns.keys import MessageKey
from campaigns.tracking.links import TrackedLinks
from campaigns.tracking.models import Click, ShortLink
from campaigns.tracking.short import short_links
from campaigns.tracking.tests.made import (
    BROWSER,
    SHOP,
    events_of,
    make_campaign,
    make_contact,
    make_message,
    message_of,
    path_of,
)
from campaigns.tracking.types import register_sorts, sorts_of
from segmentflow.clock import current_time
from segments.engine.settle import settle
from segments.models import Membership
from segments.tests.made import make_segment, queries_of

pytestmark = pytest.mark.django_db

KEY = MessageKey(1, 2, 0)
WHO_CLICKED = {
    "kind": "group",
    "match": "all",
    "children": [
        {
            "kind": "event",
            "event": "SmsClick",
            "operator": "at_least",
            "value": 1,
            "window": {"kind": "last", "amount": 30, "unit": "day"},
        }
    ],
}


@pytest.fixture
def message():
    contact = make_contact(consent="sms", phone="+48600700800")
    return make_message(make_campaign("sms"), contact, address="+48600700800")


def short(key, url=SHOP):
    return path_of(TrackedLinks().short([(key, url)])[key, url])


def test_following_it_leads_on_and_moves_the_contact_into_the_segment(client, message):
    client.defaults["HTTP_USER_AGENT"] = BROWSER["user-agent"]
    register_sorts(sorts_of("sms"))
    make_segment("clicked", WHO_CLICKED)
    settle(now=current_time())

    answer = client.get(short(message))
    settle(now=current_time())

    assert (answer.status_code, answer["Location"]) == (302, SHOP)
    assert "sessionid" not in answer.cookies
    [event] = events_of(message.contact_id)
    assert (event.type.key, event.type.origin) == ("SmsClick", "system")
    assert event.attributes["url"] == SHOP
    assert message_of(message).clicked_at is not None
    assert Membership.objects.get().contact_id == message.contact_id


@pytest.mark.parametrize("agent", ["WhatsApp/2.23", "Twitterbot/1.0", "", "curl/8"])
def test_programs_that_look_at_it_are_led_on_and_do_not_count(message, agent):
    answer = Client(headers={"user-agent": agent}).get(short(message))
    assert answer.status_code == 302
    assert events_of(message.contact_id) == []
    assert not Click.objects.filter(is_counted=True).exists()


def test_what_only_asks_for_headers_does_not_count(message):
    assert Client(headers=BROWSER).head(short(message)).status_code == 302
    assert events_of(message.contact_id) == []


@pytest.mark.parametrize("code", ["123456789", "0OIl00000", "x" * 400, "%00%00%00%00", "ääääääääß"])
def test_a_code_that_nobody_made_leads_to_a_page_that_says_so(client, code):
    answer = client.get(f"/s/{code}")
    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()


def test_our_own_pages_are_led_to_and_not_counted(message):
    leaving = TrackedLinks().unsubscribe(message)
    answer = Client(headers=BROWSER).get(short(message, leaving))
    assert answer["Location"] == leaving
    assert not Click.objects.exists()


def test_tests_and_what_is_no_web_address_stay_as_they_are():
    pairs = [(None, SHOP), (KEY, "tel:+48600700800"), (KEY, "")]
    assert TrackedLinks().short(pairs) == {pair: pair[1] for pair in pairs}
    assert not ShortLink.objects.exists()


def test_it_is_short_unambiguous_and_the_same_each_time():
    first = short_links(pairs=[(KEY, SHOP)], base="https://go.example")
    [address] = first.values()
    assert re.fullmatch(r"https://go\.example/s/[1-9A-HJ-NP-Za-km-z]{9}", address)
    assert short_links(pairs=[(KEY, SHOP)], base="https://go.example") == first
    assert short_links(pairs=[]) == {}


def test_many_are_made_in_one_statement_however_long_they_are():
    long = [f"https://shop.example/?{number}&{'x%C5%BC' * 2_000}" for number in range(3)]
    pairs = [(MessageKey(n, 2, n % 2), url) for n in range(300) for url in (SHOP, *long)]
    made: dict = {}
    assert queries_of(lambda: made.update(short_links(pairs=pairs))) == 1
    assert len(set(made.values())) == len(pairs) == 1_200


def test_a_code_that_is_taken_is_drawn_again(monkeypatch):
    drawn = iter(["A" * 9, "A" * 9, "B" * 9])
    monkeypatch.setattr("campaigns.tracking.short.new_code", lambda: next(drawn))
    short_links(pairs=[(KEY, SHOP)])
    [other] = short_links(pairs=[(KEY, "https://x.example/")]).values()
    assert other.endswith("B" * 9)


@pytest.mark.django_db(transaction=True)
def test_workers_that_make_the_same_ones_at_once_agree():
    pairs = [(MessageKey(n, 2, 0), SHOP) for n in range(400)]
    made, begin = [], threading.Barrier(4)

    def work(rows):
        begin.wait()
        made.append(short_links(pairs=rows))
        connections.close_all()

    threads = [threading.Thread(target=work, args=[pairs[n:] + pairs[:n]]) for n in (0, 9, 99, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [made[0]] * 4
    assert len(set(made[0].values())) == ShortLink.objects.count() == 400


def test_a_click_within_the_minute_is_the_same_click(message):
    for _ in range(3):
        Client(headers=BROWSER).get(short(message))
    assert len(events_of(message.contact_id)) == 1
    assert message_of(message).sent_at < current_time() - timedelta(minutes=1)
