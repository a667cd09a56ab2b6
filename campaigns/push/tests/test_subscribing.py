"""Browsers that agree to push messages, and what anybody could do who only has the public key."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from campaigns.push.addresses import MOST_BROWSERS, browsers_of
from campaigns.push.models import PushAddress, PushKey
from campaigns.push.services import wrong_endpoint
from campaigns.push.tests.made import MadeBrowser
from campaigns.push.vapid import public_key, signing_key
from contacts.consents import consents_of, set_consents
from contacts.decisions import Decision
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, IngestProblem
from segmentflow.api.keys import create_key
from segmentflow.api.websites import create_website
from segmentflow.clock import current_time

pytestmark = pytest.mark.django_db

SHOP = "https://shop.example"
FCM = "https://fcm.googleapis.com/fcm/send"
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"


@pytest.fixture
def website():
    return create_website(name="Shop", origins=[SHOP])


@pytest.fixture
def tell(client, website):
    """What push.js of a page of the shop sends."""

    def told(browser: MadeBrowser | None = None, status: int = 200, **values: Any) -> str:
        sent = {"writeKey": website.key, **values}
        if browser is not None:
            sent = {"subscription": browser.subscription, **sent}
        answer = client.post(
            "/v1/push",
            json.dumps(sent),
            content_type="text/plain;charset=UTF-8",
            headers={"Origin": SHOP, "User-Agent": PHONE},
        )
        assert answer.status_code == status, answer.content
        return answer.json().get("message", "")

    return told


def browser(name: str = "one") -> MadeBrowser:
    return MadeBrowser(f"{FCM}/{name}")


def make_user(name: str = "u1") -> int:
    row = ContactRow(built_in={"external_id": name, "email": f"{name}@example.com"})
    [contact_id] = upsert_contacts(rows=[row], now=current_time()).contact_ids
    assert contact_id is not None
    return contact_id


def whose() -> dict[str, int]:
    """Contacts by the last part of their browsers' endpoints."""
    rows = PushAddress.objects.values_list("endpoint", "contact_id")
    return {endpoint.rpartition("/")[2]: contact_id for endpoint, contact_id in rows}


def is_wanted(contact_id: int) -> bool | None:
    held = consents_of([contact_id]).get(contact_id, {}).get("push")
    return held.subscribed if held else None


def withdraw(contact_id: int) -> None:
    decision = Decision("push", subscribed=False, source="Page of preferences")
    set_consents(decisions=[(contact_id, decision)], now=current_time())


def test_an_anonymous_visitor_subscribes_and_stays_subscribed_once_they_have_a_name(tell):
    tell(browser(), anonymousId="a")

    [address] = PushAddress.objects.all()
    assert address.agent == "Firefox on Android"
    assert is_wanted(address.contact_id)
    held = consents_of([address.contact_id])[address.contact_id]["push"]
    assert held.source == "Website “Shop”"
    known = make_user()

    tell(browser("two"), anonymousId="a", userId="u1")

    assert whose() == {"one": known, "two": known}
    assert is_wanted(known)
    assert Contact.objects.count() == 1


def test_a_browser_belongs_to_whom_it_told_last_and_agreeing_is_not_carried_over(tell):
    one = browser()
    tell(one, anonymousId="a", userId="u1")
    tell(one, anonymousId="b", userId="u2", renewed=True)

    user = Contact.objects.get(external_id="u2").pk
    assert whose() == {"one": user}
    assert is_wanted(user) is None


def test_a_browser_that_is_only_still_there_does_not_bring_back_what_was_withdrawn(tell):
    one = browser()
    tell(one, anonymousId="a", userId="u1")
    user = Contact.objects.get().pk
    withdraw(user)

    tell(one, anonymousId="a", userId="u1", renewed=True)
    assert (is_wanted(user), browsers_of([user])) == (False, {})

    tell(one, anonymousId="a", userId="u1")
    assert is_wanted(user)
    assert len(browsers_of([user])[user]) == 1


@pytest.mark.parametrize("by", ["user id", "merging"])
def test_who_knows_a_user_id_cannot_bring_messages_back_to_the_users_browsers(tell, by):
    user = make_user()
    tell(browser("own"), anonymousId="a", userId="u1")
    withdraw(user)

    if by == "merging":
        tell(browser("strange"), anonymousId="x")
        tell(browser("strange"), anonymousId="x", userId="u1", renewed=True)
    else:
        tell(browser("strange"), anonymousId="x", userId="u1")

    [left] = browsers_of([user])[user]
    assert left.endpoint.endswith("/strange")
    assert whose() == {"strange": user}


def test_the_last_browser_that_leaves_withdraws_the_consent(tell):
    for name in ("one", "two"):
        tell(browser(name), anonymousId="a", userId="u1")
    user = Contact.objects.get().pk

    tell(subscribed=False, subscription={"endpoint": f"{FCM}/one"})
    assert is_wanted(user)
    for _ in range(2):
        tell(subscribed=False, subscription={"endpoint": f"{FCM}/two"})

    assert not is_wanted(user)
    assert whose() == {}
    [event] = Event.objects.filter(type__key="Unsubscribe")
    assert (event.contact_id, event.attributes) == (user, {"channel": "push"})


