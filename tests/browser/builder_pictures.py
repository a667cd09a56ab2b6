"""Pictures of what the builder goes through: empty, dragging, problems, suggestions, publishing, keys."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

Shoot = Callable[[str], None]

EMPTY, HALF = "Summer sale", "Guests of the summer"
"""Names of the two segments that are built for pictures."""


def make_segments(page: Page) -> dict[str, str]:
    """One that nothing was done to, and one that is not complete; their keys."""
    half = _new(page, HALF)
    _press(page, "add:group")
    _press(page, "add:event:Purchase")
    row = page.locator(".condition").first
    row.locator("select[name='c.operator']").select_option("measure:sum")
    row.locator("[name='c.measure.attribute']").wait_for()
    _wait(page)
    page.locator(".group-root").focus()
    _press(page, "add:field:Interests")
    return {"empty": _new(page, EMPTY), "half": half}


def _new(page: Page, name: str) -> str:
    page.goto("/segments/-new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Start building").click()
    page.wait_for_url("**/builder*")
    return page.url.split("/segments/")[1].split("/")[0]


def _press(page: Page, do: str) -> None:
    """A block of the palette."""
    page.locator(f"[data-palette-form] [name=do][value='{do}']").click()
    _wait(page)


def _wait(page: Page) -> None:
    page.wait_for_load_state("networkidle")


def take_states(page: Page, *, segment: str, keys: dict[str, str], shoot: Shoot) -> None:
    """`segment`: one that is published; it is left as it is."""
    _at(page, keys["empty"])
    shoot("builder-empty")
    _at(page, keys["half"])
    shoot("builder-problems")
    _at(page, segment)
    page.locator(".c-add").first.click()
    page.locator("#suggestions [role=option]").first.wait_for()
    shoot("builder-suggestions")
    page.keyboard.press("Escape")
    page.locator("[data-add-condition]").last.click()  # a sheet on phones
    page.locator("[data-palette-search]").wait_for()
    shoot("builder-adding")
    page.keyboard.press("Escape")
    _dragging(page, lambda: shoot("builder-dragging"))
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    shoot("builder-keys")
    page.keyboard.press("Escape")
    _dialog(page, "Publish…", lambda: shoot("builder-publish-dialog"))


def _at(page: Page, key: str) -> None:
    page.goto(f"/segments/{key}/builder")
    _wait(page)


def _dragging(page: Page, shoot: Callable[[], None]) -> None:
    """The second condition on its way above the first one."""
    rows = page.locator(".condition")
    first, second = rows.nth(0).bounding_box(), rows.nth(1).bounding_box()
    if first is None or second is None:
        raise RuntimeError("The segment has no two conditions to drag.")
    page.mouse.move(second["x"] + 14, second["y"] + 20)
    page.mouse.down()
    page.mouse.move(second["x"] + 60, second["y"] + 20, steps=5)
    page.mouse.move(first["x"] + 60, first["y"] + 8, steps=10)
    page.locator(".drop-line:not([hidden])").wait_for()
    shoot()
    page.keyboard.press("Escape")
    page.mouse.up()


def _dialog(page: Page, link: str, shoot: Callable[[], None]) -> None:
    page.get_by_role("link", name=link).click()
    page.locator("#dialog[open]").wait_for()
    _wait(page)
    shoot()
    page.keyboard.press("Escape")
