"""The editor of a campaign: saves as one goes, in turn, and counts the audience anew."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, CampaignTarget
from campaigns.services import change_campaign, create_campaign
from campaigns.tests.pages import make_people
from segmentflow.clock import current_time
from segmentflow.roles import CAMPAIGN_MANAGERS
from segments.tests.made import make_segment, make_user, settled
from tests.browser.building import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

REFUSALS = ["status of 409", "status of 422"]
"""The browser reports them as errors."""


@pytest.fixture
def draft(ada) -> Campaign:
    make_people("anna", "bert", "cleo")
    make_people("dora", subscribed=False)
    for key in ("vips", "buyers", "lapsing"):
        settled(make_segment(key), now=current_time())
    return create_campaign(name="Spring", channel="email", by=ada, now=current_time())


@pytest.fixture
def editor(new_page, live_server, ada, draft) -> Page:
    page: Page = new_page(expected=REFUSALS, viewport={"width": 1280, "height": 900})
    sign_in(page.context, live_server.url, ada)
    page.goto(f"{live_server.url}/campaigns/{draft.pk}/edit")
    return page


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text("Saved")


def targets() -> list[tuple[str, bool]]:
    rows = CampaignTarget.objects.order_by("pk").select_related("segment")
    return [(row.segment.key, row.excludes) for row in rows]


def test_segments_are_found_chosen_and_counted(editor):
    counts = editor.locator("#audience-counts")
    editor.get_by_label("Search segments", exact=True).fill("vip")
    expect(editor.locator(".picker-row:visible")).to_have_count(1)
    editor.get_by_role("button", name="Include Vips").click()
    saved(editor)

    expect(counts).to_contain_text("3 of 4 targeted contacts")
    expect(counts.get_by_role("link", name="Unsubscribed")).to_be_visible()
    expect(editor.locator("#steps")).not_to_contain_text("1 to do")
    editor.get_by_role("button", name="Exclude Buyers").click()
    expect(counts).to_contain_text("0 of 4 targeted contacts")
    editor.get_by_role("button", name="Take off Buyers").click()
    expect(counts).to_contain_text("3 of 4 targeted contacts")
    assert targets() == [("vips", False)]


def test_quick_changes_and_a_click_right_after_typing_lose_nothing(editor, draft):
    """On a slow line, so that each change comes while one before it is on its way."""
    line = {"offline": False, "latency": 300, "downloadThroughput": -1, "uploadThroughput": -1}
    editor.context.new_cdp_session(editor).send("Network.emulateNetworkConditions", line)
    editor.get_by_label("Name", exact=True).fill("Summer sale")
    editor.get_by_role("button", name="Include Vips").click()
    editor.get_by_role("button", name="Exclude Buyers").click()
    editor.get_by_label("Hold-out").press_sequentially("1")
    editor.get_by_text("Whenever a contact enters").click()
    editor.get_by_label("After entering, wait").fill("2")
    editor.get_by_label("Unit").select_option("hours")
    saved(editor)
    editor.get_by_label("Hold-out").fill("24")
    editor.keyboard.press("Tab")
    editor.get_by_label("Hold-out").fill("25")
    editor.get_by_role("link", name="Review and start").click()
    editor.wait_for_url("**/start")

    found = Campaign.objects.get()
    assert (found.name, found.kind, found.delay_minutes) == ("Summer sale", "entering", 120)
    assert found.holdout_percent == 25
    assert targets() == [("vips", False), ("buyers", True)]


def test_what_cannot_be_stored_is_said_at_its_control_until_it_is_mended(editor):
    name = editor.get_by_label("Name", exact=True)
    name.fill("")
    expect(editor.locator("#error-name")).to_have_text("This field is required.")
    expect(editor.locator("[data-saved]")).to_have_text("Not saved")
    name.fill("Autumn")
    saved(editor)

    expect(editor.locator("#error-name")).to_be_hidden()
    expect(editor.locator("h1")).to_contain_text("Autumn")
    assert Campaign.objects.get().name == "Autumn"


def test_the_later_of_two_people_sees_what_the_other_did_and_goes_on(editor, draft):
    bert = make_user(CAMPAIGN_MANAGERS, "bert")
    change_campaign(
        campaign=draft, revision=0, changes={"name": "Autumn"}, by=bert, now=current_time()
    )

    editor.get_by_label("Hold-out").fill("5")
    notice = editor.get_by_role("alert")
    expect(notice).to_contain_text("Name: “Spring” → “Autumn” (bert")
    expect(notice).to_contain_text("Hold-out: 0 % → 5 %")
    expect(editor.get_by_label("Name", exact=True)).to_have_value("Autumn")
    expect(editor.get_by_label("Hold-out")).to_have_value("0")
    editor.get_by_label("Hold-out").fill("7")
    saved(editor)

    expect(notice).to_be_hidden()
    found: Any = Campaign.objects.get()
    assert (found.name, found.holdout_percent) == ("Autumn", 7)
