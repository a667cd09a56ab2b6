"""From signing in to contacts that are seen to move, in a real browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from contacts.models import Field
from segmentflow.clock import current_time
from segmentflow.models import User
from segments import services
from segments.engine.settle import settle
from segments.models import Segment
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

GOLD = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "tier", "operator": "equals", "value": "Gold"}],
}
BUYERS = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "event", "event": "Purchase", "operator": "at_least", "value": 1}],
}
BAD = {
    "kind": "group",
    "match": "all",
    "children": [
        {"kind": "field", "field": "nothing", "operator": "equals", "value": "x"},
        {"kind": "group", "match": "any", "children": []},
    ],
}


def send(live_server: Any, page: Page, path: str, data: object) -> None:
    """As a program would, with the session's rights."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    answer = page.request.post(
        f"{live_server.url}/api/v1/{path}",
        data=data,
        headers={"X-CSRFToken": cookies["csrftoken"], "Referer": live_server.url},
    )
    assert answer.ok, answer.text()


def settle_now() -> None:
    settle(now=current_time())


def publish_in_admin(page: Page, live_server: Any, definition: object) -> None:
    page.goto(f"{live_server.url}/admin/segments/segment/add/")
    page.get_by_label("Name", exact=False).first.fill("Golden")
    page.get_by_label("Key", exact=False).first.fill("golden")
    page.get_by_label("Definition").fill(json.dumps(definition))
    page.get_by_role("button", name="Save", exact=True).first.click()


@pytest.fixture
def at_segments(signed_in: Page, live_server: Any) -> Page:
    signed_in.goto(f"{live_server.url}/segments")
    return signed_in


