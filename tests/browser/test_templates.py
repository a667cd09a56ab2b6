"""The gallery of templates and the versions of a segment in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from segmentflow.clock import current_time
from segments import services
from segments.engine.settle import settle
from segments.models import Segment
from segments.tests.made import EVERYONE, GOLD, make_contact, make_field

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(transactional_db: None) -> Segment:
    """Everyone in version 1, the golden ones in version 2."""
    make_field()
    make_contact("u1", attributes={"tier": "Gold"})
    make_contact("u2")
    given: dict[str, Any] = {"author": None, "now": current_time()}
    segment = services.create_segment(key="vips", name="VIPs", definition=EVERYONE, **given)
    settle(now=current_time())
    services.update_segment(segment=segment, definition=GOLD, **given)
    settle(now=current_time())
    return segment


def test_a_segment_becomes_a_template_that_is_found_counted_and_carried_elsewhere(
    signed_in: Page, live_server: Any, segment: Segment
):
    signed_in.goto(f"{live_server.url}/segments/vips")
    signed_in.get_by_text("More", exact=True).click()
    signed_in.get_by_role("link", name="Save as template").click()
    signed_in.get_by_label("Category").fill("Loyal ones")
    signed_in.get_by_role("button", name="Save as template").click()
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="Download template").click()

    signed_in.goto(f"{live_server.url}/segments/-new")
    signed_in.get_by_placeholder("Search templates").fill("loyal ones")
    cards = signed_in.locator(".gallery-card")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("1 contact now")

    signed_in.get_by_role("link", name="Import a template").click()
    signed_in.get_by_label("File").set_input_files(download.value.path())
    signed_in.get_by_role("button", name="Import template").click()
    expect(signed_in).to_have_url(re.compile("/segments/-new/vips-2$"))
    expect(signed_in.get_by_role("main")).to_contain_text("Tier is Gold")


def test_versions_are_compared_and_an_old_one_is_published_after_a_look(
    signed_in: Page, live_server: Any, segment: Segment
):
    signed_in.goto(f"{live_server.url}/segments/vips/versions")
    signed_in.get_by_role("link", name="Compare versions").click()
    difference = signed_in.locator("#comparison")
    expect(difference).to_contain_text("From version 1 to version 2")
    signed_in.get_by_label("From", exact=True).select_option("2")
    expect(difference).to_contain_text("one and the same version")

    signed_in.goto(f"{live_server.url}/segments/vips/versions")
    signed_in.get_by_role("button", name="Restore… version 1").click()
    expect(signed_in.locator(".is-entering")).to_contain_text("+1")
    signed_in.get_by_role("button", name="Publish").click()
    settle(now=current_time())

    signed_in.goto(f"{live_server.url}/segments/vips/versions")
    newest = signed_in.locator("#version-3")
    expect(newest).to_contain_text("by ada")
    expect(newest).to_contain_text("Entered by it")
