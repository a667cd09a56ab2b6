"""A visitor's first ten minutes: one command, a browser, and a shell for one line of curl."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import (  # noqa: F401 - fixtures
    browser_type_launch_args,
)
from tests.system.installation import Installation

pytestmark = pytest.mark.slow

SECONDS = 1_000  # in Playwright's unit


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """As `script/server` leaves it on an empty machine, demonstration data included."""
    installation = Installation(tmp_path_factory.mktemp("fresh") / "data")
    installation.start(demo=True)
    yield installation
    installation.stop()


def sign_in(page: Page, installation: Installation) -> None:
    said = re.search(r"Sign in as '(\w+)' with the password +(\S+)", installation.said())
    assert said, installation.said()
    page.goto(f"http://127.0.0.1:{installation.port}/")
    page.get_by_label("Username").fill(said[1])
    page.get_by_label("Password").fill(said[2])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()


def test_the_first_ten_minutes(page: Page, fresh: Installation):
    page.set_default_timeout(15 * SECONDS)
    sign_in(page, fresh)

    watch_inactive_vips_change(page)
    understand_why_somebody_entered(page)
    add_a_field(page)
    token = send_an_event(page)
    see_it_in_the_feed(page, token)
    find_the_contact_in_a_segment(page, token)


def watch_inactive_vips_change(page: Page) -> None:
    """Without touching anything: time passes, and somebody enters or leaves."""
    go(page, "Segments")
    page.get_by_role("link", name="Inactive VIPs").click(timeout=60 * SECONDS)
    expect(page.locator("#size")).to_have_text(re.compile("[1-9]"), timeout=60 * SECONDS)
    newest = page.locator("#latest .entries li").first
    before = newest.locator("time").get_attribute("datetime")
    assert before

    expect(newest.locator("time")).not_to_have_attribute("datetime", before, timeout=120 * SECONDS)
    expect(newest.locator(".entry-why")).to_have_text(re.compile("90 days passed|Purchase on"))


def understand_why_somebody_entered(page: Page) -> None:
    entry = page.locator("#latest .entries li").filter(has_text="90 days passed").first
    expect(entry).to_be_visible(timeout=120 * SECONDS)
    name = entry.locator(".row-name").inner_text()
    entry.locator(".row-name").click()

    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    segments = page.get_by_role("region", name="Segments")
    expect(segments.get_by_role("listitem").filter(has_text="Inactive VIPs").first).to_be_visible()
    expect(page.get_by_text("Purchase").first).to_be_visible()


def add_a_field(page: Page) -> None:
    go(page, "Contacts")
    page.get_by_role("link", name="Fields", exact=True).click()
    page.get_by_role("link", name=re.compile("field", re.I)).filter(has_text="New").click()
    page.get_by_label("Key").fill("Shoe_size")
    page.get_by_label("Label").fill("Shoe size")
    page.get_by_label("Type").select_option("number")
    page.get_by_role("button", name="Define field").click()

    expect(page.get_by_text("Shoe size").first).to_be_visible()


def send_an_event(page: Page) -> str:
    """With the line that the page shows, as it stands there."""
    go(page, "Events")
    page.get_by_role("link", name="Send events").click()
    page.get_by_role("button", name="Make a key").click()
    line = page.locator("#curl-code").inner_text()
    sent = re.search(r'"external_id": ?"([^"]+)"', line)
    assert sent, line

    answer = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=30)

    assert '"accepted":1' in answer.stdout.replace(" ", ""), answer
    expect(page.locator("#arrival")).to_contain_text("Arrived", timeout=15 * SECONDS)
    return sent[1]


def see_it_in_the_feed(page: Page, token: str) -> None:
    page.locator("#arrival").get_by_role("link", name="live feed").click()

    expect(page.locator("main").get_by_text(token).first).to_be_visible()


def find_the_contact_in_a_segment(page: Page, token: str) -> None:
    """It was created just now, so it is new this week."""
    go(page, "Segments")
    page.get_by_role("link", name="New this week").click()
    page.get_by_label("Search members").fill(token)

    expect(page.locator("#members").get_by_role("link", name=token, exact=True)).to_be_visible()