def test_signing_in_and_out(signed_in: Page):
    expect(signed_in.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    expect(signed_in.get_by_text("Getting started")).to_be_visible()

    signed_in.get_by_role("button", name="Sign out").click()

    expect(signed_in.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_bad_definition_shows_every_problem_at_its_path(signed_in: Page, live_server: Any):
    publish_in_admin(signed_in, live_server, BAD)

    errors = signed_in.locator(".errorlist")
    expect(errors.get_by_text("children[0].field", exact=True)).to_be_visible()
    expect(errors.get_by_text("children[1].children", exact=True)).to_be_visible()
    assert json.loads(signed_in.get_by_label("Definition").input_value()) == BAD
    assert not Segment.objects.exists()


def test_a_published_definition_gets_its_members_while_one_looks(signed_in: Page, live_server: Any):
    Field.objects.create(key="tier", label="Tier", type="text")
    publish_in_admin(signed_in, live_server, GOLD)
    signed_in.goto(f"{live_server.url}/segments/golden")
    expect(signed_in.get_by_text("Building")).to_be_visible()

    send(
        live_server, signed_in, "contacts", {"external_id": "anna", "attributes": {"tier": "Gold"}}
    )
    settle_now()

    expect(signed_in.locator("#size")).to_have_text("1")
    expect(signed_in.locator("#members")).to_contain_text("anna")


def test_an_event_moves_a_contact_in_without_a_reload(
    at_segments: Page, live_server: Any, ada: User
):
    send(
        live_server,
        at_segments,
        "events",
        {"contact": {"external_id": "bob"}, "type": "Page_visit"},
    )
    send(live_server, at_segments, "event-types", {"key": "Purchase"})
    services.create_segment(
        key="buyers", name="Buyers", definition=BUYERS, author=ada, now=current_time()
    )
    settle_now()
    at_segments.reload()
    expect(at_segments.locator(".segment-size")).to_have_text("0")
    link = at_segments.get_by_role("link", name="Buyers")
    link.focus()

    send(
        live_server, at_segments, "events", {"contact": {"external_id": "bob"}, "type": "Purchase"}
    )
    settle_now()

    expect(at_segments.locator(".segment-size")).to_have_text("1")
    expect(link).to_be_focused()


def test_updates_can_be_paused(at_segments: Page, live_server: Any, ada: User):
    services.create_segment(
        key="buyers", name="Buyers", kind="static", author=ada, now=current_time()
    )
    at_segments.reload()
    button = at_segments.get_by_role("button", name="Pause updates")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")

    Segment.objects.update(member_count=7)
    at_segments.wait_for_timeout(2_500)
    expect(at_segments.locator(".segment-size")).to_have_text("0")

    button.click()
    expect(at_segments.locator(".segment-size")).to_have_text("7")


def test_whoever_was_signed_out_meanwhile_is_led_back(signed_in: Page, ada: User):
    signed_in.context.clear_cookies()

    signed_in.wait_for_url("**/sign-in?next=/")
    TOTPDevice.objects.all().delete()
    signed_in.get_by_label("Username").fill(ada.username)
    signed_in.get_by_label("Password").fill(PASSWORD)
    signed_in.get_by_role("button", name="Sign in", exact=True).click()

    expect(signed_in.get_by_role("heading", name="Home", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_sticks_out(at_segments: Page, live_server: Any, ada: User, width: int, theme: Any):
    services.create_segment(
        key="a-rather-long-key-of-a-segment-" + "x" * 30,
        name="Averylongnamewithoutanyspace" * 3,
        kind="static",
        author=ada,
        now=current_time(),
    )
    at_segments.set_viewport_size({"width": width, "height": 800})
    at_segments.emulate_media(color_scheme=theme)
    at_segments.reload()

    def is_in_shape() -> None:
        assert at_segments.evaluate("document.documentElement.scrollWidth") <= width
        assert at_segments.evaluate("document.documentElement.dataset.bsTheme") == theme

    is_in_shape()
    at_segments.locator(".row-name").first.click()
    at_segments.wait_for_url("**/segments/a-rather-long-key*")
    is_in_shape()


def test_the_api_is_described_on_a_page(signed_in: Page, live_server: Any):
    signed_in.goto(f"{live_server.url}/api/docs/")

    expect(signed_in.get_by_role("heading", name="SegmentFlow API")).to_be_visible()
    expect(signed_in.get_by_text("/api/v1/segments", exact=True).first).to_be_visible()


def test_search_opens_with_a_key_and_walks_with_arrows(signed_in: Page, live_server: Any):
    for name in ("Anna", "Annette"):
        send(live_server, signed_in, "contacts", {"external_id": name, "first_name": name})
    box = signed_in.get_by_role("dialog", name="Search")

    signed_in.keyboard.press("/")
    signed_in.keyboard.type("ann")
    expect(box.get_by_role("link")).to_have_count(2)
    signed_in.keyboard.press("ArrowDown")
    signed_in.keyboard.press("ArrowDown")
    signed_in.keyboard.press("Enter")

    expect(signed_in.get_by_role("heading", name="Anna", level=1)).to_be_visible()
    signed_in.wait_for_load_state()  # keys work once the page's modules are there
    signed_in.keyboard.press("Control+k")
    expect(box).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_a_slash_in_a_text_is_only_a_slash(at_segments: Page):
    field = at_segments.get_by_placeholder("Search by name, key or tag")
    field.click()
    at_segments.keyboard.type("a/b")

    expect(field).to_have_value("a/b")
    expect(at_segments.get_by_role("dialog", name="Search")).to_be_hidden()


def test_colours_are_chosen_once_and_stay(signed_in: Page):
    signed_in.get_by_role("button", name="Dark").click()
    expect(signed_in.locator("html")).to_have_attribute("data-bs-theme", "dark")

    signed_in.reload()
    expect(signed_in.locator("html")).to_have_attribute("data-bs-theme", "dark")

    signed_in.emulate_media(color_scheme="light")
    signed_in.get_by_role("button", name="As the system").click()
    expect(signed_in.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_a_question_is_asked_in_a_dialog_and_can_be_left(
    signed_in: Page, live_server: Any, ada: User
):
    services.create_segment(
        key="buyers", name="Buyers", kind="static", author=ada, now=current_time()
    )
    signed_in.goto(f"{live_server.url}/segments/buyers")
    dialog = signed_in.locator("#dialog")

    def ask() -> None:
        signed_in.locator("summary", has_text="More").click()
        signed_in.get_by_role("link", name="Delete").click()
        expect(dialog.get_by_role("heading")).to_contain_text("Buyers")

    ask()
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    signed_in.reload()
    ask()
    dialog.get_by_role("button", name="Delete").click()

    expect(signed_in.get_by_role("heading", name="Segments", exact=True)).to_be_visible()
    assert not Segment.objects.exists()
