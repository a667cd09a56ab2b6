"""What a contact did, on the page about the contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from contacts.consents import set_consents
from contacts.decisions import Decision
from contacts.models import Contact
from contacts.profile import losses
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from contacts.standing import Told
from events.models import EventType
from events.profile import EVENTS_A_PAGE, read_events
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.models import User
from segmentflow.roles import MARKETERS
from segmentflow.users import give_role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true", "HX-Target": "timeline"}


@pytest.fixture
def marketer(client):
    user = User.objects.create_user("mia")
    give_role(user=user, role=MARKETERS)
    client.force_login(user)
    return user


@pytest.fixture
def anna():
    upsert_contacts(
        rows=[ContactRow(built_in={"external_id": key}) for key in ("anna", "ola")], now=NOW
    )
    return Contact.objects.get(external_id="anna")


def record(*hours, type_="Purchase", key="anna", **attributes):
    """Events that many hours ago."""
    record_events(
        rows=[
            EventRow(
                contact=ContactRef("external_id", key),
                type=type_,
                occurred_at=NOW - timedelta(hours=hour),
                message_id=f"{type_}-{hour:04}",
                attributes=attributes,
            )
            for hour in hours
        ],
        now=NOW,
    )


def shown(contact, **parameters):
    """The ids of the events of a page, and the page."""
    read = read_events(contact, parameters, NOW)
    return [event.entry.message_id for event in read["events"]], read["page"]


def address(contact):
    return reverse("contact_detail", args=[contact.pk])


def test_events_are_told_newest_first_whatever_their_type(anna):
    record(3, 1)
    record(2, type_="MailOpen")
    record(0, key="ola")

    assert shown(anna)[0] == ["Purchase-0001", "MailOpen-0002", "Purchase-0003"]


def test_events_at_the_same_instant_keep_one_order_over_pages(anna):
    types = [f"T{number:03}" for number in range(EVENTS_A_PAGE + 5)]
    for type_ in types:
        record(1, type_=type_)

    first, page = shown(anna)
    second, _ = shown(anna, after=page.next)

    assert first + second == [f"{type_}-0001" for type_ in reversed(types)]


def test_pages_lead_on_and_back(anna):
    record(*range(EVENTS_A_PAGE * 2 + 1))

    first, page = shown(anna)
    second, page = shown(anna, after=page.next)
    third, last = shown(anna, after=page.next)
    back, _ = shown(anna, before=last.previous)

    assert first[0] == "Purchase-0000"
    assert second[0] == f"Purchase-{EVENTS_A_PAGE:04}"
    assert third == [f"Purchase-{EVENTS_A_PAGE * 2:04}"]
    assert last.next is None
    assert back == second


def test_one_type_can_be_asked_for(client, marketer, anna):
    record(1, 2)
    record(3, type_="MailOpen")
    opened = EventType.objects.get(key="MailOpen")

    page = client.get(address(anna), {"type": opened.pk}).content.decode()

    assert shown(anna, type=str(opened.pk))[0] == ["MailOpen-0003"]
    assert f'href="?type={opened.pk}" aria-current="true"' in page


def test_only_types_that_it_has_are_offered(anna):
    record(1)
    record(1, type_="MailOpen")
    record(1, type_="Cart_add", key="ola")

    offered = [str(type_) for type_ in read_events(anna, {}, NOW)["types"]]

    assert offered == ["MailOpen", "Purchase"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "x"},
        {"type": "9" * 30},
        {"after": "x"},
        {"after": "é"},
        {"before": "W10"},
        {"after": "WyIyMDI2LTExLTIwVDEyOjAwOjAwWiIsIlx1MDAwMCJd"},  # with a NUL
        {"after": "WyIyMDI2LTExLTIwVDEyOjAwOjAwIiwiYSJd"},  # without a time zone
    ],
)
def test_odd_questions_get_the_first_page(anna, parameters):
    record(1)

    assert shown(anna, **parameters)[0] == ["Purchase-0001"]


def test_the_page_tells_values_and_attributes(client, marketer, anna):
    EventType.objects.create(key="Purchase", value_attribute="amount")
    record(1, amount=12.5, items=["shoes", "hats"], shop={"city": "Oslo"}, note="<u>")

    page = client.get(address(anna)).content.decode()

    for said in ("12.5", "shoes, hats", "shop.city", "Oslo", "&lt;u&gt;"):
        assert said in page
    assert "<u>" not in page


def test_a_contact_without_events_says_so(client, marketer, anna):
    assert b"No events yet" in client.get(address(anna)).content


def test_htmx_gets_the_timeline_alone(client, marketer, anna):
    record(1)

    part = client.get(address(anna), headers=HTMX).content

    assert b'<section id="timeline"' in part
    assert b"Purchase" in part
    assert b'id="details"' not in part


def test_who_may_not_see_events_does_not(client, marketer, anna):
    record(1)
    marketer.groups.get().permissions.remove(
        *marketer.groups.get().permissions.filter(codename="view_event")
    )

    whole = client.get(address(anna)).content
    part = client.get(address(anna), headers=HTMX).content

    assert b"Purchase" not in whole + part
    assert b'id="timeline"' not in whole + part


def test_erasing_names_how_many_events_go(anna):
    assert losses(anna) == []
    record(1, 2)

    assert losses(anna) == ["2 events"]


def test_more_events_cost_the_same(anna, django_assert_num_queries):
    record(*range(10))
    record(*range(10), type_="MailOpen")
    with django_assert_num_queries(3):
        shown(anna)
    record(*range(10, 40))

    with django_assert_num_queries(3):
        shown(anna)


def read_so_far():
    """How often all events were read, and how many entries of the index."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                pg_stat_get_xact_numscans('events_event'::regclass),
                pg_stat_get_xact_tuples_returned('event_by_contact'::regclass)
            """
        )
        return cursor.fetchone()


@pytest.mark.plain_server("what is read is counted on each worker")
def test_a_long_timeline_is_read_by_the_index(anna):
    record(0)
    record(0, type_="MailOpen")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_event (contact_id, message_id, type_id, occurred_at)
            SELECT
                CASE WHEN n <= 20000 THEN %s ELSE -(n / 100) END,
                'm' || n,
                (SELECT id FROM events_eventtype ORDER BY id OFFSET n %% 2 LIMIT 1),
                %s - n * interval '1 hour'
            FROM generate_series(1, 40000) AS n
            """,
            [anna.pk, NOW],
        )
        cursor.execute("ANALYZE events_event")
    scans, entries = read_so_far()

    assert len(shown(anna)[0]) == EVENTS_A_PAGE

    after = read_so_far()
    assert after[0] == scans
    assert 2 * EVENTS_A_PAGE < after[1] - entries < 3 * EVENTS_A_PAGE


