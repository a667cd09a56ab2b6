"""The pages of segments in a browser: they follow what happens, and work without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from segmentflow.clock import current_time
from segmentflow.models import User
from segments import services
from segments.engine.settle import settle
from segments.models import Segment
from segments.tests.made import EVERYONE, in_segment, make_contact
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def make_segment(key: str, name: str, definition: Any = EVERYONE, **values: Any) -> Segment:
    return services.create_segment(
        key=key, name=name, definition=definition, author=None, now=current_time(), **values
    )


@pytest.fixture
def segment(transactional_db: None) -> Segment:
    make_contact("u1", first_name="Anna")
    segment = make_segment("vips", "Inactive VIPs", tags=["retail"])
    settle(now=current_time())
    return segment


@pytest.fixture
def detail(signed_in: Page, live_server: Any, segment: Segment) -> Page:
    signed_in.goto(f"{live_server.url}/segments/vips")
    return signed_in


def test_typing_narrows_the_list_and_it_stays_so(signed_in, live_server, segment):
    make_segment("others", "Others")
    signed_in.goto(f"{live_server.url}/segments")
    rows = signed_in.locator("#segments tbody tr")
    expect(rows).to_have_count(2)

    signed_in.get_by_placeholder("Search by name, key or tag").fill("retail")

    expect(rows).to_have_count(1)
    expect(signed_in).to_have_url(re.compile(r"\?q=retail"))
    with signed_in.expect_response(re.compile("q=retail")):  # the next refresh
        pass
    expect(rows).to_have_count(1)


def test_a_banner_that_comes_moves_nothing_and_is_seen(signed_in, live_server, segment):
    for number in range(30):
        make_segment(f"other-{number}", f"Other {number}")
    signed_in.goto(f"{live_server.url}/segments")
    row = signed_in.locator("#segments tbody tr").first
    before = row.bounding_box()
    banner = signed_in.get_by_role("status").get_by_text("No worker is alive")
    expect(banner).to_have_count(0)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segmentflow_wakeup WHERE name = 'beat'")

    expect(banner).to_be_in_viewport()
    assert row.bounding_box() == before
    signed_in.keyboard.press("End")
    expect(signed_in.locator("#segments tbody tr").last).to_be_in_viewport(ratio=1)


def test_size_state_members_and_activity_follow_what_happens(detail):
    expect(detail.locator("#size")).to_have_text("1")

    make_contact("u2", first_name="Bert")
    settle(now=current_time())

    expect(detail.locator("#size")).to_have_text("2")
    expect(detail.locator("#latest")).to_contain_text("Bert entered")
    expect(detail.locator("#members")).to_contain_text("Bert")


def test_the_state_in_the_heading_follows_what_happens(detail, segment):
    expect(detail.get_by_role("heading", level=1)).to_contain_text("Live")

    services.update_segment(segment=segment, status="paused", author=None, now=current_time())

    expect(detail.get_by_role("heading", level=1)).to_contain_text("Paused")


def test_the_development_is_drawn_and_leads_to_the_moves_of_a_day(detail):
    expect(detail.locator(".segment-chart .uplot")).to_be_visible()

    detail.get_by_text("Day by day").click()
    detail.get_by_role("region", name="Day by day").get_by_role("link").click()

    expect(detail.get_by_role("link", name="Activity", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    expect(detail.locator("#activity")).to_contain_text("Anna entered")


def test_ticked_segments_stay_ticked_and_are_compared(signed_in, live_server, segment):
    make_segment("others", "Others")
    settle(now=current_time())
    signed_in.goto(f"{live_server.url}/segments")
    expect(signed_in.get_by_role("button", name="Compare sizes")).to_be_hidden()

    signed_in.get_by_label("Choose Inactive VIPs").check()
    with signed_in.expect_response(re.compile("/segments$")):  # the next refresh
        pass
    expect(signed_in.get_by_label("Choose Inactive VIPs")).to_be_checked()
    signed_in.get_by_label("Choose Others").check()
    expect(signed_in.locator("[data-bulk-number]")).to_have_text("2 chosen")
    signed_in.get_by_role("button", name="Compare sizes").click()

    expect(signed_in).to_have_url(re.compile("segment=vips&segment=others"))
    expect(signed_in.locator(".segment-chart .u-legend")).to_contain_text("Inactive VIPs")
    signed_in.get_by_role("link", name="Change in %").click()
    signed_in.get_by_role("link", name="24 hours").click()
    expect(signed_in.locator(".segment-chart .uplot")).to_be_visible()
    signed_in.get_by_role("link", name="Take Others out of the comparison").click()
    expect(signed_in).to_have_url(re.compile("segment=vips.*as=change.*range=24h"))
    expect(signed_in.locator(".segment-chart .u-legend")).not_to_contain_text("Others")


def test_a_question_is_asked_in_a_dialog(detail):
    detail.get_by_text("More", exact=True).click()
    detail.get_by_role("link", name="Archive…").click()
    dialog = detail.get_by_role("dialog", name="Archive segment “Inactive VIPs”")
    expect(dialog).to_contain_text("1 member will stay")

    dialog.get_by_role("button", name="Archive segment").click()

    expect(detail.locator("#messages")).to_contain_text("is in the archive")
    expect(detail.get_by_role("button", name="Take out of the archive")).to_be_visible()


def test_everything_works_without_scripts(
    browser: Browser, live_server: Any, ada: User, segment: Segment
):
    make_segment("users", "Users of VIPs", in_segment("vips"))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/segments")
    page.get_by_label("Username").fill(ada.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.get_by_placeholder("Search by name, key or tag").fill("inactive")
    page.locator(".search-bar").get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Inactive VIPs").click()
    page.get_by_role("button", name="Pause segment").click()
    expect(page.locator("#messages")).to_contain_text("is paused")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("main")).to_contain_text("Users of VIPs")
    page.get_by_role("link", name="Back").click()
    page.get_by_text("Day by day").click()
    expect(page.get_by_role("table").first).to_contain_text("Members")
    context.close()


def test_segments_are_compared_from_the_list_and_a_combination_becomes_a_draft(
    signed_in, live_server, segment
):
    make_segment("through", "Through another", in_segment("vips"))
    make_contact("u2", first_name="Bert")
    settle(now=current_time())
    signed_in.goto(f"{live_server.url}/segments")
    signed_in.get_by_label("Choose Inactive VIPs").check()
    signed_in.get_by_label("Choose Through another").check()
    signed_in.get_by_role("button", name="Show overlap").click()

    row = signed_in.get_by_role("row", name="Inactive VIPs and Through another")
    expect(row).to_contain_text("2")
    expect(row).to_contain_text("100 %")
    row.get_by_role("button", name="Make a segment of").click()

    expect(signed_in).to_have_url(re.compile("/builder$"))
    expect(signed_in.get_by_text("nobody is in it until it is published")).to_be_visible()
