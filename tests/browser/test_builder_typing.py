"""Whoever types is not disturbed, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from segmentflow.models import User
from tests.browser.building import DESKTOP, ROOT, Builder, Tree, group, make_draft, sign_in, tier

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = "**/builder/do"
HAS_CARET = "([place]) => document.activeElement.selectionStart === place"


def one_of(*values: str) -> Tree:
    return {"kind": "field", "field": "Tier", "operator": "in", "value": list(values)}


class Held:
    """Requests that wait until they are let through."""

    def __init__(self, page: Page, path: str) -> None:
        self._page = page
        self._waiting: list[Route] = []
        self._is_open = False
        page.route(path, self._take)

    def _take(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._waiting.append(route)

    def expect(self, number: int) -> None:
        """So many have been sent."""
        for _ in range(100):
            if len(self._waiting) == number:
                return
            self._page.wait_for_timeout(50)
        raise AssertionError(f"{len(self._waiting)} were sent")

    def let_through(self, first: int = 0) -> None:
        """From one of them on, and all later ones."""
        self._is_open = True
        for route in self._waiting[first:]:
            route.continue_()


def test_focus_and_caret_stay_while_answers_arrive(build):
    builder = build(group(tier("B"), tier("C")))
    page, value = builder.page, builder.control("n2", "value")
    held = Held(page, OPERATIONS)
    before = builder.revision

    value.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Gol")
    held.expect(1)
    page.keyboard.type("den")
    page.keyboard.press("ArrowLeft")
    with builder.saved():
        held.let_through()

    expect(value).to_be_focused()
    expect(value).to_have_value("Golden")
    assert page.evaluate(HAS_CARET, [5])
    expect(builder.sentence).to_contain_text("Golden")
    expect(value).to_be_focused()
    assert page.evaluate(HAS_CARET, [5])
    assert builder.stored() == group(tier("Golden"), tier("C"))
    assert builder.revision == before + 2


def test_a_value_is_typed_in_one_step(build):
    """Undo takes back the word, not its last letters."""
    builder = build(group(tier("B")))
    page = builder.page
    builder.control("n2", "value").click()
    page.keyboard.press("Control+A")
    for part in ("Plat", "inum"):
        with builder.saved():
            page.keyboard.type(part)

    page.keyboard.press("Escape")
    with builder.saved():
        page.keyboard.press("Control+z")

    expect(builder.control("n2", "value")).to_have_value("B")


def test_quick_changes_are_all_stored(build):
    builder = build(group(tier("A"), tier("B"), tier("C"), tier("D")))
    held = Held(builder.page, OPERATIONS)

    builder.control("n2", "operator").select_option("not_equals")
    builder.control("n3", "value").fill("Bronze")
    builder.button("n4", "duplicate").first.click()
    builder.control("n5", "operator").select_option("is_set")
    builder.control("n2", "value").fill("Gold")
    builder.head(ROOT).locator("label", has_text="Any").click()
    held.expect(1)
    with builder.saved():
        held.let_through()

    expect(builder.control("n5", "value")).to_have_count(0)
    expect(builder.head(ROOT).get_by_role("radio", name="Any")).to_be_checked()
    builder.expect_stored(
        group(
            {**tier("Gold"), "operator": "not_equals"},
            tier("Bronze"),
            tier("C"),
            tier("C"),
            {"kind": "field", "field": "Tier", "operator": "is_set"},
            match="any",
        )
    )
    expect(builder.page.get_by_role("alert")).to_have_count(0)


def test_real_values_are_suggested_and_chosen_by_keyboard(build):
    builder = build(group(tier("")))
    page, value = builder.page, builder.control("n2", "value")
    options = page.get_by_role("listbox", name="Values").get_by_role("option")
    value.focus()

    page.keyboard.press("ArrowDown")
    expect(options).to_have_text(["Gold2", "Silver1"])
    expect(value).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    marked = options.nth(1).get_attribute("id")
    assert marked
    expect(value).to_have_attribute("aria-activedescendant", marked)
    with builder.saved():
        page.keyboard.press("Enter")

    expect(value).to_have_value("Silver")
    expect(value).to_be_focused()
    expect(options).to_have_count(0)
    assert builder.stored() == group(tier("Silver"))


def test_suggestions_narrow_are_left_by_escape_and_chosen_by_mouse(build):
    builder = build(group(one_of("Gold")))
    page, adding = builder.page, builder.control("n2", "value+")
    options = page.get_by_role("listbox", name="Values").get_by_role("option")

    adding.click()
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(adding).to_be_focused()
    page.keyboard.type("sil")
    expect(options).to_have_text(["Silver1"])
    with builder.saved():
        options.first.click()

    expect(adding).to_have_value("")
    expect(adding).to_be_focused()
    assert builder.stored() == group(one_of("Gold", "Silver"))
    with builder.saved():
        page.get_by_role("button", name="Remove Gold").click()
    assert builder.stored() == group(one_of("Silver"))


@pytest.fixture
def shaky(new_page: Any, live_server: Any, ada: User) -> Callable[[Tree], Builder]:
    """On a line that may break: the browser reports that as an error."""

    def shaky(tree: Tree) -> Builder:
        make_draft(tree)
        page = new_page(expected=["ERR_INTERNET_DISCONNECTED", "htmx:"], **DESKTOP)
        sign_in(page.context, live_server.url, ada)
        builder = Builder(page)
        builder.open(live_server.url, "draft")
        return builder

    return shaky


def test_a_lost_connection_is_told_and_what_was_changed_is_sent_when_it_is_back(shaky):
    builder = shaky(group(tier("A"), tier("B")))
    badge = builder.page.locator("[data-saved]")

    builder.page.context.set_offline(True)
    builder.control("n2", "value").fill("Gold")
    expect(badge).to_have_text("Not saved")
    expect(builder.announced).to_contain_text("Not saved")
    builder.control("n3", "operator").select_option("is_set")
    expect(builder.control("n2", "value")).to_have_value("Gold")
    assert builder.stored() == group(tier("A"), tier("B"))
    builder.page.context.set_offline(False)

    expect(badge).to_have_text("Draft saved")
    builder.expect_stored(
        group(tier("Gold"), {"kind": "field", "field": "Tier", "operator": "is_set"})
    )
    expect(builder.control("n2", "value")).to_have_value("Gold")
    expect(builder.page.get_by_role("alert")).to_have_count(0)


def test_what_a_button_was_to_do_can_be_done_again_when_the_line_is_back(shaky):
    builder = shaky(group(tier("A")))
    badge = builder.page.locator("[data-saved]")

    builder.page.context.set_offline(True)
    builder.node("n2").focus()
    builder.page.keyboard.press("Control+d")
    expect(badge).to_have_text("Not saved")
    builder.page.context.set_offline(False)
    with builder.saved():
        builder.page.keyboard.press("Control+d")

    expect(badge).to_have_text("Draft saved")
    assert builder.stored() == group(tier("A"), tier("A"))
