"""A whole segment is built by whoever has no JavaScript: with links, buttons and plain forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from segmentflow.clock import current_time
from segmentflow.models import User
from segments.engine.settle import settle
from segments.models import Segment
from tests.browser.building import Builder, group, sign_in
from tests.browser.chromium import PATIENCE_MS
from tests.site.world import make_world
from tests.worlds import members_of

pytestmark = pytest.mark.django_db(transaction=True)

ROOT, STATUS, INNER, BOUGHT, FILLED = "n1", "n2", "n3", "n4", "n5"


@pytest.fixture
def plain(browser: Browser, live_server: Any, ada: User) -> Iterator[Builder]:
    make_world(now=current_time())
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    sign_in(context, live_server.url, ada)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/segments/-new")
    page.get_by_label("Name", exact=True).fill("Gold who did something")
    page.get_by_role("button", name="Start building").click()
    yield Builder(page)
    context.close()


def pick(page: Page, name: str) -> None:
    page.locator("#palette").get_by_role("button", name=name, exact=True).click()


def apply(builder: Builder, node_id: str) -> None:
    builder.head(node_id).get_by_role("button", name="Apply").first.click()


def choose_in_menu(builder: Builder, node_id: str, name: str) -> None:
    head = builder.head(node_id)
    head.locator("summary[title=More]").last.click()
    menu: Locator = head.locator(".menu-list")
    menu.get_by_role("button", name=name).click()


def expect_children(builder: Builder, group_id: str, ids: list[str]) -> None:
    nodes = builder.page.locator(f'[data-children="{group_id}"] > [data-node]')
    expect(nodes).to_have_count(len(ids))
    for place, node_id in enumerate(ids):
        expect(nodes.nth(place)).to_have_attribute("data-node", node_id)


def test_a_segment_is_built_moved_about_undone_and_published(plain: Builder):
    page = plain.page
    pick(page, "Status_VIP")
    plain.control(STATUS, "value+").fill("Gold")
    apply(plain, STATUS)
    expect(plain.sentence).to_have_text("Status_VIP is Gold")

    pick(page, "Subsegment")
    plain.node(INNER).get_by_role("link", name="Condition").click()
    pick(page, "Purchase")
    expect(plain.node(INNER).locator(plain.node(BOUGHT))).to_be_visible()
    plain.control(BOUGHT, "operator").select_option(label="at least")
    apply(plain, BOUGHT)
    plain.control(BOUGHT, "window.kind").select_option(label="in the last")
    apply(plain, BOUGHT)
    plain.control(BOUGHT, "value").fill("1")
    plain.control(BOUGHT, "window.amount").fill("10")
    apply(plain, BOUGHT)
    pick(page, "Cart_add")
    choose_in_menu(plain, FILLED, "Move up")
    choose_in_menu(plain, FILLED, "Move into the subsegment")
    expect_children(plain, INNER, [FILLED, BOUGHT])
    choose_in_menu(plain, FILLED, "Move down")
    expect_children(plain, INNER, [BOUGHT, FILLED])

    plain.head(STATUS).get_by_role("button", name="Delete").first.click()
    expect_children(plain, ROOT, [INNER])
    page.get_by_role("button", name="Undo").click()
    expect_children(plain, ROOT, [STATUS, INNER])
    page.get_by_role("link", name="Count the contacts").click()
    expect(plain.count).to_have_text("2")

    page.get_by_role("link", name="Publish…").click()
    expect(page.locator(".publish-numbers")).to_contain_text("2")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#messages")).to_contain_text("is published")
    settle(now=current_time())

    segment = Segment.objects.get(name="Gold who did something")
    assert members_of(segment.key) == {"anna", "lucia"}
    assert segment.live_version
    bought = {"kind": "event", "event": "Purchase", "operator": "at_least", "value": 1}
    assert segment.live_version.definition == group(
        {"kind": "field", "field": "Status_VIP", "operator": "in", "value": ["Gold"]},
        group(
            {**bought, "window": {"kind": "last", "amount": 10, "unit": "day"}},
            {**bought, "event": "Cart_add"},
            match="any",
        ),
    )


def test_a_group_is_named_matched_and_dissolved(plain: Builder):
    page = plain.page
    pick(page, "Subsegment")
    inner = "n2"
    plain.head(inner).get_by_label("Name of the subsegment").fill("Left out")
    plain.head(inner).get_by_label("None").check()
    apply(plain, inner)
    expect(plain.node(inner)).to_have_accessible_name("Left out: none of 0 conditions")

    choose_in_menu(plain, inner, "Duplicate")
    choose_in_menu(plain, inner, "Dissolve")
    expect_children(plain, ROOT, ["n3"])


def test_a_contact_is_tested_and_a_definition_is_pasted(plain: Builder):
    page = plain.page
    page.locator("summary", has_text="More").first.click()
    page.get_by_role("link", name="Edit as JSON").click()
    page.get_by_role("textbox", name="Definition").fill(
        '{"kind": "group", "match": "all", "children": [{"kind": "field", '
        '"field": "Status_VIP", "operator": "equals", "value": "Silver"}]}'
    )
    page.get_by_role("button", name="Take over into the draft").click()
    expect(plain.sentence).to_have_text("Status_VIP is Silver")

    page.get_by_role("link", name="Test a contact").click()
    page.get_by_label("Find a contact").fill("jonas")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Jonas Meyer").click()
    expect(page.get_by_text("is in the segment as it is drafted.")).to_be_visible()