def decide(contact, hour, *, subscribed=True, channel="email"):
    told = Decision(channel, subscribed=subscribed, source="Form", at=NOW - timedelta(hours=hour))
    set_consents(decisions=[(contact.pk, told)], now=NOW)


def names(contact, **parameters):
    read = read_events(contact, parameters, NOW)
    found = [one.words if isinstance(one, Told) else one.entry.message_id for one in read["events"]]
    return found, read["page"]


def test_decisions_about_consents_stand_among_the_events(anna):
    record(1, 3)
    decide(anna, 2)
    decide(anna, 0, subscribed=False)

    found, _ = names(anna)

    assert found == [
        "Email unsubscribed",
        "Purchase-0001",
        "Email subscribed",
        "Purchase-0003",
    ]


def test_decisions_can_be_seen_alone_and_are_left_out_of_a_type(client, marketer, anna):
    record(1)
    decide(anna, 2)
    [type_] = EventType.objects.all()

    assert names(anna, type="consents")[0] == ["Email subscribed"]
    assert names(anna, type=str(type_.pk))[0] == ["Purchase-0001"]
    page = client.get(address(anna)).content.decode()
    assert "type=consents" in page


def test_where_nobody_decided_anything_there_is_no_such_choice(client, marketer, anna):
    record(1)

    assert b"type=consents" not in client.get(address(anna)).content
    assert names(anna, type="consents")[0] == ["Purchase-0001"]


def test_pages_of_events_and_decisions_miss_none_and_repeat_none(anna):
    record(*range(0, 90, 2))
    for hour in range(90):
        decide(anna, hour, subscribed=hour % 3 == 0)
        decide(anna, hour, channel="sms")

    first, page = names(anna)
    seen = [*first]
    while page.next:
        found, page = names(anna, after=page.next)
        seen += found
    expected = 45 + 90 + 90
    assert len(seen) == expected
    back = [*found]
    while page.previous:
        found, page = names(anna, before=page.previous)
        back = [*found, *back]
    # The first page is always whole, so that the second may repeat some of it.
    assert back[-expected + EVENTS_A_PAGE :] == seen[EVENTS_A_PAGE:]
    assert names(anna)[0] == first
