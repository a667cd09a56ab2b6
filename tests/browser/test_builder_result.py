"""What the draft matches, what is wrong with it, whom it fits, and what publishing it will do."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from segmentflow.clock import current_time
from segmentflow.models import User
from segments import services
from segments.engine.settle import settle
from segments.models import Segment
from segments.tests.made import in_segment
from tests.browser.building import Builder, group, make_draft, sign_in, tier
from tests.browser.test_builder_typing import Held
from tests.worlds import members_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_count_follows_every_change_without_being_asked(build):
    builder = build(group(tier("Gold"), tier("Silver")))
    expect(builder.count).to_have_text("0")
    expect(builder.page.locator("#count-n2")).to_have_text("Contacts that fit this alone: 2")

    builder.node("n3").focus()
    builder.page.keyboard.press("Delete")
    expect(builder.count).to_have_text("2")
    expect(builder.page.locator(".result-share")).to_have_text("66.67% of 3")
    expect(builder.page.locator(".example")).to_have_count(2)

    builder.control("n2", "value").fill("Silver")
    expect(builder.count).to_have_text("1")
    expect(builder.page.locator(".drop-label")).to_have_text(["All contacts", "Tier is Silver"])

    builder.control("n2", "operator").select_option("is_set")
    expect(builder.count).to_have_text("3")
    builder.page.locator("#undo").click()
    expect(builder.count).to_have_text("1")


def test_what_is_counted_for_an_older_draft_is_given_up(build):
    builder = build(group(tier("Gold")))
    held = Held(builder.page, "**/builder/result")
    with builder.page.expect_event("requestfailed") as failed:
        with builder.saved():
            builder.control("n2", "operator").select_option("not_equals")
        held.expect(1)
        with builder.saved():
            builder.control("n2", "operator").select_option("is_set")
    assert failed.value.url.endswith("/builder/result")

    held.expect(2)
    held.let_through(1)

    expect(builder.count).to_have_text("3")


def test_problems_stand_at_their_control_and_lead_there(build):
    builder = build(group(tier("Gold"), tier("")))
    value, problems = builder.control("n3", "value"), builder.page.locator("#problems")
    expect(problems).to_contain_text("Tier: Fill this in.")
    expect(value).to_have_attribute("aria-invalid", "true")
    expect(value).to_have_accessible_description("Fill this in.")
    expect(builder.count).to_have_text("2")
    expect(builder.page.get_by_text("A condition that is not complete is left out")).to_be_visible()

    problems.get_by_role("link").click()
    expect(value).to_be_focused()
    with builder.saved():
        builder.page.keyboard.type("Silver")

    expect(problems.get_by_role("link")).to_have_count(0)
    expect(value).not_to_have_attribute("aria-invalid", "true")
    expect(value).to_be_focused()


def test_a_draft_with_problems_is_not_published(build):
    builder = build(group(tier("")))

    builder.publishing.click()
    dialog = builder.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The draft cannot be published yet")
    expect(dialog).to_contain_text("Tier: Fill this in.")
    expect(dialog.get_by_role("button", name="Publish")).to_have_count(0)
    dialog.get_by_role("link", name="Back").click()

    expect(dialog).to_be_hidden()
    assert Segment.objects.get().status == Segment.Status.DRAFT


def test_a_contact_is_tested_against_the_draft(build):
    points = {"kind": "field", "field": "Points", "operator": "at_least", "value": 9}
    builder = build(group(tier("Gold"), group(points, match="none")))
    page = builder.page

    page.get_by_role("link", name="Test a contact").click()
    dialog = page.get_by_role("dialog", name="Test a contact")
    dialog.get_by_label("Find a contact").fill("anna")
    dialog.get_by_role("link", name="Anna").click()

    expect(dialog).to_contain_text("Anna is in the segment as it is drafted.")
    lines = dialog.locator(".verdict-line")
    expect(lines.filter(has_text="Tier")).to_contain_text("Fits:")
    expect(lines.filter(has_text="Tier")).to_contain_text("Gold")
    expect(lines.filter(has_text="Points")).to_contain_text("Does not fit:")
    expect(lines.filter(has_text="Points")).to_contain_text("7")
    dialog.get_by_label("Find a contact").fill("bert")
    dialog.get_by_role("link", name="Bert").click()
    expect(dialog).to_contain_text("Bert is not in the segment as it is drafted.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.fixture
def live(page: Any, live_server: Any, ada: User) -> Builder:
    """Of a segment that has two members and is used by another one."""
    now = current_time()
    segment = make_draft(group(tier("Gold")))
    services.update_segment(segment=segment, status="live", author=None, now=now)
    services.create_segment(
        key="users", name="Users", definition=in_segment("draft"), author=None, now=now
    )
    settle(now=now)
    sign_in(page.context, live_server.url, ada)
    builder = Builder(page)
    builder.open(live_server.url, "draft")
    return builder


def test_publishing_shows_first_who_enters_and_leaves_and_what_uses_it(live):
    page = live.page
    with live.saved():
        live.control("n2", "value").fill("Silver")

    live.publishing.click()
    dialog = page.get_by_role("dialog", name="Publish “Draft”")
    expect(dialog.locator(".is-entering")).to_have_text("+1")
    expect(dialog.locator(".is-leaving")).to_have_text("−2")
    changes = dialog.get_by_role("list", name="What changes")
    expect(changes.locator("del")).to_have_text("Gold")
    expect(changes.locator("ins")).to_have_text("Silver")
    expect(dialog.get_by_role("link", name="Users")).to_be_visible()
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert Segment.objects.get(key="draft").versions.count() == 1

    live.publishing.click()
    dialog.get_by_role("button", name="Publish").click()
    expect(page.locator("#messages")).to_contain_text("is published")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Draft")
    settle(now=current_time())
    assert members_of("draft") == {"bert"}
