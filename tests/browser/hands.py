"""Three ways to use the builder: a mouse that drags, a keyboard alone, a finger on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from playwright.sync_api import Locator, expect

from tests.browser.building import ROOT, Builder
from tests.browser.dragging import Finger, Mouse, Pointer, drag, grip

MOST_STEPS = 150
MATCHES = ("all", "any", "none")


class Hand(Protocol):
    builder: Builder

    def press(self, element: Locator) -> None: ...
    def type_into(self, control: Locator, text: str) -> None: ...
    def add(self, block: str, group: str = ROOT) -> str:
        """At the end of the group; answers the id of what is new."""

    def choose(self, control: Locator, label: str) -> None: ...
    def enter(self, control: Locator, text: str) -> None: ...
    def match(self, group: str, match: str) -> None: ...


class _Pointing:
    """What mouse and finger have in common."""

    def __init__(self, builder: Builder, pointer: Pointer) -> None:
        self.builder = builder
        self.pointer = pointer

    def press(self, element: Locator) -> None:
        self.pointer.press(element)

    def type_into(self, control: Locator, text: str) -> None:
        self.press(control)
        self.builder.page.keyboard.press("Control+A")
        self.builder.page.keyboard.type(text)

    def choose(self, control: Locator, label: str) -> None:
        """The list that unfolds is the system's own, beyond the page."""
        with self.builder.saved():
            control.select_option(label=label)

    def enter(self, control: Locator, text: str) -> None:
        with self.builder.saved():
            self.type_into(control, text)
            self.builder.page.keyboard.press("Enter")

    def match(self, group: str, match: str) -> None:
        with self.builder.saved():
            self.press(self.builder.head(group).locator("label", has_text=match.capitalize()))


class WithMouse(_Pointing):
    def __init__(self, builder: Builder) -> None:
        super().__init__(builder, Mouse(builder.page))

    def add(self, block: str, group: str = ROOT) -> str:
        """Dragged from the palette."""
        with self.builder.added() as new:
            drag(self.builder, self.pointer, self.builder.block(block), group)
        return new[0]


class WithFinger(_Pointing):
    def __init__(self, builder: Builder) -> None:
        super().__init__(builder, Finger(builder.page))

    def add(self, block: str, group: str = ROOT) -> str:
        """From the sheet that "+ Condition" opens; what belongs elsewhere is dragged there."""
        with self.builder.added() as new:
            self.press(self.builder.node(ROOT).locator("[data-add-condition]").last)
            self.press(self.builder.block(block))
        if group != ROOT:
            drag(self.builder, self.pointer, grip(self.builder, new[0]), group)
        return new[0]


class WithKeys:
    """Never touches a mouse."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self._keys = builder.page.keyboard

    def press(self, element: Locator) -> None:
        self.reach(element)
        self._keys.press("Enter")

    def type_into(self, control: Locator, text: str) -> None:
        self.reach(control)
        self._keys.press("Control+A")
        self._keys.type(text)

    def add(self, block: str, group: str = ROOT) -> str:
        """By its name, while the group is selected."""
        self.select(group)
        button = self.builder.block(block)
        with self.builder.added() as new:
            self._keys.press("a")
            expect(self.builder.page.locator("#palette-search")).to_be_focused()
            self._keys.type(button.inner_text())
            self._until(button, lambda: "ArrowDown")
            self._keys.press("Enter")
        return new[0]

    def choose(self, control: Locator, label: str) -> None:
        self.reach(control)
        way = control.evaluate(OPTIONS_BETWEEN, label)
        with self.builder.saved():
            self._keys.press("Alt+ArrowDown")
            for _ in range(abs(way)):
                self._keys.press("ArrowDown" if way > 0 else "ArrowUp")
            self._keys.press("Enter")

    def enter(self, control: Locator, text: str) -> None:
        with self.builder.saved():
            self.type_into(control, text)
            self._keys.press("Enter")

    def match(self, group: str, match: str) -> None:
        checked = self.builder.head(group).locator(":checked")
        self.reach(checked)
        way = MATCHES.index(match) - MATCHES.index(checked.input_value())
        for _ in range(abs(way)):
            with self.builder.saved():
                self._keys.press("ArrowRight" if way > 0 else "ArrowLeft")

    def reach(self, element: Locator) -> None:
        """By Tab, in the direction in which it lies."""
        self._until(element, lambda: str(element.evaluate(WAY)))

    def select(self, group: str) -> None:
        """With the arrows, once the canvas has the focus."""
        node = self.builder.node(group)
        if not self.builder.page.evaluate(IS_ON_CANVAS):
            self.reach(self.builder.node(ROOT))
        self._keys.press("Escape")
        self._until(node, lambda: "ArrowLeft" if node.evaluate(HOLDS_FOCUS) else "ArrowUp")

    def _until(self, element: Locator, key: Callable[[], str]) -> None:
        for _ in range(MOST_STEPS):
            if element.evaluate(HAS_FOCUS):
                return
            self._keys.press(key())
        raise AssertionError(f"the keyboard does not lead to {element}")


HAS_FOCUS = "(element) => element === document.activeElement"
HOLDS_FOCUS = "(element) => element.contains(document.activeElement)"
IS_ON_CANVAS = """() => Boolean(document.activeElement.closest("#canvas"))"""
WAY = """(element) => {
    const active = document.activeElement;
    const isBefore = active.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING;
    return isBefore ? "Shift+Tab" : "Tab";
}"""
OPTIONS_BETWEEN = """(select, label) => {
    const found = [...select.options].findIndex((option) => option.label === label);
    if (found < 0) throw new Error("not offered: " + label);
    return found - select.selectedIndex;
}"""
