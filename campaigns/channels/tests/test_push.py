"""Web Push, with a push service on this machine that decrypts nothing and browsers that do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from py_vapid import Vapid02

from campaigns.channels.handing import Browser, Handed, Outcome, Push
from campaigns.channels.push import WebPush
from campaigns.channels.ways import carrier_for, set_way, way_of
from campaigns.keys import MessageKey
from campaigns.push.addresses import forget_browsers
from campaigns.push.models import PushAddress
from campaigns.push.subscriptions import read_browser
from campaigns.push.tests.made import MadeBrowser, PushService
from campaigns.push.vapid import public_key
from campaigns.rendering.push import MOST_BYTES
from contacts.problems import Refused

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
KEY = MessageKey(7, 3, 0)


@pytest.fixture
def service(settings) -> Iterator[PushService]:
    settings.PUSH_ALLOW_PRIVATE = True
    service = PushService()
    yield service
    service.stop()


class Sender:
    """A carrier at a moment that the test chooses."""

    def __init__(self) -> None:
        self.now = NOW
        raw = {"contact": "admin@example.com", "kept_hours": "2", "urgency": "low"}
        way = set_way(channel="push", adapter="webpush", raw=raw, now=NOW)
        carrier = carrier_for("push", way=way, clock=lambda: self.now)
        assert isinstance(carrier, WebPush)
        self.carrier = carrier

    def hand(self, *browsers: MadeBrowser, body: str = "Only today", **values: str) -> Handed:
        known = tuple(known_to_us(one) for one in browsers)
        message = Push(KEY, "u1", known, "Sale", body, "https://shop.example/s/x", **values)
        with self.carrier:
            handed = self.carrier.hand(message)
        forget_browsers(handed.gone)
        return handed


@pytest.fixture
def sender(service: PushService) -> Sender:
    return Sender()


def known_to_us(browser: MadeBrowser) -> Browser:
    found = read_browser(browser.subscription)
    values = {"contact_id": 7, "endpoint": found.endpoint, "created_at": NOW, "seen_at": NOW}
    PushAddress.objects.update_or_create(
        digest=found.digest, defaults=values | {"p256dh": found.p256dh, "auth": found.auth}
    )
    return found


def left() -> list[str]:
    return sorted(
        one.rpartition("/")[2] for one in PushAddress.objects.values_list("endpoint", flat=True)
    )


def test_each_browser_gets_the_message_and_nobody_else_can_read_it(service, sender):
    browsers = [service.browser("one"), service.browser("two")]

    assert sender.hand(*browsers, icon="https://shop.example/i.png") == Handed(Outcome.ACCEPTED)

    assert [one.path for one in service.taken] == ["/one", "/two"]
    for browser, delivery in zip(browsers, service.taken, strict=True):
        shown = browser.reads(delivery.body)
        tag = shown.pop("tag")
        assert shown == {
            "segmentflow": 1,
            "title": "Sale",
            "body": "Only today",
            "url": "https://shop.example/s/x",
            "icon": "https://shop.example/i.png",
        }
        headers = delivery.headers
        assert (headers["topic"], len(tag)) == (tag, 32)
        assert (headers["ttl"], headers["urgency"]) == ("7200", "low")
        assert headers["content-encoding"] == "aes128gcm"
        assert b"Sale" not in delivery.body


def test_push_services_know_by_the_signature_who_sends(service, sender):
    sender.hand(service.browser("one"))
    sender.now += timedelta(hours=5)
    sender.hand(service.browser("two"))
    sender.now += timedelta(hours=6, minutes=30)
    sender.hand(service.browser("three"))

    first, second, third = service.taken
    for delivery in service.taken:
        assert Vapid02.verify(delivery.headers["authorization"])
        assert delivery.headers["authorization"].endswith(f"k={public_key(now=NOW)}")
    assert first.claims == {
        "aud": service.url,
        "sub": "mailto:admin@example.com",
        "exp": int((NOW + timedelta(hours=12)).timestamp()),
    }
    assert second.headers["authorization"] == first.headers["authorization"]
    assert third.claims["exp"] == int((sender.now + timedelta(hours=12)).timestamp())


@pytest.mark.parametrize("status", [404, 410])
def test_browsers_that_are_gone_are_forgotten_and_the_others_still_get_it(service, sender, status):
    service.answers["/gone"] = (status, {})
    gone, there = service.browser("gone"), service.browser("there")

    assert sender.hand(gone, there).outcome == Outcome.ACCEPTED
    assert left() == ["there"]
    service.answers["/there"] = (status, {})
    assert sender.hand(there) == Handed(
        Outcome.REFUSED, "No browser is left.", gone=(read_browser(there.subscription).digest,)
    )
    assert left() == []
    assert sender.hand() == Handed(Outcome.REFUSED, "No browser is left.")


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120.0),
        ("Fri, 20 Nov 2026 10:05:00 GMT", 300.0),
        ("Fri, 20 Nov 2026 09:00:00 GMT", 0.0),
        ("999999999999", 3_600.0),
        ("soon", None),
        ("", None),
    ],
)
def test_a_push_service_that_is_busy_is_tried_again_when_it_says(
    service, sender, retry_after, seconds
):
    service.answers["/busy"] = (429, {"Retry-After": retry_after} if retry_after else {})
    handed = sender.hand(service.browser("busy"))
    assert (handed.outcome, handed.wait_seconds) == (Outcome.LATER, seconds)
    assert left() == ["busy"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (500, Outcome.LATER),
        (503, Outcome.LATER),
        (400, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (302, Outcome.REFUSED),
        (0, Outcome.UNCLEAR),
    ],
)
def test_what_else_a_push_service_may_answer(service, sender, status, outcome):
    service.answers["/odd"] = (status, {"Location": f"{service.url}/elsewhere"})
    handed = sender.hand(service.browser("odd"))
    assert handed.outcome == outcome
    assert "/odd" not in handed.error
    assert handed.error.endswith(".")
    assert "/elsewhere" not in [one.path for one in service.taken]
    assert left() == ["odd"]


def test_where_one_may_have_taken_it_nobody_gets_it_again(service, sender):
    service.answers |= {"/silent": (0, {}), "/busy": (503, {}), "/gone": (410, {})}
    browsers = [service.browser(name) for name in ("silent", "busy", "gone")]
    assert sender.hand(*browsers).outcome == Outcome.UNCLEAR
    assert sender.hand(*browsers[1:]).outcome == Outcome.LATER


def test_where_nobody_listens_it_is_tried_again(service, sender):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    handed = sender.hand(MadeBrowser(f"http://127.0.0.1:{port}/x"))
    assert handed.outcome == Outcome.LATER


def test_what_is_too_long_for_push_services_is_said(service, sender):
    handed = sender.hand(service.browser("one"), body="ż" * (MOST_BYTES // 2))
    assert handed.outcome == Outcome.REFUSED
    assert "too long" in handed.error
    assert service.taken == []


def test_a_name_that_leads_into_our_own_network_is_not_called(service, sender, settings):
    """Also if it led elsewhere when the browser subscribed."""
    there = service.browser("one")
    known = known_to_us(there)
    settings.PUSH_ALLOW_PRIVATE = False
    settings.PUSH_SERVICES = ["localhost"]
    port = there.endpoint.split(":")[2].partition("/")[0]
    inside = Browser(known.digest, "https://localhost/one", known.p256dh, known.auth)
    odd = Browser(known.digest, f"https://localhost:{port}/one", known.p256dh, known.auth)

    for browser, said in ((inside, "not on the internet"), (odd, "no other port")):
        with sender.carrier:
            handed = sender.carrier.hand(Push(KEY, "", (browser,), "Sale", "", ""))
        assert handed.outcome == Outcome.REFUSED
        assert said in handed.error
    assert service.taken == []


def test_the_key_stays_when_admins_change_who_delivers(sender):
    before = public_key(now=NOW)
    set_way(channel="push", adapter="outbox", raw={}, now=NOW)
    set_way(channel="push", adapter="webpush", raw={"contact": "b@example.com"}, now=NOW)
    assert public_key(now=NOW) == before


def test_with_another_secret_key_nothing_is_sent_and_it_is_said(sender, settings):
    settings.SECRET_KEY = "another one"  # noqa: S105 - of a test
    with pytest.raises(Refused, match="bring the SECRET_KEY of before back"):
        carrier_for("push", way=way_of("push"), clock=lambda: NOW)
