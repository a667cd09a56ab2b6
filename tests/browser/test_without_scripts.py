"""Whoever has no JavaScript can do everything all the same; the builder has a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from segmentflow.clock import current_time
from segmentflow.models import User
from segments.models import Segment
from tests.browser.chromium import PATIENCE_MS
from tests.browser.conftest import PASSWORD
from tests.site.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plain(browser: Browser, live_server: Any, ada: User) -> Iterator[Page]:
    """Signed in, in a browser that runs no script."""
    make_world(now=current_time())
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/")
    page.get_by_label("Username").fill(ada.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    yield page
    context.close()


def test_searching_from_anywhere(plain: Page):
    plain.get_by_role("link", name="Search", exact=True).click()
    main = plain.get_by_role("main")
    main.get_by_label("Search segments, campaigns and contacts").fill("lucia")
    main.get_by_role("button", name="Search").click()
    main.get_by_role("link", name="Lucía Rey").click()

    expect(plain.get_by_role("heading", name="Lucía Rey", level=1)).to_be_visible()


def test_narrowing_a_list(plain: Page):
    plain.goto("/contacts")
    plain.get_by_placeholder("Search by name, email, phone or ID").fill("jonas")
    plain.get_by_role("main").get_by_role("button", name="Search").click()

    expect(plain.get_by_role("link", name="Jonas Meyer")).to_be_visible()
    expect(plain.get_by_role("link", name="Anna Kowalska")).to_be_hidden()


def test_beginning_from_a_template(plain: Page):
    plain.goto("/segments/-new")
    plain.get_by_role("link", name="Inactive VIPs").click()
    plain.get_by_label("Create Purchase value in 12 months").uncheck()
    plain.get_by_label("Name").fill("Sleeping VIPs")
    plain.get_by_role("button", name="Start building").click()

    expect(plain.get_by_role("heading", name="Sleeping VIPs", level=1)).to_be_visible()
    expect(plain.get_by_text("There is no field “Purchase_value_12m”").first).to_be_visible()


def test_pausing_and_deleting_a_segment(plain: Page):
    plain.goto("/segments/buyers")
    plain.get_by_role("button", name="Pause segment").click()
    expect(plain.get_by_text("Paused").first).to_be_visible()
    plain.locator("summary", has_text="More").click()
    plain.get_by_role("link", name="Delete").click()
    plain.get_by_role("button", name="Delete").click()

    expect(plain.get_by_role("heading", name="Segments", exact=True)).to_be_visible()
    assert not Segment.objects.filter(key="buyers").exists()


def test_numbers_of_a_chart_are_a_table(plain: Page):
    plain.goto("/")

    expect(plain.get_by_role("columnheader", name="Events")).to_be_visible()


def test_choosing_colours(plain: Page):
    plain.get_by_role("button", name="Dark").click()

    expect(plain.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(plain.get_by_role("heading", name="Home")).to_be_visible()


def test_making_a_key(plain: Page):
    plain.goto("/settings/keys/new")
    plain.get_by_label("Name").fill("Till")
    plain.get_by_label("Send contacts and events").check()
    plain.get_by_role("button", name="Make key").click()

    expect(plain.locator("code").filter(has_text="sf_").first).to_be_visible()


def test_defining_a_field(plain: Page):
    plain.goto("/contacts/fields/new")
    plain.get_by_label("Key").fill("Shoe_size")
    plain.get_by_label("Type").select_option("number")
    plain.get_by_role("button", name="Define field").click()

    expect(plain.get_by_text("Shoe_size").first).to_be_visible()
