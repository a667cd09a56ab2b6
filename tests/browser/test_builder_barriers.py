"""No barrier in what the builder opens: menus, lists, dialogs, the sheet on phones, notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from segmentflow.clock import current_time
from segmentflow.models import User
from tests.browser.barriers import barriers
from tests.browser.building import DESKTOP, PHONE, ROOT, Builder, sign_in
from tests.browser.drafts import make_drafts
from tests.site.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)

THEMES = ("light", "dark")


@pytest.fixture(params=THEMES)
def opened(
    request: pytest.FixtureRequest, new_page: Any, live_server: Any, ada: User
) -> Callable[..., Builder]:
    make_world(now=current_time())
    make_drafts(now=current_time())

    def opened(key: str, **values: Any) -> Builder:
        page = new_page(color_scheme=request.param, reduced_motion="reduce", **values)
        sign_in(page.context, live_server.url, ada)
        builder = Builder(page)
        builder.open(live_server.url, key)
        return builder

    return opened


def test_nothing_that_is_opened_has_a_barrier(opened):
    builder = opened("every-kind", **DESKTOP)
    page = builder.page
    found = {}

    for summary in page.locator("#canvas details.more-parts summary").all():
        summary.click()
    page.locator("#canvas .condition details.node-menu summary").first.click()
    found["menu of a condition, and all rare parts"] = barriers(page)
    page.keyboard.press("Escape")
    page.get_by_text("More", exact=True).first.click()
    found["menu of the page"] = barriers(page)
    page.keyboard.press("Escape")
    page.locator(".c-add").first.click()
    expect(page.locator("#suggestions").get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    found["suggestions"] = barriers(page)
    page.keyboard.press("Escape")
    for name in ("Publish…", "Test a contact"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found[name] = barriers(page)
        page.keyboard.press("Escape")
    builder.node(ROOT).focus()
    page.keyboard.press("?")
    found["keys"] = barriers(page)

    assert {name: some for name, some in found.items() if some} == {}


def test_no_barrier_on_a_phone_nor_in_the_sheet(opened):
    builder = opened("every-kind", **PHONE)
    page = builder.page

    assert barriers(page) == []
    builder.node(ROOT).locator("[data-add-condition]").last.tap()
    expect(page.locator("#palette")).to_be_in_viewport()
    assert barriers(page) == []


def test_no_barrier_in_a_notice_of_what_somebody_else_did(opened):
    hers = opened("incomplete", **DESKTOP)
    his = opened("incomplete", expected=["status of 409"], **DESKTOP)
    for builder in (hers, his):
        builder.node(ROOT).focus()
        with builder.saved():
            builder.head(ROOT).locator("label", has_text="Any").click()

    expect(his.page.get_by_role("alert")).to_be_visible()
    assert barriers(his.page) == []
