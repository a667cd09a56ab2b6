"""Why somebody is in a segment, in a browser: from the list of members to the event that did it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact
from events.models import EventType
from events.rows import ContactRef, EventRow
from events.services import record_events
from segmentflow.clock import current_time
from segments import services
from segments.engine.settle import settle
from segments.tests.made import make_contact
from segments.tests.test_explain_page import RECENT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def members(signed_in: Page, live_server: Any) -> Page:
    """Anna bought ten days ago; Bert did not."""
    now = current_time()
    EventType.objects.create(key="Purchase", label="Purchase")
    anna = make_contact("u1", first_name="Anna")
    make_contact("u2", first_name="Bert")
    definition = {"kind": "group", "match": "all", "children": [RECENT]}
    services.create_segment(
        key="recent", name="Recent", definition=definition, author=None, now=now
    )
    settle(now=now)
    bought_at, about = now - timedelta(days=10), {"product": "Kettle"}
    row = EventRow(ContactRef("id", anna.pk), "Purchase", bought_at, "m1", about)
    record_events(rows=[row], now=now)
    settle(now=current_time())
    signed_in.goto(f"{live_server.url}/segments/recent")
    return signed_in


def test_one_is_led_from_a_member_to_the_event_that_brought_it_in(members):
    members.get_by_role("link", name="Why Anna is a member").click()
    expect(members.get_by_role("heading", name="Anna is a member since")).to_be_visible()
    expect(members.locator(".foretold")).to_contain_text("Leaves on")
    expect(members.locator("#explained")).to_contain_text("Purchase: 1 time")

    members.get_by_role("link", name="Purchase on").click()
    expect(members.locator(".event")).to_contain_text("Kettle")

    members.get_by_role("link", name="Show it on the timeline").click()
    expect(members.locator("#timeline .event")).to_contain_text("Kettle")


def test_another_contact_is_found_while_typing_and_followed_as_things_happen(members):
    members.get_by_role("link", name="Explain", exact=True).click()
    members.get_by_placeholder("Find a contact").fill("ber")
    members.locator("#found").get_by_role("link", name="Bert").click()

    expect(members.get_by_role("heading", name="Bert is not a member")).to_be_visible()
    bert = Contact.objects.get(external_id="u2")
    row = EventRow(ContactRef("id", bert.pk), "Purchase", current_time(), "m2")
    record_events(rows=[row], now=current_time())
    settle(now=current_time())
    expect(members.get_by_role("heading", name="Bert is a member since")).to_be_visible()
