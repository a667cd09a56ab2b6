"""The list of campaigns: what a row says, and finding the one that is wanted."""

from __future__ import annotations

import pytest
from django.urls import reverse

from campaigns.models import Campaign, Message
from campaigns.services import set_targets
from campaigns.tests.pages import make_campaign
from campaigns.views.listing import CAMPAIGNS_A_PAGE
from segments.tests.made import NOW, make_contact, make_segment, queries_of

pytestmark = pytest.mark.django_db

LIST = reverse("campaign_list")


def send(campaign, count, **values):
    for _ in range(count):
        Message.objects.create(
            campaign=campaign,
            contact=make_contact(),
            state=Message.State.SENT,
            sent_at=NOW,
            **values,
        )


def names(client, **asked):
    return [row.campaign.name for row in client.get(LIST, asked).context["rows"]]


def test_a_row_says_what_it_is_for_and_what_became_of_it(client, marketer):
    vips, buyers = make_segment("vips"), make_segment("buyers")
    campaign = make_campaign("Spring", vips)
    set_targets(
        campaign=campaign, revision=0, include=["vips"], exclude=["buyers"], by=None, now=NOW
    )
    Campaign.objects.update(status="done")
    send(campaign, 3)
    send(campaign, 1, opened_at=NOW, clicked_at=NOW)

    [row] = client.get(LIST).context["rows"]
    page = client.get(LIST).content.decode()

    assert [target.segment for target in row.included] == [vips]
    assert [target.segment for target in row.excluded] == [buyers]
    numbers = row.numbers
    assert (numbers.sent, numbers.opened, numbers.clicked, numbers.unsubscribed) == (4, 1, 1, 0)
    assert "25.0 %" in page
    assert "Sent" in page


def test_numbers_follow_every_message_that_changes_or_goes(client, marketer):
    campaign = make_campaign(status="done")
    send(campaign, 2)
    Message.objects.filter(pk=Message.objects.first().pk).update(unsubscribed_at=NOW)
    Message.objects.filter(unsubscribed_at=None).delete()
    Message.objects.update(opened_at=NOW)

    [row] = client.get(LIST).context["rows"]

    assert (row.numbers.sent, row.numbers.opened, row.numbers.unsubscribed) == (1, 1, 1)


@pytest.mark.parametrize("search", ["spri", "SPRING", "inactive"])
def test_a_search_finds_names_and_segments_in_any_case(client, marketer, search):
    make_campaign("Spring", make_segment("sleepy", name="Inactive VIPs"))
    make_campaign("Other")

    assert names(client, q=search) == ["Spring"]


@pytest.mark.parametrize("search", ["%", "_", "\\", "a\0b"])
def test_a_search_takes_every_character_as_it_is(client, marketer, search):
    make_campaign("Spring")

    assert names(client, q=search) == []


def test_status_and_channel_narrow(client, marketer):
    make_campaign("One", status="live")
    make_campaign("Two", channel="sms")

    assert names(client, status="live") == ["One"]
    assert names(client, channel="sms") == ["Two"]
    assert len(names(client, status="nothing", channel="pigeon")) == 2


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["C", "b", "A"]),
        ("name", ["A", "b", "C"]),
        ("-name", ["C", "b", "A"]),
        ("changed", ["A", "b", "C"]),
        ("-sent", ["A", "C", "b"]),
        ("nothing", ["C", "b", "A"]),
    ],
)
def test_it_sorts(client, marketer, sort, order):
    for name in ("A", "b", "C"):
        make_campaign(name, status="done")
    send(Campaign.objects.get(name="A"), 2)
    send(Campaign.objects.get(name="C"), 1)

    assert names(client, sort=sort) == order


def test_an_empty_list_says_what_to_do(client, manager):
    assert b"Begin the first campaign" in client.get(LIST).content


def test_whoever_may_not_begin_one_is_not_told_to(client, marketer):
    page = client.get(LIST).content

    assert b"No campaigns yet" in page
    assert reverse("campaign_new").encode() not in page


def test_nothing_found_leads_back(client, marketer):
    make_campaign()

    assert b"No campaign fits" in client.get(LIST, {"q": "nothing"}).content


def test_a_long_list_comes_in_pages(client, marketer):
    for number in range(CAMPAIGNS_A_PAGE + 1):
        make_campaign(f"Number {number}")

    assert len(names(client)) == CAMPAIGNS_A_PAGE
    assert names(client, page=2) == ["Number 0"]


def test_twice_the_rows_cost_no_more_queries(client, marketer):
    segment = make_segment("vips")
    for name in ("A", "B"):
        send(make_campaign(name, segment, status="done"), 1)
    few = queries_of(lambda: client.get(LIST))
    for name in ("C", "D"):
        send(make_campaign(name, segment, status="done"), 1)

    assert queries_of(lambda: client.get(LIST)) == few


def test_a_part_is_only_the_list(client, marketer):
    make_campaign()

    part = client.get(LIST, headers={"HX-Request": "true"}).content

    assert b"Spring" in part
    assert b"<html" not in part
