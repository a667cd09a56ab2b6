"""Pictures for the guides in docs/: what the steps lead to, in a window of a usual size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page

from segmentflow.documentation.pictures import FOLDER
from tests.system.installation import TOP

PREFIX = "guide-"
"""Of their names for --only."""
FILES = TOP / FOLDER
SIZE = (1280, 800)
FILTER = '[{"kind":"field","field":"country","operator":"is_set"}]'

PICTURES = {
    "home": "/",
    "gallery": "/segments/-new",
    "builder": "/segments/{segment}/builder",
    "segment": "/segments/{segment}",
    "overlap": "/segments/-overlap?segment={segment}&segment={other_segment}",
    "explain": "/segments/{segment}/explain/{contact}",
    "contacts": f"/contacts?where={FILTER}",
    "campaign-audience": "/campaigns/{campaign}/edit",
    "campaign-message": "/campaigns/{campaign}/message",
    "campaign-start": "/campaigns/{campaign}/start",
    "campaign-report": "/campaigns/{sending}",
    "user-new": "/settings/users/new",
    "fields": "/contacts/fields",
    "import": "/contacts/imports/{import}",
    "website": "/settings/websites/{website}",
    "key-new": "/settings/keys/new",
    "sending": "/settings/sending",
    "webhook": "/settings/webhooks/{webhook}",
    "export": "/exports/new?segment={segment}",
    "erase": "/contacts/{contact}/erase",
    "retention": "/settings/retention",
    "publish": "/segments/{segment}/builder",
}
"""The last one changes its draft."""


def take_guide(
    page: Page,
    known: Mapping[str, Any],
    wanted: Callable[[str], object],
    shoot: Callable[[str], None],
) -> None:
    for name, path in PICTURES.items():
        if wanted(PREFIX + name):
            page.goto(_filled(path, known))
            page.wait_for_load_state("networkidle")
            if prepare := PREPARED.get(name):
                prepare(page)
            shoot(name)


def _filled(path: str, known: Mapping[str, Any]) -> str:
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def _ask_to_publish(page: Page) -> None:
    days = page.locator("[data-canvas] input[value='90']")
    days.fill("120")
    days.blur()
    page.locator("#sentence", has_text="120 days").wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Publish…").click()
    page.locator("#dialog[open]").wait_for()
    page.wait_for_load_state("networkidle")


def _tick_some(page: Page) -> None:
    for box in page.locator("tbody input[type=checkbox]").all()[:3]:
        box.check()


def _wait_for_the_frame(page: Page) -> None:
    page.frame_locator("iframe").first.locator("img").first.wait_for()
    page.wait_for_timeout(500)


PREPARED: Mapping[str, Callable[[Page], None]] = {
    "publish": _ask_to_publish,
    "contacts": _tick_some,
    "campaign-message": _wait_for_the_frame,
}
