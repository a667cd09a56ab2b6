"""The outbox: what is found there, and how a message is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from campaigns.channels.models import OutboxMessage
from campaigns.models import Campaign
from segmentflow.roles import CAMPAIGN_MANAGERS
from segmentflow.tests.made import HTMX, queries, sign_in

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAGE = "/campaigns/outbox"


@pytest.fixture(autouse=True)
def manager(client, db):
    return sign_in(client, CAMPAIGN_MANAGERS)


def put(address="anna@example.com", **values):
    return OutboxMessage.objects.create(
        **{"channel": "email", "at": NOW, "subject": "Hello", "is_test": True}
        | values
        | {"address": address}
    )


def found(client, query=""):
    return client.get(f"{PAGE}{query}", headers=HTMX).content.decode()


def test_messages_are_found_by_address_subject_campaign_and_channel(client):
    spring = Campaign.objects.create(name="Spring sale", channel="email")
    put("anna@example.com", campaign_id=spring.pk)
    put("bert@example.com", subject="Goodbye")
    put("+4812345678", channel="sms", subject="")

    assert "anna@" in found(client, "?q=spring")
    assert "bert@" not in found(client, "?q=spring")
    assert "bert@" in found(client, "?q=goodb")
    assert "anna@" not in found(client, "?q=goodb")
    assert "bert@" in found(client, "?q=bert")
    assert "+4812345678" in found(client, "?channel=sms")
    assert "anna@" not in found(client, "?channel=sms")
    assert "anna@" in found(client, f"?campaign={spring.pk}")
    assert "bert@" not in found(client, f"?campaign={spring.pk}")
    assert "No message is like this" in found(client, "?q=nobody%00&channel=what")


def test_pages_begin_where_the_last_one_ended(client):
    for number in range(60):
        put(f"p{number:02}@example.com")

    first = found(client)
    assert "p59@" in first
    assert "p09@" not in first
    following = found(client, f"?after={OutboxMessage.objects.get(address='p10@example.com').pk}")
    assert "p09@" in following
    assert "p10@" not in following
    assert "p59@" in found(client, "?after=nonsense")


def test_twice_the_messages_cost_no_more_queries(client):
    for number in range(5):
        put(f"{number}@example.com")
    once = queries(lambda: client.get(PAGE))
    for number in range(5):
        put(f"{number}@example.org")

    assert queries(lambda: client.get(PAGE)) == once


def test_a_message_is_framed_so_that_nothing_in_it_runs_and_its_links_work_here(client, settings):
    settings.PUBLIC_URL = "https://news.example.com"
    html = (
        "<html><head><title>x</title></head><body><script>alert(1)</script>"
        '<a href="https://news.example.com/m/c/abc">Go</a>'
        '<a href="https://news.example.com/other">Stay</a></body></html>'
    )
    message = put(html=html, headers={"List-Unsubscribe": "<https://x.example/>"}, text="Plain")

    page = client.get(f"{PAGE}/{message.pk}").content.decode()
    assert f'src="{PAGE}/{message.pk}.html"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "List-Unsubscribe" in page
    assert "Plain" in page
    frame = client.get(f"{PAGE}/{message.pk}.html")
    policy = frame["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "allow-scripts" not in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    body = frame.content.decode()
    assert '<head><base target="_blank">' in body
    assert "http://testserver/m/c/abc" in body
    assert "https://news.example.com/other" in body


def test_texts_and_notifications_are_read_with_their_links(client):
    text = put(
        "+4812345678", channel="sms", subject="", text="Look: https://example.com/a", sender="Shop"
    )
    push = put("", channel="push", subject="News", text="Have a look", url="https://example.com/b")

    read = client.get(f"{PAGE}/{text.pk}").content.decode()
    assert 'href="https://example.com/a"' in read
    assert "Shop" in read
    read = client.get(f"{PAGE}/{push.pk}").content.decode()
    assert 'href="https://example.com/b"' in read
    assert "Have a look" in read


def test_what_is_not_there_is_said(client):
    assert client.get(f"{PAGE}/1").status_code == 404
    assert client.get(f"{PAGE}/{2**70}.html").status_code == 404
