"""The editor of a message in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from campaigns.channels.models import OutboxMessage
from campaigns.channels.outbox import store_message
from campaigns.channels.ways import WayFacts
from campaigns.composing import Composer, people_facts
from campaigns.keys import MessageKey
from campaigns.models import Campaign, Message
from campaigns.tracking.links import TrackedLinks
from contacts.models import Contact
from segmentflow.clock import current_time
from segmentflow.models import User
from tests.browser.building import DESKTOP, sign_in
from tests.browser.dragging import Mouse, in_sight, lower_edge
from tests.site.world import DOT, SPRING

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = "[data-saved].badge-good"


@pytest.fixture
def email(ada: User) -> Campaign:
    ada.email = "ada@example.com"
    ada.save()
    Contact.objects.create(first_name="Anna", email="anna@example.com")
    Contact.objects.create(first_name="Bert", email="bert@example.com")
    return Campaign.objects.create(name="Spring", channel="email", content=SPRING)


@pytest.fixture
def editor(page: Page, live_server: Any, ada: User, email: Campaign) -> Page:
    page.set_viewport_size(DESKTOP["viewport"])
    sign_in(page.context, live_server.url, ada)
    page.goto(f"{live_server.url}/campaigns/{email.pk}/message")
    return page


def settled(page: Page, email: Campaign) -> dict[str, Any]:
    expect(page.locator(SAVED)).to_have_text("Saved")
    email.refresh_from_db()
    return email.content


def order(content: dict[str, Any]) -> list[str]:
    return [block["id"] for block in content["blocks"]]


def test_typing_and_pressing_at_once_loses_nothing(editor: Page, email: Campaign):
    editor.locator("#b2-text").fill("Typed")
    editor.locator("#down-b2").click()
    editor.locator("#down-b2").click()
    editor.locator("#message-subject").press("End")
    editor.locator("#message-subject").press_sequentially("!")
    editor.locator("#copy-b1").click()
    editor.locator("#b3-text").fill("Buy")
    editor.locator("#add-text").click()
    content = settled(editor, email)

    assert content["subject"].endswith("!")
    assert [block["kind"] for block in content["blocks"]] == [
        *("heading", "heading", "button", "image", "text", "divider", "spacer", "text")
    ]
    assert content["blocks"][2]["text"] == "Buy"
    assert content["blocks"][4]["text"] == "Typed"
    new = content["blocks"][-1]["id"]
    expect(editor.locator(f"#{new}-text")).to_be_focused()


def test_what_is_typed_just_before_leaving_by_a_link_is_there_afterwards(
    editor: Page, email: Campaign
):
    editor.locator("#message-subject").fill("Last words")
    editor.get_by_role("link", name="Campaigns").first.click()
    editor.wait_for_url(re.compile(r"/campaigns$"))

    email.refresh_from_db()
    assert email.content["subject"] == "Last words"


def test_a_block_is_dragged_to_another_place(editor: Page, email: Campaign):
    mouse = Mouse(editor)
    mouse.take(editor.locator("#block-b1 [data-drag]"))
    target = editor.locator("#block-b2")
    mouse.move(in_sight(editor, mouse, lambda: lower_edge(target)))
    expect(editor.locator(".drop-line")).to_be_visible()
    mouse.let_go()

    expect(editor.locator("[data-blocks] > li").nth(1)).to_have_id("block-b1")
    assert order(settled(editor, email)) == ["b2", "b1", "b3", "b4", "b5", "b6"]


def test_the_preview_follows_what_is_typed_as_the_chosen_contact(editor: Page, email: Campaign):
    frame = editor.frame_locator("#preview-frame")
    expect(frame.locator("h1")).to_have_text("Hello Anna")
    editor.get_by_label("Show it as another contact").fill("bert")
    editor.get_by_role("search").get_by_role("button", name="Search").last.click()
    editor.get_by_role("link", name="Bert").click()
    expect(frame.locator("h1")).to_have_text("Hello Bert")

    editor.locator("#preview-phone").check()
    editor.locator("#b1-text").fill("Dear ")
    editor.locator("[data-insert=b1-text]").click()
    editor.get_by_label("Search fields").fill("first")
    editor.keyboard.press("Enter")

    expect(frame.locator("h1")).to_have_text("Dear Bert")
    expect(editor.locator("#preview-phone")).to_be_checked()
    frame_box = editor.locator("#preview-frame").bounding_box()
    assert frame_box
    assert frame_box["width"] <= 375
    editor.locator("#message-subject").fill("New")
    editor.get_by_role("button", name="Send a test").click()
    expect(editor.locator("#test")).to_contain_text("Delivered into the outbox")
    assert OutboxMessage.objects.get().subject == "New"
    assert "Dear Bert" in OutboxMessage.objects.get().html


def test_a_picture_is_added_and_chosen_without_leaving_the_page(editor: Page, email: Campaign):
    editor.locator("#choose-b4").click()
    editor.get_by_label("Add a picture").set_input_files(
        {"name": "dot.gif", "mimeType": "image/gif", "buffer": DOT}
    )
    editor.get_by_role("button", name="Add", exact=True).click()
    editor.get_by_role("button", name="Choose dot.gif").click()

    expect(editor.locator("#b4-src")).to_have_value(re.compile(r"/m/i/.+\.gif$"))
    assert settled(editor, email)["blocks"][3]["src"].endswith(".gif")


def test_two_windows_never_overwrite_each_other(new_page: Any, live_server: Any, ada: User, email):
    page = new_page(expected=["409"])
    sign_in(page.context, live_server.url, ada)
    page.goto(f"{live_server.url}/campaigns/{email.pk}/message")
    Campaign.objects.filter(pk=email.pk).update(
        revision=7, content={**SPRING, "subject": "Of another"}
    )

    page.locator("#message-subject").fill("Mine")
    page.locator("#message-preheader").click()

    expect(page.get_by_role("alert")).to_contain_text("This campaign was changed meanwhile")
    expect(page.locator("#message-subject")).to_have_value("Of another")
    page.locator("#message-subject").fill("Mine again")
    page.locator("#message-preheader").click()
    expect(page.locator(SAVED)).to_be_visible()
    email.refresh_from_db()
    assert email.content["subject"] == "Mine again"


def test_opening_and_clicking_in_the_outbox_counts(
    page: Page, live_server: Any, ada: User, email: Campaign, settings: Any
):
    settings.PUBLIC_URL = "https://news.example.com"  # which nobody can reach from here
    Campaign.objects.filter(pk=email.pk).update(content={**SPRING, "blocks": SPRING["blocks"][:3]})
    email.refresh_from_db()
    email.content["blocks"][2]["url"] = f"{live_server.url}/search?q=x"
    now = current_time() - timedelta(minutes=1)
    anna = Contact.objects.get(first_name="Anna")
    key = MessageKey(anna.pk, email.pk, 0)
    message = Message.objects.create(
        contact=anna, campaign=email, state=Message.State.SENT, sent_at=now
    )
    composer = Composer(
        campaign=email, content=email.content, way=WayFacts("email"), now=now, links=TrackedLinks()
    )
    store_message(composer.compose(people_facts([anna.pk])[anna.pk], key), now=now)
    sign_in(page.context, live_server.url, ada)

    with page.expect_response(lambda answer: "/m/o/" in answer.url):
        page.goto(f"{live_server.url}/campaigns/outbox/{OutboxMessage.objects.get().pk}")
    with page.expect_popup() as popup:
        page.frame_locator("#message-frame").get_by_text("Shop").click()
    popup.value.wait_for_url("**/search?q=x")

    message.refresh_from_db()
    assert message.opened_at
    assert message.clicked_at
