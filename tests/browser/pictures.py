"""Pictures of every page of a fresh installation with demonstration data (script/screenshots)."""

from __future__ import annotations

import argparse
import base64
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import guide_pictures
from tests.browser.builder_pictures import make_segments, take_states
from tests.browser.campaign_pictures import make_campaigns
from tests.browser.chromium import launch_arguments
from tests.browser.pages import ADMIN, PROBLEMS, addresses, recipient_addresses
from tests.browser.second_factor import set_up, show_code, turn_off
from tests.system.installation import TOP, Installation

FOLDER = TOP / "docs" / "pictures"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
QUALITY = 80
TALLEST = 2400
PASSWORD = "only-for-pictures"  # noqa: S105 - of an installation that lives for a minute
PATIENCE_SECONDS = 90
SEGMENT = "inactive-vips"
OTHER_SEGMENT = "most-engaged"
AUDIENCE = "inactive-vips"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--url", help="an installation that runs, instead of one of its own")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--only", default="", help="a pattern of the names of pages")
    options = parser.parse_args()
    if options.url:
        take(options.url, options.password, options.folder, re.compile(options.only))
        return
    with tempfile.TemporaryDirectory() as data:
        installation = Installation(Path(data) / "pictures")
        installation.environment["SEGMENTFLOW_ADMIN_PASSWORD"] = options.password
        installation.start(demo=True)
        try:
            url = f"http://127.0.0.1:{installation.port}"
            take(url, options.password, options.folder, re.compile(options.only))
        finally:
            installation.stop()


