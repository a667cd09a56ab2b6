"""What is typed into a message arrives, whatever the network does meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from campaigns.models import Campaign
from segmentflow.models import Session, User
from tests.browser.building import sign_in
from tests.site.world import SPRING

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = "[data-saved].badge-good"


@pytest.fixture
def email(ada: User) -> Campaign:
    return Campaign.objects.create(name="Spring", channel="email", content=SPRING)


@pytest.fixture
def editor(new_page: Callable[..., Page], live_server: Any, ada: User, email: Campaign) -> Page:
    page = new_page(expected=["ERR_FAILED", "503"])
    sign_in(page.context, live_server.url, ada)
    page.goto(f"{live_server.url}/campaigns/{email.pk}/message")
    return page


@pytest.fixture
def held(editor: Page) -> list[Route]:
    """What the page sends, until it is let go on."""
    found: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            found.append(route)
        else:
            route.continue_()

    editor.route("**/message", hold)
    return found


def waits(page: Page, held: list[Route]) -> Route:
    for _ in range(500):
        if held:
            return held.pop(0)
        page.wait_for_timeout(10)
    raise AssertionError("The page sends nothing more.")


def online(page: Page) -> None:
    """Tries again at once what did not arrive."""
    page.evaluate("dispatchEvent(new Event('online'))")


def content(email: Campaign) -> dict[str, Any]:
    email.refresh_from_db()
    found: dict[str, Any] = email.content
    return found


def test_what_is_typed_while_the_last_change_is_on_its_way_is_saved_too(editor, email, held):
    editor.locator("#b3-text").fill("Buy")
    editor.locator("#b3-url").focus()
    first = waits(editor, held)
    editor.locator("#b3-url").fill("https://shop.example/new")
    editor.locator("#message-subject").fill("Late")
    editor.get_by_role("link", name="Campaigns").first.click()
    first.continue_()
    waits(editor, held).continue_()
    editor.wait_for_url(re.compile(r"/campaigns$"))

    assert content(email)["blocks"][2] == SPRING["blocks"][2] | {
        "text": "Buy",
        "url": "https://shop.example/new",
    }
    assert email.content["subject"] == "Late"


def test_an_answer_that_is_lost_loses_nothing_and_is_no_change_of_another(editor, email, held):
    editor.locator("#message-subject").fill("One")
    editor.locator("#message-preheader").focus()
    lost = waits(editor, held)
    lost.fetch()
    lost.abort()
    expect(editor.locator("[data-saved]")).to_have_text("Not saved")
    editor.locator("#message-preheader").fill("Two")
    editor.locator("#message-subject").focus()
    waits(editor, held).fulfill(status=503)
    online(editor)
    waits(editor, held).continue_()
    waits(editor, held).continue_()

    expect(editor.locator(SAVED)).to_have_text("Saved")
    assert (content(email)["subject"], email.content["preheader"]) == ("One", "Two")


def test_nothing_is_typed_into_a_message_that_is_just_becoming_another_one(editor, email, held):
    editor.on("dialog", lambda dialog: dialog.accept())
    editor.get_by_role("button", name="MJML").click()
    expect(editor.locator("#message-form")).to_have_attribute("inert", "")
    waits(editor, held).continue_()

    expect(editor.locator("#message-source")).to_be_enabled()
    expect(editor.locator("#message-form")).not_to_have_attribute("inert", "")
    assert content(email)["format"] == "mjml"


def test_whoever_was_signed_out_is_asked_before_what_was_typed_goes(editor, email):
    asked: list[str] = []

    def remain(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    editor.on("dialog", remain)
    # A browser asks only those who have done something on the page.
    editor.locator("#message-preheader").click()
    Session.objects.all().delete()
    editor.locator("#message-subject").fill("Kept on the page")

    expect(editor.locator("[data-saved]")).to_have_attribute("title", "You are signed out.")
    editor.wait_for_timeout(200)
    assert set(asked) == {"beforeunload"}
    assert editor.locator("#message-subject").input_value() == "Kept on the page"