def test_a_browser_that_got_another_address_stays_whose_it_was(tell):
    tell(browser("old"), anonymousId="a")
    [contact] = Contact.objects.all()

    tell(browser("new"), replaces=f"{FCM}/old")
    tell(browser("strange"), replaces=f"{FCM}/unknown")

    assert whose() == {"new": contact.pk}
    assert browsers_of([contact.pk]).keys() == {contact.pk}


def test_a_contact_has_so_many_browsers_and_the_longest_unseen_goes(tell):
    for number in range(MOST_BROWSERS):
        tell(browser(f"b{number}"), anonymousId="a")
    later = current_time() - timedelta(days=1)
    PushAddress.objects.filter(endpoint__endswith="/b7").update(seen_at=later)

    tell(browser("new"), anonymousId="a")

    assert len(whose()) == MOST_BROWSERS
    assert "new" in whose()
    assert "b7" not in whose()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://user:word@fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilpush.apple.com.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https:///x",
        "https://[::1/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://fcm.googleapis.com/\r\nHost: x",
        "https://fcm.googleapis.com/ü",
        f"https://fcm.googleapis.com/{'x' * 2_000}",
        "",
        None,
        7,
    ],
)
def test_endpoints_that_lead_elsewhere_are_refused(tell, endpoint):
    subscription = browser().subscription | {"endpoint": endpoint}
    assert "endpoint" in tell(status=400, anonymousId="a", subscription=subscription)
    assert not PushAddress.objects.exists()
    assert not Contact.objects.exists()
    assert IngestProblem.objects.get().path == "push subscription.endpoint"


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "0x7f.1",
        "2130706433",
        "127.1",
        "printer.local",
        "intranet",
        "metadata.google.internal",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
        "[fd00::1]",
        "[fe80::1]",
        "100.64.0.1",
        "224.0.0.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
    ],
)
def test_with_all_push_services_allowed_our_own_network_still_is_none(settings, host):
    settings.PUSH_SERVICES = ["*"]
    assert wrong_endpoint("https://push.example.com/x") == ""
    assert wrong_endpoint("https://93.184.216.34/x") == ""
    assert wrong_endpoint(f"https://{host}/x")


def test_a_push_service_that_an_admin_names_is_known(settings):
    settings.PUSH_SERVICES = ["push.example.org", "*.Example.net"]
    assert wrong_endpoint("https://push.example.org/x") == ""
    assert wrong_endpoint("https://eu.example.net/x") == ""
    assert wrong_endpoint("https://example.net/x")
    assert wrong_endpoint("https://updates.push.services.mozilla.com/wpush/v2/x") == ""


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "BA", "auth": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"p256dh": "B" + "A" * 86, "auth": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"p256dh": "é" * 87, "auth": 1},
        {"auth": "AAAA"},
        None,
        [],
    ],
)
def test_keys_that_no_browser_has_are_refused(tell, keys):
    subscription = browser().subscription | {"keys": keys}
    assert "p256dh" in tell(status=400, anonymousId="a", subscription=subscription)
    assert not PushAddress.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"anonymousId": ""},
        {"anonymousId": "x" * 256},
        {"anonymousId": "a", "subscribed": "no"},
        {"anonymousId": "a", "subscription": []},
        {"anonymousId": "a", "replaces": 7},
        {"subscribed": False, "subscription": {"endpoint": ["x"]}},
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(tell, values):
    told = {"subscription": browser().subscription} | values
    assert tell(status=400, **told).endswith(".")
    assert not PushAddress.objects.exists()


def test_pages_of_another_origin_are_refused(client, website):
    body = {"writeKey": website.key, "anonymousId": "a", "subscription": browser().subscription}
    answer = client.post(
        "/v1/push",
        json.dumps(body),
        content_type="text/plain",
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert not PushAddress.objects.exists()


def test_a_program_subscribes_whom_it_knows(client):
    key = create_key(name="Server", scopes=["ingest"])[1]
    user = make_user()
    body = {"userId": "u1", "subscription": browser().subscription}
    answer = client.post(
        "/v1/push",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200
    assert whose() == {"one": user}
    assert consents_of([user])[user]["push"].source == "Push subscription"


def test_the_script_has_the_key_of_this_installation_and_the_worker_needs_none(client):
    script = client.get("/push.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert f'publicKey = "{public_key(now=current_time())}"' in script.content.decode()
    assert client.get("/push.js", headers={"If-None-Match": script["ETag"]}).status_code == 304
    assert b"showNotification" in client.get("/push-worker.js").content


def test_the_key_is_made_once_and_kept_encrypted():
    now = current_time()
    public = public_key(now=now)
    assert public_key(now=now) == public
    [row] = PushKey.objects.all()
    number = signing_key(now=now).private_key.private_numbers().private_value
    assert str(number) not in row.private
    assert signing_key(now=now).public_key.public_numbers() == (
        signing_key(now=now).private_key.public_key().public_numbers()
    )


def test_addresses_of_the_internet_are_told_from_others():
    from ipaddress import ip_address

    from segmentflow.addressing import is_public

    assert is_public(ip_address("2606:4700::1111"))
    assert is_public(ip_address("64:ff9b::808:808"))
    assert not is_public(ip_address("::ffff:192.168.1.1"))
