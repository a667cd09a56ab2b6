"""From a segment to an email, and back: a campaign manager in a real browser, a real mail server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from campaigns.channels.models import Way
from campaigns.channels.tests.servers import MailServer, mail_server
from campaigns.delivery.settle import deliver_all
from campaigns.models import Campaign, Message
from contacts.decisions import Decision
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.tests.made import record
from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.roles import CAMPAIGN_MANAGERS
from segmentflow.users import give_role
from segments.engine.settle import settle
from segments.models import Membership
from segments.services import create_segment
from segments.starting.scenarios import SCENARIOS
from segments.starting.template import Template
from segments.starting.usual import USUAL
from tests.browser.building import DESKTOP, let_all_be_well
from tests.worlds import register

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse"  # noqa: S105 - of a user who lives for one test
SHOP = "https://shop.example/offer"


@pytest.fixture
def mail(caplog: pytest.LogCaptureFixture) -> Iterator[MailServer]:
    caplog.set_level("WARNING", logger="mail.log")
    with mail_server() as server:
        config = {"host": "127.0.0.1", "port": str(server.port), "security": "none"}
        shop = {"sender_address": "shop@example.com", "postal_address": "Main Street 1"}
        Way.objects.create(channel="email", adapter="smtp", config=config | shop)
        yield server


def template(key: str) -> Template:
    return next(one for one in (*SCENARIOS, *USUAL) if one.key == key)


@pytest.fixture
def people(transactional_db: None) -> None:
    """All are VIPs who have not bought for long: one can get emails, the others cannot."""
    now = current_time()
    register({"Status_VIP": "text", "Purchase_value_12m": "number"}, ["Purchase", "MailOpen"])
    asked = {"Anna": True, "Bert": None, "Cora": False, "Dora": True}
    rows = [
        ContactRow(
            built_in={
                "external_id": name,
                "first_name": name,
                "email": "" if name == "Dora" else f"{name.lower()}@example.com",
            },
            attributes={"Status_VIP": "Gold", "Purchase_value_12m": 3000},
            consents=() if says is None else (Decision("email", subscribed=says, source="form"),),
        )
        for name, says in asked.items()
    ]
    upsert_contacts(rows=rows, now=now - timedelta(days=60))
    Contact.objects.update(created_at=now - timedelta(days=60))
    for name in asked:
        record(name, contact=name, at=now - timedelta(days=120), now=now)
    for key in ("inactive-vips", "no-opens-30-days"):
        one = template(key)
        create_segment(key=key, name=one.name, definition=one.definition, author=None, now=now)
    settle(now=now)


@pytest.fixture
def manager(page: Page, live_server: Any, settings: LazySettings, people: None) -> Page:
    """Somebody who may send, and signed in by the page for that."""
    settings.PUBLIC_URL = live_server.url
    settings.ALLOWED_HOSTS = ["*"]
    user = User.objects.create_user("mia", email="mia@example.com", password=PASSWORD)
    give_role(user=user, role=CAMPAIGN_MANAGERS)
    page.set_viewport_size(DESKTOP["viewport"])
    let_all_be_well()
    page.goto(live_server.url)
    page.get_by_label("Username").fill("mia")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def test_a_campaign_is_made_sent_and_answered(manager: Page, mail: MailServer):
    campaign = target(manager)
    see_who_gets_it_and_why_others_do_not(manager)
    write_the_message(manager)
    send_a_test(manager, mail)
    start(manager)
    deliver_all(now=current_time())

    assert mail.recipients == ["mia@example.com", "anna@example.com"]
    manager.reload()
    expect(manager.locator(".funnel")).to_contain_text("Sent")
    assert quiet("Anna")
    read_and_click(manager, mail)
    wait_until_counted(campaign, "clicked_at")
    took = settle_until_gone("Anna")
    print(f"left the segment {took:.2f} s after the click")  # noqa: T201
    see_the_report(manager, campaign)


def target(page: Page) -> Campaign:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Name").fill("Come back")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Include Inactive VIPs").click()
    expect(page.locator("#targets .chips").first).to_contain_text("Inactive VIPs")
    return Campaign.objects.get()


def see_who_gets_it_and_why_others_do_not(page: Page) -> None:
    panel = page.locator("#audience-counts")
    expect(panel).to_contain_text("1 of 4 targeted contacts")
    for reason in ("Never consented", "Unsubscribed", "No address"):
        expect(panel.locator(".reason").filter(has_text=reason)).to_contain_text("1")
    panel.get_by_role("link", name="Never consented").click()
    expect(page.locator("main")).to_contain_text("Bert")
    page.go_back()


def write_the_message(page: Page) -> None:
    page.locator("#steps").get_by_role("link", name="Message").click()
    page.locator("#message-subject").fill("We miss you, {{ contact.first_name }}")
    page.locator("#add-text").click()
    text = page.locator("[data-blocks] > li textarea").last
    text.fill(f"Hello {{{{ contact.first_name }}}}, [an offer]({SHOP}) awaits you.")
    page.locator("#message-subject").click()
    expect(page.locator("[data-saved].badge-good")).to_have_text("Saved")
    expect(page.frame_locator("#preview-frame").get_by_text("awaits you")).to_be_visible()


def send_a_test(page: Page, mail: MailServer) -> None:
    expect(page.get_by_label("Email address for the test")).to_have_value("mia@example.com")
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#test .test-answer")).to_be_visible()
    [test] = mail.taken
    assert test["To"] == "mia@example.com"
    assert "We miss you" in test["Subject"]


def start(page: Page) -> None:
    page.locator("#steps").get_by_role("link", name=re.compile("Review")).click()
    expect(page.get_by_text("Still to do")).not_to_be_visible()
    page.get_by_role("button", name="Send to 1 contact").click()
    expect(page.locator("main")).to_contain_text("is being sent")


def read_and_click(page: Page, mail: MailServer) -> None:
    """What the mail server took, in a browser that shows it as a mail program does."""
    email = mail.taken[-1]
    assert email["Subject"] == "We miss you, Anna"
    assert "Hello Anna" in email.get_body(("plain",)).get_content()
    # Machines open at once, and do not count.
    sent_at = Message.objects.get(contact__first_name="Anna").sent_at
    assert sent_at is not None
    time.sleep(max(0.0, 1.1 - (current_time() - sent_at).total_seconds()))
    reader = page.context.new_page()
    reader.route(f"{SHOP}*", lambda route: route.fulfill(body="<h1>The shop</h1>"))
    with reader.expect_response(re.compile("/m/o/")) as pixel:
        reader.set_content(email.get_body(("html",)).get_content(), wait_until="commit")
    assert pixel.value.ok
    reader.get_by_role("link", name="an offer").click()
    expect(reader.get_by_role("heading", name="The shop")).to_be_visible()
    reader.close()


def wait_until_counted(campaign: Campaign, column: str) -> None:
    until = time.monotonic() + 10
    counted = Message.objects.filter(campaign=campaign, **{f"{column}__isnull": False})
    while not counted.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def quiet(name: str) -> bool:
    found = Membership.objects.filter(segment__key="no-opens-30-days")
    return found.filter(contact__first_name=name).exists()


def settle_until_gone(name: str) -> float:
    """As the cluster does it, which tests do not have."""
    begun = time.monotonic()
    settle(now=current_time())
    assert not quiet(name)
    return time.monotonic() - begun


def see_the_report(page: Page, campaign: Campaign) -> None:
    page.reload()
    row = page.locator(".funnel li")
    for name in ("Sent", "Opened", "Clicked"):
        expect(row.filter(has_text=name).locator(".funnel-count")).to_have_text("1")
    expect(page.locator("main")).to_contain_text(SHOP.removeprefix("https://"))
