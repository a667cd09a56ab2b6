"""Real movements of a mouse or a finger over what can be dragged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.building import Builder

STEPS = 8
NEAR_EDGE = 90
"""Pixels from the upper and lower edge of the window in which it scrolls, and some more."""
MOST_PULLS = 5
BEYOND = """() => {
    const { scrollTop, scrollHeight, clientHeight } = document.scrollingElement;
    window.scrolledFrom = scrollTop;
    return [scrollTop >= 1, scrollHeight - clientHeight - scrollTop >= 1, innerHeight];
}"""
HAS_SCROLLED = """([by]) => {
    const { scrollTop, scrollHeight, clientHeight } = document.scrollingElement;
    const isAtEnd = by < 0 ? scrollTop < 1 : scrollHeight - clientHeight - scrollTop < 1;
    return isAtEnd || Math.abs(scrollTop - window.scrolledFrom) >= Math.abs(by);
}"""
RESTS = """() => new Promise((rests) => {
    let timer = setTimeout(rests, 150);
    addEventListener("scroll", () => {
        clearTimeout(timer);
        timer = setTimeout(rests, 150);
    }, { capture: true });
})"""
Point = tuple[float, float]


class Pointer(Protocol):
    def press(self, element: Locator) -> None: ...
    def take(self, element: Locator) -> None: ...
    def move(self, point: Point) -> None: ...
    def let_go(self) -> None: ...


class Mouse:
    def __init__(self, page: Page) -> None:
        self._mouse = page.mouse

    def press(self, element: Locator) -> None:
        element.click()

    def take(self, element: Locator) -> None:
        self._mouse.move(*middle(element))
        self._mouse.down()

    def move(self, point: Point) -> None:
        self._mouse.move(*point, steps=STEPS)

    def let_go(self) -> None:
        self._mouse.up()


class Finger:
    """As the browser gets it from a touch screen, so that it may take a movement for scrolling."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._screen = page.context.new_cdp_session(page)
        self._at: Point = (0, 0)

    def press(self, element: Locator) -> None:
        element.tap()

    def take(self, element: Locator) -> None:
        self._send("touchStart", middle(element))
        # A block of the palette has to be held for a moment.
        expect(self._page.locator(".sortable-chosen")).to_be_visible()

    def move(self, point: Point) -> None:
        (x, y), (to_x, to_y) = self._at, point
        for step in range(1, STEPS + 1):
            part = step / STEPS
            self._send("touchMove", (x + (to_x - x) * part, y + (to_y - y) * part))

    def let_go(self) -> None:
        self._screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def _send(self, type_: str, point: Point) -> None:
        self._at = point
        touched = [{"x": point[0], "y": point[1]}]
        self._screen.send("Input.dispatchTouchEvent", {"type": type_, "touchPoints": touched})


def drag(
    builder: Builder, pointer: Pointer, element: Locator, group: str, index: int | None = None
) -> None:
    """Into the group, to a place among its other children; at the end unless one is given."""
    hover(builder, pointer, element, group, index)
    with builder.saved():
        pointer.let_go()


def hover(
    builder: Builder, pointer: Pointer, element: Locator, group: str, index: int | None = None
) -> None:
    """Taken, and held over the place until the line shows it."""
    builder.wait()
    moved = element.evaluate("(element) => element.closest('[data-node]')?.dataset.node")
    pointer.take(element)
    place = in_sight(builder.page, pointer, lambda: landing(builder, group, index, moved))
    pointer.move(place)
    expect(builder.line).to_be_visible()


def in_sight(page: Page, pointer: Pointer, place: Callable[[], Point]) -> Point:
    """What is held near the edge of the window makes the page scroll, until the place is seen."""
    for _ in range(MOST_PULLS):
        x, y = place()
        above, below, height = page.evaluate(BEYOND)
        if y > height - NEAR_EDGE and below:
            pointer.move((x, height - 8))
            page.wait_for_function(HAS_SCROLLED, arg=[y - height / 2])
        elif y < NEAR_EDGE and above:
            pointer.move((x, 8))
            page.wait_for_function(HAS_SCROLLED, arg=[y - height / 2])
        else:
            return x, y
        pointer.move((x, height / 2))
        page.evaluate(RESTS)
    raise AssertionError("the page does not scroll to the place")


def grip(builder: Builder, node_id: str) -> Locator:
    return builder.node(node_id).locator("> form > .grip")


def landing(builder: Builder, group: str, index: int | None, moved: str | None) -> Point:
    """Just inside the upper edge of who is at the place, or the lower edge of the last one."""
    others = [node_id for node_id in builder.children(group) if node_id != moved]
    if not others:
        return middle(builder.node(group).locator(".group-empty").first)
    if index is None or index >= len(others):
        return lower_edge(builder.node(others[-1]))
    box = _box(builder.node(others[index]))
    return box["x"] + box["width"] / 2, box["y"] + 2


def lower_edge(element: Locator) -> Point:
    """Just inside of it."""
    box = _box(element)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] - 2


def middle(element: Locator) -> Point:
    element.scroll_into_view_if_needed()
    box = _box(element)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _box(element: Locator) -> FloatRect:
    box = element.bounding_box()
    assert box, f"{element} is not shown"
    return box
