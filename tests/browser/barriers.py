"""What axe finds on a page that keeps people from using it."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Barrier = tuple[str, list[str]]
"""The rule, and the beginnings of some elements that break it."""
# Axe is not in frames, and would wait for an answer from there.
OPTIONS = {"resultTypes": ["violations"], "iframes": False}
RUN = """(options) => axe.run(options).then((found) =>
    found.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]))"""


def barriers(page: Page, **options: Any) -> list[Barrier]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[Barrier] = page.evaluate(RUN, OPTIONS | options)
    return found
