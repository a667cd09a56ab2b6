"""The page of the live feed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from events.models import Event, EventType
from events.tests.made import make_contact, make_event, make_type
from events.views.feed import EVENTS_A_PAGE

pytestmark = pytest.mark.django_db

FEED = reverse("event_feed")


def shown(response) -> list[str]:
    return [event.entry.message_id for event in response.context["events"]]


def html_of(client, **asked) -> str:
    return client.get(FEED, asked).content.decode()


def test_the_newest_come_first(client, reader):
    make_event("old", received=30)
    make_event("new", received=10)

    assert shown(client.get(FEED)) == ["new", "old"]


def test_the_feed_of_one_contact_is_found_by_what_they_are_known_by(client, reader):
    make_event("annas", contact="anna")
    make_event("bens", contact="ben")

    assert shown(client.get(FEED, {"who": "anna"})) == ["annas"]
    nobody = client.get(FEED, {"who": "ann"})
    assert shown(nobody) == []
    assert "Nobody is known by this" in nobody.content.decode()
    assert shown(client.get(FEED, {"who": "a\0b"})) == []


def test_a_row_says_who_did_what_when(client, reader):
    make_event(
        attributes={"category": "shoes", "product": {"name": "Boot"}, "paid": True},
        received=7_200,
        occurred=7_200,
    )
    Contact.objects.update(first_name="Anna", last_name="Kowalska")

    html = html_of(client)

    assert "Anna Kowalska</a>" in html
    assert ">Purchase</a>" in html
    for pair in ("<dt>category</dt><dd>shoes</dd>", "<dt>product.name</dt><dd>Boot</dd>"):
        assert pair in html
    assert "received" not in html


def test_a_late_arrival_has_two_times(client, reader):
    make_event(occurred=86_400)

    assert "<span>received <time" in html_of(client)


def test_the_value_stands_out_and_is_not_repeated(client, reader):
    make_type(value_attribute="amount")
    make_event(attributes={"amount": 12.5}, value="12.50")

    html = html_of(client)

    assert '<span class="event-value">amount <b>12.50</b></span>' in html
    assert "<dt>amount</dt>" not in html


def test_many_attributes_are_folded_away(client, reader):
    make_event(attributes={f"a{number:03}": number for number in range(200)})

    html = html_of(client)

    assert "196 more attributes</summary>" in html
    assert html.index("<dt>a003</dt>") < html.index("<details") < html.index("<dt>a004</dt>")
    assert "and 140 more</p>" in html


def test_a_label_stands_for_the_key_and_system_events_are_marked(client, reader):
    make_type("mail_open", label="Mail opened", origin=EventType.Origin.SYSTEM)
    make_event(type_="mail_open")

    html = html_of(client)

    assert "Mail opened <span" in html
    assert '<span class="event-origin">system</span>' in html


def test_a_type_narrows_the_feed(client, reader):
    make_event("bought")
    make_event("opened", type_="MailOpen")

    response = client.get(FEED, {"type": make_type("MailOpen").pk})

    assert shown(response) == ["opened"]
    assert f'<option value="{make_type("MailOpen").pk}" selected>' in response.content.decode()


def test_a_contact_narrows_the_feed_and_can_be_let_go(client, reader):
    make_event("hers")
    make_event("his", contact="jonas")

    response = client.get(FEED, {"contact": make_contact("jonas").pk, "type": make_type().pk})

    assert shown(response) == ["his"]
    html = response.content.decode()
    assert "Only jonas" in html
    assert f'<a href="?type={make_type().pk}">Show everybody</a>' in html
    assert f'name="contact" type="hidden" value="{make_contact("jonas").pk}"' in html


def test_pages_lead_to_the_oldest_and_back(client, reader):
    for number in range(2 * EVENTS_A_PAGE + 5):
        make_event(f"m{number:03}", received=number // 20)
    everything, seen = [], []
    response = client.get(FEED)
    while True:
        seen.append(shown(response))
        everything += seen[-1]
        if not response.context["page"].next:
            break
        response = client.get(FEED, {"after": response.context["page"].next})

    assert len(set(everything)) == len(everything) == 2 * EVENTS_A_PAGE + 5
    back = client.get(FEED, {"before": response.context["page"].previous})
    assert shown(back) == seen[-2]


def test_a_place_keeps_odd_message_ids(client, reader):
    for number in range(EVENTS_A_PAGE + 1):
        make_event(f"ü/?&# '\"{number:02}")

    response = client.get(FEED)
    following = client.get(FEED, {"after": response.context["page"].next})

    assert len(shown(following)) == 1
    assert not set(shown(following)) & set(shown(response))


def test_events_of_the_last_minute_are_counted(client, reader):
    make_event("before")
    Event.objects.update(received_at=timezone.now() - timedelta(seconds=70))
    make_event("now")
    Event.objects.filter(message_id="now").update(received_at=timezone.now())

    assert client.get(FEED).context["last_minute"] == 1


def test_an_empty_feed_leads_those_who_make_keys_to_the_first_event(client, admin):
    html = html_of(client)

    assert "No events yet" in html
    assert 'class="btn btn-primary" href="/events/send"' in html


def test_an_empty_feed_tells_others_who_can(client, reader):
    html = html_of(client)

    assert "Admins connect the programs" in html
    assert "btn-primary" not in html.partition('id="feed"')[2].partition("</section>")[0]


def test_nothing_of_a_kind_leads_back_to_all(client, reader):
    html = html_of(client, type=make_type("Never").pk)

    assert "Nothing of this kind has arrived" in html


def test_the_feed_refreshes_itself_and_can_be_paused(client, reader):
    html = html_of(client)

    assert 'hx-trigger="every 2s" hx-target="#feed"' in html
    assert "data-live-toggle" in html
