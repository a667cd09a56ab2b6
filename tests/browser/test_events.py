"""Events as they arrive, in a browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from events.rows import ContactRef, EventRow
from events.sending import CONTACT
from events.services import record_events
from segmentflow.clock import current_time

pytestmark = pytest.mark.django_db(transaction=True)

MANY: dict[str, Any] = {f"attribute {number:02}": number for number in range(20)}


def send(message_id: str, *, contact: str = "anna", **attributes: Any) -> None:
    now = current_time()
    ref = ContactRef("external_id", contact)
    record_events(rows=[EventRow(ref, "Purchase", now, message_id, attributes)], now=now)


def newest(page: Page) -> Any:
    return page.locator(".event").first


def test_what_arrives_appears_and_what_was_unfolded_stays_so(signed_in: Page, live_server: Any):
    send("m1", **MANY)
    signed_in.goto(f"{live_server.url}/events")
    signed_in.get_by_text("16 more attributes").click()

    send("m2", contact="zoe")

    expect(newest(signed_in)).to_contain_text("zoe")
    unfolded = signed_in.locator(".event:has(details[open])")
    expect(unfolded).to_contain_text("anna")
    expect(unfolded).to_contain_text("attribute 19")


def test_a_paused_feed_stands_still(signed_in: Page, live_server: Any):
    send("m1")
    signed_in.goto(f"{live_server.url}/events")
    pause = signed_in.get_by_role("button", name="Pause updates")
    pause.click()
    send("m2", contact="zoe")
    signed_in.wait_for_timeout(2_500)
    expect(newest(signed_in)).to_contain_text("anna")

    pause.click()

    expect(newest(signed_in)).to_contain_text("zoe")


def test_the_light_turns_green_once(signed_in: Page, live_server: Any):
    signed_in.goto(f"{live_server.url}/events/send")
    signed_in.get_by_role("button", name="Make a key").click()
    light = signed_in.locator("#arrival").get_by_role("status")
    expect(light).to_contain_text("Waiting")
    code = signed_in.locator("#curl-code").inner_text()
    message_id = code.partition('"message_id": "')[2].partition('"')[0]

    send(message_id, contact=CONTACT)

    expect(light).to_contain_text(f"Arrived: Purchase by {CONTACT}")
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.wait_for_timeout(2_500)
    assert not [url for url in asked if "/events/send" in url]
