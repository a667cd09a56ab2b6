"""What holds for all pages: accessible, nothing sticks out, everything by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize

from campaigns.tracking.tokens import Kind, sign
from contacts.models import Contact
from events.models import EventType
from segmentflow.clock import current_time
from segmentflow.models import ApiKey, User, Website
from segments.models import Transition
from tests.browser.barriers import barriers
from tests.browser.drafts import make_drafts
from tests.browser.pages import (
    addresses,
    draft_addresses,
    recipient_addresses,
    signing_in_addresses,
)
from tests.site.exports import make_alert, make_export
from tests.site.webhooks import make_webhook
from tests.site.world import (
    make_campaigns,
    make_import,
    make_locked,
    make_passkey,
    make_session,
    make_unfit_change,
    make_world,
)

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (360, 1440, 2560)
USUAL: ViewportSize = {"width": 1280, "height": 720}
MOST_IDLE = 20
"""Presses that come to nothing new: parts of a date, links of a frame."""
FRAME_MS = 100
"""While the focus goes over into a frame, which is another process, presses of the key are lost; so long
for each of them is waited on a page with frames."""
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"


@pytest.fixture
def known(ada: User, settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.EXPORTS_DIR = tmp_path / "exports"
    make_world(now=current_time())
    make_alert(now=current_time())
    make_drafts(now=current_time())
    make_unfit_change()
    make_session(ada, now=current_time())
    move = Transition.objects.filter(contact__external_id="anna", segment__key="vips")[0]
    return {
        **make_campaigns(now=current_time()),
        **make_webhook(now=current_time()),
        **make_export(now=current_time()),
        "name": "anna",
        "segment": "vips",
        "other_segment": "buyers",
        "draft": "draft",
        "field": "Status_VIP",
        "contact": Contact.objects.get(external_id="anna").pk,
        "other": Contact.objects.exclude(external_id="anna").order_by("pk")[0].pk,
        "move": f"{move.contact_id}/moves/{move.seq}",
        "type": EventType.objects.get(key="Purchase").pk,
        "user": ada.pk,
        "key": ApiKey.objects.get().pk,
        "locked": make_locked(now=current_time()).pk,
        "passkey": make_passkey(ada).pk,
        "website": Website.objects.get().pk,
        "import": make_import(now=current_time()).pk,
        "leaving": sign(Kind.UNSUBSCRIBE, None),
    }


@pytest.fixture
def visitor(known: dict[str, Any], signed_in: Page) -> Page:
    return signed_in


def every_address(known: dict[str, Any]) -> dict[str, str]:
    found = addresses(known) | draft_addresses(known) | signing_in_addresses(known)
    return found | recipient_addresses(known)


def test_no_page_has_a_barrier_and_nothing_sticks_out(
    visitor: Page, live_server: Any, known: dict[str, Any]
):
    """All that axe looks for in light, and in dark what colours alone can make worse."""
    rules = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}
    found, too_wide = {}, {}
    for name, path in every_address(known).items():
        visitor.goto(f"{live_server.url}{path}")
        for theme in ("light", "dark"):
            visitor.emulate_media(color_scheme=theme, reduced_motion="reduce")
            if some := barriers(visitor, **rules[theme]):
                found[name, theme] = some
        for width in WIDTHS:
            visitor.set_viewport_size({"width": width, "height": 800})
            if (wide := width_needed(visitor, width)) > width:
                too_wide[name, width] = wide
        visitor.set_viewport_size(USUAL)

    assert (found, too_wide) == ({}, {})


def width_needed(page: Page, width: int) -> int:
    """What it takes once everything had the time to fit: charts are drawn anew after the window has changed."""
    for _ in range(20):
        needed: int = page.evaluate("document.documentElement.scrollWidth")
        if needed <= width:
            break
        page.wait_for_timeout(100)
    return needed


def test_everything_on_every_page_can_be_reached_by_keyboard(
    visitor: Page, live_server: Any, known: dict[str, Any]
):
    """Tab comes to each control, and each shows where one is."""
    unreachable = {}
    for name, path in every_address(known).items():
        visitor.goto(f"{live_server.url}{path}")
        wanted, reached, idle = visitor.evaluate(VISIBLE, FOCUSABLE), 0, 0
        visitor.evaluate(NOTE_FOCUSED)
        has_frame = visitor.locator("iframe").count() > 0
        while reached < wanted and idle < MOST_IDLE:
            steps = 1 if has_frame else min(MOST_IDLE - idle, wanted - reached)
            for _ in range(steps):
                visitor.keyboard.press("Tab")
            before, reached = reached, visitor.evaluate(REACHED, FOCUSABLE)
            idle = 0 if reached > before else idle + steps
            if idle and has_frame:
                visitor.wait_for_timeout(FRAME_MS)
        if reached < wanted:
            unreachable[name] = (wanted, reached)

    assert unreachable == {}


VISIBLE = """(selector) => {
    const all = [...document.querySelectorAll(selector)].filter((element) =>
        element.checkVisibility({ visibilityProperty: true }) && !element.disabled
        && element.tabIndex >= 0 && !element.closest("dialog:not([open])"));
    const isSame = (one, other) =>
        other.type === "radio" && other.name === one.name && other.form === one.form;
    // Of radio buttons that belong together, Tab comes to one.
    return all.filter((element) =>
        element.type !== "radio" || all.find((one) => isSame(element, one)) === element
    ).length;
}"""
NOTE_FOCUSED = """() => {
    window.reached = new Set([document.activeElement]);
    window.unseen = [];
    window.note = () => {
        const element = document.activeElement;
        if (!element || element === document.body) return;
        const style = getComputedStyle(element);
        // In a frame, what has the focus shows it there.
        const isShown = element.tagName === "IFRAME" || style.outlineStyle !== "none" || style.boxShadow !== "none";
        if (!isShown) unseen.push(element.outerHTML.slice(0, 120));
    };
    addEventListener("keyup", note, true);
    addEventListener("focusin", ({ target }) => reached.add(target), true);
}"""
REACHED = """(selector) => {
    note();  // Keys of a frame are let go in there.
    if (unseen.length) throw new Error("no focus shown on " + unseen[0]);
    return [...reached].filter((element) => element.matches(selector)).length;
}"""
