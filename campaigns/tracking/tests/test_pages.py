"""The addresses in messages: they need no account, no cookies, and cannot be turned into others."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import OperationalError, connection
from django.test import Client

from campaigns.keys import MessageKey
from campaigns.tracking.links import TrackedLinks
from campaigns.tracking.models import Click
from campaigns.tracking.tests.made import (
    BROWSER,
    SHOP,
    events_of,
    make_campaign,
    make_contact,
    make_message,
    message_of,
    path_of,
    types_of,
)
from campaigns.tracking.tokens import Kind, sign
from contacts.consents import consents_of
from contacts.erasure import erase_contacts
from contacts.models import Consent
from segmentflow.clock import current_time
from segments.tests.made import queries_of

pytestmark = pytest.mark.django_db

LINKS = TrackedLinks()
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def strict():
    """A browser whose forms are checked as they are outside of tests."""
    return Client(enforce_csrf_checks=True, headers=BROWSER)


@pytest.fixture
def message():
    return make_message(make_campaign(), make_contact())


def pixel(key):
    return path_of(LINKS.pixel(key))


def click(key, url=SHOP):
    return path_of(LINKS.click(key, url))


def leaving(key):
    return path_of(LINKS.unsubscribe(key))


def one_click(key):
    return path_of(LINKS.one_click(key))


def choices(key):
    return f"{leaving(key)}/choices"


def is_subscribed(key, channel="email"):
    return consents_of([key.contact_id])[key.contact_id][channel].subscribed


def decisions():
    return Consent.objects.filter(subscribed=False).count()


def test_the_picture_is_a_picture_that_nobody_keeps(strict, message):
    response = strict.get(pixel(message))

    assert response.status_code == 200
    assert response["Content-Type"] == "image/gif"
    assert response.content.startswith(b"GIF89a")
    assert len(response.content) < 50
    assert "no-store" in response["Cache-Control"]
    assert types_of(message.contact_id) == ["MailOpen"]


def test_a_link_leads_to_where_the_message_said(strict, message):
    response = strict.get(click(message))

    assert (response.status_code, response["Location"]) == (302, SHOP)
    assert types_of(message.contact_id) == ["MailClick", "MailOpen"]


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/ünïcode?q=ł&x=%20",
        "https://shop.example/" + "long" * 1_000,
        "http://shop.example/a b\r\nSet-Cookie: x=1",
        "HTTPS://SHOP.EXAMPLE/?u=https://evil.example&a=1#b",
    ],
)
def test_any_address_of_the_web_survives_the_way(strict, message, url):
    response = strict.get(click(message, url))

    assert response.status_code == 302
    assert "\n" not in response["Location"]
    assert Click.objects.get().url == url
    assert not response.cookies


@pytest.mark.parametrize("url", ["mailto:a@shop.example", "tel:+48123", "#top", "javascript:x()"])
def test_what_is_no_address_of_the_web_stays_as_it_is(message, url):
    assert LINKS.click(message, url) == url


def test_our_own_addresses_are_not_wrapped_again(message):
    assert LINKS.click(message, LINKS.unsubscribe(message)) == LINKS.unsubscribe(message)


@pytest.mark.parametrize(
    "evil",
    ["https://evil.example/", f"{SHOP}.evil.example", SHOP[:-1], f"{SHOP}&u=x", "//evil.example"],
)
def test_a_link_cannot_be_turned_elsewhere(strict, message, evil):
    token = click(message).split("?")[0]

    for address in (
        f"{token}?u={quote(evil, safe='')}",
        f"{click(message)}&u={quote(evil, safe='')}",
        f"{token}?U={quote(SHOP, safe='')}",
        token,
    ):
        response = strict.get(address)
        assert response.status_code == 404
        assert "Location" not in response
    assert not Click.objects.exists()


def test_tokens_are_good_for_what_they_were_made_for(strict, message):
    opening, leave = sign(Kind.OPEN, message), sign(Kind.UNSUBSCRIBE, message)

    assert strict.get(f"/m/o/{leave}.gif").status_code == 404
    assert strict.post(f"/m/u/{opening}").status_code == 404
    assert strict.post(f"/m/u/{opening}/now", ONE_CLICK).status_code == 404
    assert strict.get(f"/m/u/{opening}/choices").status_code == 404
    assert strict.get(f"/m/c/{leave}?u={quote(SHOP)}").status_code == 404
    assert is_subscribed(message)


def test_whatever_is_wrong_with_a_token_the_page_is_the_same(strict, message):
    token = sign(Kind.UNSUBSCRIBE, message)
    wrong = [token[:-1], token[1:], token + "A", "x", "%00", "ż" * 20, "A" * 3_000]

    pages = [strict.get(f"/m/u/{one}") for one in wrong]

    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert "This link does not work" in pages[0].content.decode()


def test_nothing_sets_or_needs_a_cookie(strict, message):
    for address in (pixel(message), click(message), leaving(message), choices(message)):
        response = strict.get(address)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "noindex" in response["X-Robots-Tag"]


def test_looking_at_pages_changes_nothing(strict, message):
    for address in (leaving(message), one_click(message), choices(message)):
        assert strict.get(address).status_code == 200
        assert strict.head(address).status_code == 200
    assert is_subscribed(message)
    assert events_of(message.contact_id) == []


def test_only_asking_for_headers_leads_on_and_counts_nothing(strict, message):
    assert strict.head(pixel(message)).status_code == 200
    assert strict.head(click(message))["Location"] == SHOP

    assert events_of(message.contact_id) == []
    assert not Click.objects.get().is_counted


def test_scanners_are_led_on_and_count_nothing(strict, message):
    agents = ["Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "curl/8.11.0", ""]
    for agent in agents:
        response = strict.get(click(message), headers={"user-agent": agent})
        assert response["Location"] == SHOP
        strict.get(pixel(message), headers={"user-agent": agent})
    strict.get(click(message), headers={"sec-purpose": "prefetch"})
    strict.get(pixel(message), headers={"user-agent": "Mozilla/5.0"})

    assert events_of(message.contact_id) == []
    assert [one.is_counted for one in Click.objects.all()] == [False]


def test_unsubscribing_withdraws_the_consent_and_is_an_event(strict, message):
    page = strict.get(leaving(message)).content.decode()
    assert "a…@example.com" in page
    assert "anna@" not in page

    response = strict.post(leaving(message))

    assert "You are unsubscribed" in response.content.decode()
    assert not is_subscribed(message)
    [event] = events_of(message.contact_id)
    assert event.type.key == "Unsubscribe"
    assert event.attributes == {
        "campaign": "Spring sale",
        "campaign_id": message.campaign_id,
        "channel": "email",
    }
    assert message_of(message).unsubscribed_at is not None


def test_unsubscribing_twice_in_every_way_is_one_decision_and_one_event(strict, message):
    for _ in range(2):
        assert strict.post(leaving(message)).status_code == 200
        assert strict.post(one_click(message), ONE_CLICK).status_code == 200
        assert strict.post(choices(message), {"shown": ["email"]}).status_code == 200

    assert decisions() == 1
    assert types_of(message.contact_id) == ["Unsubscribe"]
    assert "You are unsubscribed" in strict.get(leaving(message)).content.decode()


def test_mail_programs_unsubscribe_with_one_request(strict, message):
    response = strict.post(one_click(message), ONE_CLICK)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert not is_subscribed(message)


def test_as_rfc_8058_writes_it_without_several_parts_too(strict, message):
    response = strict.post(
        one_click(message),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code == 200
    assert not is_subscribed(message)


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "one"}, {"x": "One-Click"}])
def test_another_request_does_not_unsubscribe(strict, message, body):
    response = strict.post(one_click(message), body)

    assert response.status_code == 400
    assert is_subscribed(message)


def test_who_subscribes_again_can_unsubscribe_again(strict, message):
    strict.post(leaving(message))

    page = strict.post(choices(message), {"shown": ["email"], "wanted": ["email"]})
    assert "Your choices are saved" in page.content.decode()
    assert is_subscribed(message)
    strict.post(leaving(message))

    assert not is_subscribed(message)
    assert decisions() == 2
    assert types_of(message.contact_id) == ["Unsubscribe", "Unsubscribe"]


def test_choices_are_kept_for_each_channel(strict):
    contact = make_contact(phone="+48601602603")
    key = make_message(make_campaign(), contact)

    page = strict.get(choices(key)).content.decode()
    assert "Emails" in page
    assert "…603" in page
    assert "Push" not in page

    strict.post(choices(key), {"shown": ["email", "sms"], "wanted": ["sms"]})

    assert not is_subscribed(key)
    assert is_subscribed(key, "sms")
    sources = set(Consent.objects.values_list("channel", "source"))
    assert ("sms", "Preferences page") in sources


def test_what_was_not_shown_and_what_does_not_exist_stays(strict, message):
    strict.post(choices(message), {"wanted": ["post", "\0"], "shown": ["post", "x" * 999]})

    assert is_subscribed(message)
    assert events_of(message.contact_id) == []


def test_a_text_message_is_unsubscribed_from_text_messages(strict):
    key = make_message(make_campaign("sms"), make_contact(consent="sms", phone="+48601602603"))

    assert "text messages" in strict.get(leaving(key)).content.decode()
    strict.post(leaving(key))

    assert not is_subscribed(key, "sms")
    assert "email" not in consents_of([key.contact_id])[key.contact_id]


def test_unsubscribing_holds_whatever_the_clocks_said_before(strict, message):
    Consent.objects.update(at=current_time() + timedelta(seconds=30))

    strict.post(leaving(message))

    assert not is_subscribed(message)


def test_who_was_erased_is_told_so_and_links_lead_on(strict, message):
    erase_contacts(contact_ids=[message.contact_id])

    for response in (
        strict.get(leaving(message)),
        strict.post(leaving(message)),
        strict.get(choices(message)),
        strict.post(choices(message), {"shown": ["email"], "wanted": ["email"]}),
    ):
        assert response.status_code == 200
        assert "nothing will be sent to you" in response.content.decode()
    assert strict.post(one_click(message), ONE_CLICK).status_code == 200
    assert strict.get(click(message))["Location"] == SHOP
    assert strict.get(pixel(message)).status_code == 200
    assert not Consent.objects.exists()


def test_links_of_tests_work_and_change_nothing(strict):
    assert strict.get(pixel(None)).status_code == 200
    assert strict.get(click(None))["Location"] == SHOP
    for response in (strict.get(leaving(None)), strict.post(leaving(None))):
        assert "link of a test" in response.content.decode()
    assert strict.post(one_click(None), ONE_CLICK).status_code == 200
    assert strict.post(choices(None), {"shown": ["email"]}).status_code == 200
    assert not Consent.objects.exists()
    assert not Click.objects.exists()


def test_unsubscribing_works_when_the_campaign_is_gone(strict):
    contact = make_contact()
    key = MessageKey(contact.pk, 4_711, 0)

    strict.post(one_click(key), ONE_CLICK)

    assert not is_subscribed(key)


def test_links_lead_on_while_the_database_is_away(strict, message):
    address = click(message)

    def broken(execute, sql, params, many, context):
        raise OperationalError("the database is away")

    with connection.execute_wrapper(broken):
        assert strict.get(address)["Location"] == SHOP


def test_repetitions_look_and_write_nothing(strict, message):
    strict.get(click(message))
    strict.get(pixel(message))

    assert queries_of(lambda: strict.get(click(message))) <= 2
    assert queries_of(lambda: strict.get(pixel(message))) <= 2
