"""The list of contacts in a browser: columns, filters, ticking, by mouse, by keyboard and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contacts.models import Contact, ContactColumns
from segmentflow.clock import current_time
from segmentflow.models import User
from segments.builder.drafts import open_draft
from segments.conditions.edit import without_ids
from segments.models import Membership, Segment
from tests.browser.barriers import barriers
from tests.browser.building import DESKTOP, PHONE, sign_in
from tests.browser.dragging import Mouse
from tests.site.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listed(signed_in: Page, live_server: Any) -> Page:
    make_world(now=current_time())
    signed_in.goto(f"{live_server.url}/contacts")
    return signed_in


def heads(page: Page) -> list[str]:
    texts = page.locator(".contact-table thead th").all_inner_texts()
    return [text.strip(" ↑↓") for text in texts if text.strip()]


def names(page: Page) -> Locator:
    return page.locator(".contact-table .row-name")


def opened(page: Page, link: str) -> Locator:
    page.get_by_role("link", name=link, exact=True).click()
    dialog = page.locator("#dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_columns_are_chosen_and_dragged(listed):
    dialog = opened(listed, "Columns")
    dialog.get_by_role("checkbox", name="Status_VIP").check()
    dialog.get_by_role("checkbox", name="Country").uncheck()
    row = dialog.locator("li", has_text="Status_VIP")
    mouse = Mouse(listed)
    mouse.take(row.locator("[data-grip]"))
    target = dialog.locator("li", has_text="Email").first.bounding_box()
    assert target
    mouse.move((target["x"] + 40, target["y"] + 2))
    # Rows that make room take no notice of the pointer until they have: 120 ms.
    listed.wait_for_timeout(200)
    mouse.move((target["x"] + 42, target["y"] + 2))
    mouse.let_go()
    expect(dialog.get_by_role("status")).to_have_text("Status_VIP is at place 1 of 4")
    dialog.get_by_role("button", name="Show these").click()

    expect(dialog).to_be_hidden()
    expect(listed.locator(".contact-table thead")).to_contain_text("Status_VIP")
    assert heads(listed) == ["Contact", "Status_VIP", "Email", "City", "Creation date"]
    expect(listed.locator("tbody")).to_contain_text("Silver")


def test_columns_are_chosen_and_ordered_by_keyboard(listed):
    link = listed.get_by_role("link", name="Columns")
    link.focus()
    listed.keyboard.press("Enter")
    dialog = listed.locator("#dialog")
    dialog.get_by_role("checkbox", name="Creation date").focus()
    listed.keyboard.press("Alt+ArrowUp")
    listed.keyboard.press("Alt+ArrowUp")
    expect(dialog.get_by_role("status")).to_have_text("Creation date is at place 2 of 4")
    dialog.get_by_role("button", name="Move Creation date up").focus()
    listed.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Creation date is at place 1 of 4")
    dialog.get_by_role("checkbox", name="Phone").focus()
    listed.keyboard.press("Space")
    expect(dialog.get_by_role("checkbox", name="Phone")).to_be_focused()
    listed.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    expect(listed.locator(".contact-table thead")).to_contain_text("Phone")
    assert heads(listed) == ["Contact", "Creation date", "Email", "City", "Country", "Phone"]


def test_a_field_is_found_among_the_columns(listed):
    dialog = opened(listed, "Columns")

    dialog.get_by_label("Find a field").fill("birth")

    expect(dialog.locator("li:visible")).to_have_count(1)


def test_a_list_is_filtered_and_becomes_a_segment(listed):
    dialog = opened(listed, "Add filter")
    dialog.get_by_role("link", name="Status_VIP").click()
    value = dialog.locator(".c-add")
    expect(value).to_be_focused()
    value.fill("Gold")
    dialog.get_by_role("button", name="Apply").click()
    expect(names(listed)).to_have_text(["Lucía Rey", "Anna Kowalska"])

    dialog = opened(listed, "Add filter")
    dialog.get_by_role("link", name="Purchase", exact=True).click()
    often = dialog.get_by_label("How often Purchase was performed")
    expect(often).to_have_value("performed")
    dialog.get_by_label("Time of Purchase").select_option("last")
    expect(dialog.locator(".c-number")).to_be_visible()
    dialog.locator(".c-number").fill("3650")
    dialog.get_by_role("button", name="Apply").click()
    expect(listed.locator(".filter-chip")).to_have_count(2)

    listed.get_by_role("link", name="Save as segment").click()
    listed.get_by_label("Name").fill("Golden buyers")
    listed.get_by_role("button", name="Open in the builder").click()
    listed.wait_for_url(re.compile("/builder"))
    expect(listed.locator(".condition")).to_have_count(2)
    expect(listed.locator(".result-size")).to_have_text("1")
    tree = without_ids(open_draft(segment=Segment.objects.get(name="Golden buyers")).tree)
    assert [child["kind"] for child in tree["children"]] == ["field", "event"]
    assert tree["children"][1]["window"] == {"kind": "last", "amount": 3650, "unit": "day"}


def test_a_list_is_filtered_by_keyboard_alone(listed):
    link = listed.get_by_role("link", name="Add filter")
    link.focus()
    listed.keyboard.press("Enter")
    dialog = listed.locator("#dialog")
    search = dialog.get_by_label("Find a field, event or segment")
    expect(search).to_be_focused()
    listed.keyboard.type("status")
    listed.keyboard.press("Enter")
    expect(dialog.locator(".c-add")).to_be_focused()
    listed.keyboard.type("Silver")
    listed.keyboard.press("Enter")
    expect(dialog.locator(".value")).to_have_text(re.compile("Silver"))
    expect(dialog.locator(".c-add")).to_be_focused()
    listed.keyboard.press("Enter")

    expect(names(listed)).to_have_text(["Jonas Meyer"])
    chip = listed.get_by_role("link", name="Remove the filter “Status_VIP is Silver”")
    chip.focus()
    listed.keyboard.press("Enter")
    expect(names(listed)).to_have_count(3)


def test_another_comparison_brings_its_own_control(listed, live_server):
    listed.goto(f"{live_server.url}/segments/-filter/edit?add=field:Birthday")
    operator = listed.get_by_label("Comparison").or_(listed.locator(".c-select").first).first
    operator.select_option("before")
    expect(listed.locator("input[type=date]")).to_be_visible()
    listed.locator("input[type=date]").fill("1991-01-01")
    listed.get_by_role("button", name="Apply").click()

    expect(names(listed)).to_have_count(3)


def test_real_values_are_offered(listed):
    dialog = opened(listed, "Add filter")
    with listed.expect_response(re.compile("/-filter/values")):
        dialog.get_by_role("link", name="Status_VIP").click()

    expect(listed.locator("#filter-values option").first).to_be_attached()


def test_what_is_ticked_is_counted_and_put_into_a_new_segment(listed):
    bar = listed.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    listed.get_by_label("Choose Anna Kowalska").check()
    listed.get_by_label("Choose Jonas Meyer").check()
    expect(bar).to_contain_text("2 chosen")

    bar.get_by_role("button", name="Add to a segment").click()
    listed.get_by_label(re.compile("a new")).fill("Invited")
    listed.get_by_role("button", name="Add 2 contacts").click()

    expect(listed.locator(".alert-success")).to_contain_text("2 contacts added to “Invited”")
    assert Membership.objects.filter(segment__name="Invited").count() == 2


def test_all_of_a_page_are_erased_after_a_question(listed):
    listed.get_by_label("Choose all on this page").check()
    listed.locator("[data-bulk]").get_by_role("button", name="Erase").click()
    expect(listed.get_by_role("heading", name="Erase 3 contacts")).to_be_visible()
    listed.get_by_role("button", name="Erase 3 contacts").click()

    expect(listed.locator(".alert-success")).to_contain_text("3 contacts were erased")
    assert not Contact.objects.exists()


def test_the_count_of_a_longer_list_comes_by_itself(listed, live_server, monkeypatch):
    monkeypatch.setattr("contacts.views.listing.CONTACTS_A_PAGE", 2)
    listed.goto(f"{live_server.url}/contacts?q=example")

    expect(listed.locator(".contact-size")).to_contain_text("3 contacts")


def test_everything_works_without_scripts(new_page: Any, live_server: Any, ada: User):
    make_world(now=current_time())
    page = new_page(java_script_enabled=False)
    sign_in(page.context, live_server.url, ada)
    page.goto(f"{live_server.url}/contacts")

    page.get_by_role("link", name="Columns").click()
    page.get_by_role("button", name="Move City up").click()
    page.get_by_role("button", name="Show these").last.click()
    assert heads(page) == ["Contact", "City", "Email", "Country", "Creation date"]
    assert ContactColumns.objects.get().person == ada

    page.get_by_role("link", name="Add filter").click()
    page.get_by_role("link", name="Status_VIP").click()
    page.locator(".c-add").fill("Gold")
    page.get_by_role("button", name="Update").click()
    expect(page.locator(".value")).to_have_count(1)
    page.get_by_role("button", name="Apply").last.click()
    expect(names(page)).to_have_count(2)

    page.get_by_label("Choose Anna Kowalska").check()
    page.locator("[data-bulk]").get_by_role("button", name="Export").click()
    expect(page.locator("main")).to_contain_text("1 chosen contact")


@pytest.fixture(params=["light", "dark"])
def dressed(
    request: pytest.FixtureRequest, new_page: Any, live_server: Any, ada: User
) -> Callable[[dict[str, Any]], Page]:
    make_world(now=current_time())

    def dressed(size: dict[str, Any]) -> Page:
        page: Page = new_page(
            expected=["422"], color_scheme=request.param, reduced_motion="reduce", **size
        )
        sign_in(page.context, live_server.url, ada)
        page.goto(f"{live_server.url}/contacts")
        return page

    return dressed


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_that_opens_is_a_barrier(dressed, size):
    page = dressed(size)
    page.get_by_label("Choose Anna Kowalska").check()
    assert barriers(page) == []

    dialog = opened(page, "Columns")
    assert barriers(page) == []
    page.keyboard.press("Escape")

    dialog = opened(page, "Add filter")
    assert barriers(page) == []
    dialog.get_by_role("link", name="Status_VIP").click()
    expect(dialog.locator(".c-add")).to_be_focused()
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.locator(".wrong-words")).to_be_visible()
    assert barriers(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
