"""The documents in a browser, for somebody who has not signed in."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_finds_while_typing_and_lands_at_the_section(page: Page, live_server: Any):
    page.goto(f"{live_server.url}/docs/")
    page.keyboard.press("/")
    page.keyboard.type("webhook genu")
    hit = page.locator("#found a").first
    expect(hit).to_contain_text("Is it genuine?")
    hit.click()

    page.wait_for_url("**/docs/webhooks#is-it-genuine")
    expect(page.locator("#is-it-genuine")).to_be_in_viewport()


def test_the_theme_is_chosen_without_an_account_and_kept(page: Page, live_server: Any):
    page.goto(f"{live_server.url}/docs/builder")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("link", name="Templates").first.click()

    expect(page.locator("html")).to_have_attribute("data-theme-chosen", "")


def test_an_example_can_be_copied(page: Page, live_server: Any):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/docs/webhooks")
    page.get_by_role("button", name="Copy").nth(1).click()

    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("import base64")


def test_a_screen_leads_to_its_help(signed_in: Page, live_server: Any):
    signed_in.goto(f"{live_server.url}/contacts/fields")
    signed_in.get_by_role("link", name="Help with this page").click()

    signed_in.wait_for_url("**/docs/fields")
    expect(signed_in.get_by_role("heading", name="Fields", level=1)).to_be_visible()