def take(url: str, password: str, folder: Path, only: re.Pattern[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        known: dict[str, Any] | None = None
        for size, (width, height) in SIZES.items():
            for theme in THEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=theme,  # type: ignore[arg-type] # one of THEMES
                    base_url=url,
                )
                is_last = (size, theme) == (list(SIZES)[-1], THEMES[-1])
                suffix = f"{size}-{theme}"
                known = _one_round(context, password, folder, suffix, known, only, is_last=is_last)
                context.close()
        if known is not None:
            _guide(browser, url, password, known, only)
        browser.close()
    _write_index(folder)


def _one_round(
    context: BrowserContext,
    password: str,
    folder: Path,
    suffix: str,
    known: dict[str, Any] | None,
    only: re.Pattern[str],
    *,
    is_last: bool,
) -> dict[str, Any]:
    def shoot(name: str) -> None:
        if only.search(name):
            _shoot(page, folder / f"{name}-{suffix}.webp")

    page = context.new_page()
    page.goto("/sign-in")
    shoot("sign-in")
    _sign_in(page, password)
    codes = known["codes"] if known else _second_factor(page, password)
    shoot("sign-in-code")
    show_code(page, codes.pop())
    page.wait_for_load_state()
    known = known or _look_around(page) | {"codes": codes}
    pages = addresses(known) | recipient_addresses(known) | ADMIN | PROBLEMS
    for name, path in pages.items():
        if only.search(name):
            page.goto(path)
            page.wait_for_load_state("networkidle")
            shoot(name)
    if only.search("builder"):
        take_states(page, segment=SEGMENT, keys=known["built"], shoot=shoot)
    if is_last:
        turn_off(page, password=password, code=known["codes"].pop())
    return known


def _second_factor(page: Page, password: str) -> list[str]:
    """The recovery codes, with the first step of signing in done again: the administration asks for one."""
    codes = set_up(page, password=password)
    page.context.clear_cookies()
    _sign_in(page, password)
    return codes


def _sign_in(page: Page, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def _guide(
    browser: Browser, url: str, password: str, known: dict[str, Any], only: re.Pattern[str]
) -> None:
    """What the guides show: a window, as large as it is on the page that shows it."""
    width, height = guide_pictures.SIZE
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="light", base_url=url
    )
    page = context.new_page()
    _sign_in(page, password)
    guide_pictures.FILES.mkdir(exist_ok=True)

    def shoot(name: str) -> None:
        _shoot(page, guide_pictures.FILES / f"{name}.webp", window=height)

    guide_pictures.take_guide(page, known, only.search, shoot)
    context.close()


def _shoot(page: Page, file: Path, window: int | None = None) -> None:
    """The whole page, or what a window shows of it, in the format that takes least room."""
    session = page.context.new_cdp_session(page)
    box = session.send("Page.getLayoutMetrics")["cssContentSize"]
    height = min(box["height"], window or TALLEST)
    taken = session.send(
        "Page.captureScreenshot",
        {
            "format": "webp",
            "quality": QUALITY,
            # Frames are drawn in the window only.
            "captureBeyondViewport": window is None,
            "clip": {**box, "x": 0, "y": 0, "height": height, "scale": 1},
        },
    )
    file.write_bytes(base64.b64decode(taken["data"]))
    session.detach()


def _look_around(page: Page) -> dict[str, Any]:
    """Once the demonstration data is complete: something of each kind to look at."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "Up to date" not in page.goto("/freshness").text() or not _members(page):
        if time.monotonic() > deadline:
            sys.exit("The demonstration data did not come in.")
        time.sleep(1)
    return {
        "name": "ann",
        "segment": SEGMENT,
        "other_segment": OTHER_SEGMENT,
        "draft": _first(page, "/segments?status=draft", r"^/segments/([\w-]+)$"),
        "contact": _first(page, f"/segments/{SEGMENT}", r"^/contacts/(\d+)$"),
        "other": _first(page, "/contacts", r"^/contacts/(\d+)$"),
        "move": _first(page, f"/segments/{SEGMENT}/activity", r".*/explain/(\d+/moves/\d+)$"),
        "field": _first(page, "/contacts/fields", r"^/contacts/fields/(?!new$)(\w+)$"),
        "type": _first(page, "/events/types", r"^/events/types/(\d+)$"),
        "user": _first(page, "/settings/users", r"^/settings/users/(\d+)$"),
        "import": _import_something(page),
        "key": _make_a_key(page),
        "website": _connect_a_website(page),
        **_make_a_webhook(page),
        "export": _set_up_an_export(page),
        "built": make_segments(page),
        **make_campaigns(page, segment=AUDIENCE),
    }


def _members(page: Page) -> bool:
    page.goto(f"/segments/{SEGMENT}")
    return page.locator("a[href^='/contacts/']").count() > 0


def _import_something(page: Page) -> str:
    """A file that waits for its columns to be mapped."""
    page.goto("/contacts/imports")
    content = b"Email,First name,Signed up\nmaja@example.com,Maja,03/04/2026\n"
    page.set_input_files(
        "#id_file", {"name": "newsletter.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url(re.compile(r"/contacts/imports/\d+$"))
    return page.url.rpartition("/")[2]


def _make_a_key(page: Page) -> str:
    page.goto("/settings/keys/new")
    page.get_by_label("Name").fill("Web shop")
    page.get_by_label("Send contacts and events").check()
    page.get_by_role("button", name="Make key").click()
    page.get_by_role("link", name="I have copied it").click()
    return _first(page, "/settings/keys", r"^/settings/keys/(\d+)$")


def _connect_a_website(page: Page) -> str:
    page.goto("/settings/websites/new")
    page.get_by_label("Name").fill("Web shop")
    page.get_by_label("Its addresses").fill("https://www.example.com")
    page.get_by_role("button", name="Connect website").click()
    page.wait_for_url(re.compile(r"/settings/websites/\d+$"))
    return page.url.rpartition("/")[2]


def _make_a_webhook(page: Page) -> dict[str, str]:
    """To a name that leads nowhere, so that its log soon has something that failed."""
    page.goto("/settings/webhooks/new")
    page.get_by_role("textbox", name="Name").fill("CRM")
    page.get_by_label("Address").fill("https://crm.invalid/segments")
    page.get_by_label("Every segment, also new ones").check()
    page.get_by_role("button", name="Make webhook").click()
    page.get_by_role("link", name="I have copied it").click()
    page.wait_for_url(re.compile(r"/settings/webhooks/\d+$"))
    delivery = page.locator("a[href*='/deliveries/']").first
    delivery.wait_for(timeout=PATIENCE_SECONDS * 1000)
    return {
        "webhook": page.url.rpartition("/")[2],
        "delivery": (delivery.get_attribute("href") or "").rpartition("/")[2],
    }


def _set_up_an_export(page: Page) -> str:
    """With a file of it, and alerts beside it."""
    page.goto(f"/segments/{SEGMENT}/alerts")
    page.get_by_label("Change in a day").fill("20")
    page.get_by_label("It becomes empty").check()
    page.get_by_role("button", name="Save").click()
    page.goto(f"/exports/new?segment={SEGMENT}")
    page.get_by_label("Name").first.fill("To the warehouse")
    page.get_by_role("button", name="Set up export").click()
    page.wait_for_url(re.compile(r"/exports/\d+$"))
    page.get_by_role("button", name="Run now").click()
    page.get_by_text("Done").first.wait_for()
    return page.url.rpartition("/")[2]


def _first(page: Page, path: str, pattern: str) -> str:
    page.goto(path)
    links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    for link in links:
        if found := re.match(pattern, link):
            return found[1]
    sys.exit(f"{path} has no link like {pattern}")


def _write_index(folder: Path) -> None:
    names = sorted({file.stem.rsplit("-", 2)[0] for file in folder.glob("*.webp")})
    lines = [
        "# Every page in pictures",
        "",
        "Made by `script/screenshots` from the demonstration data of a fresh installation.",
        "",
        "| page | desktop | | phone | |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        cells = [f"[{theme}]({name}-{size}-{theme}.webp)" for size in SIZES for theme in THEMES]
        lines.append(f"| {name.replace('-', ' ').capitalize()} | {' | '.join(cells)} |")
    (folder / "index.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
