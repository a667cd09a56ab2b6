"""Every key of the builder: what it does, where the focus is afterwards, and what is announced."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.building import ROOT, Builder, Tree, group, tier

pytestmark = pytest.mark.django_db(transaction=True)

ROW, LEFT, FIRST, SECOND, RIGHT, THIRD = "n2", "n3", "n4", "n5", "n6", "n7"
TREE = group(
    tier("A"),
    group(tier("B"), tier("C"), match="any", name="Left"),
    group(tier("D"), match="none", name="Right"),
)


class Keyboard:
    """Begins at one node, and says after each key which one has the focus."""

    def __init__(self, builder: Builder, node_id: str) -> None:
        self.builder = builder
        builder.node(node_id).focus()

    def press(self, keys: str, focused: str, said: str = "") -> None:
        """Nothing is sent."""
        self.builder.page.keyboard.press(keys)
        self._expect(focused, said)

    def do(self, keys: str, focused: str, said: str) -> None:
        with self.builder.saved():
            self.builder.page.keyboard.press(keys)
        self._expect(focused, said)

    def _expect(self, focused: str, said: str) -> None:
        expect(self.builder.node(focused)).to_be_focused()
        if said:
            expect(self.builder.announced).to_have_text(said)


def test_arrows_select_from_node_to_node(build):
    builder = build(TREE)
    before = builder.revision
    keys = Keyboard(builder, ROOT)

    for node in builder.ids()[1:]:
        keys.press("ArrowDown", node)
    keys.press("ArrowDown", THIRD)
    for node in reversed(builder.ids()[:-1]):
        keys.press("ArrowUp", node)
    keys.press("ArrowUp", ROOT)

    keys.press("ArrowRight", ROW)
    keys.press("ArrowRight", ROW)
    keys.press("ArrowDown", LEFT)
    keys.press("ArrowRight", FIRST)
    keys.press("ArrowLeft", LEFT)
    keys.press("ArrowLeft", ROOT)
    keys.press("ArrowLeft", ROOT)
    assert builder.revision == before


def test_space_folds_a_subsegment_which_arrows_pass_over_or_unfold(build):
    builder = build(TREE)
    keys = Keyboard(builder, LEFT)

    keys.press(" ", LEFT)
    expect(builder.node(FIRST)).to_be_hidden()
    keys.press("ArrowDown", RIGHT)
    keys.press("ArrowUp", LEFT)
    builder.page.reload()
    expect(builder.node(FIRST)).to_be_hidden()

    builder.node(LEFT).focus()
    keys.press("ArrowRight", FIRST)
    expect(builder.node(SECOND)).to_be_visible()


def test_enter_goes_to_the_controls_and_escape_back(build):
    builder = build(TREE)
    keys = Keyboard(builder, FIRST)
    page = builder.page

    page.keyboard.press("Enter")
    expect(builder.control(FIRST, "operator")).to_be_focused()
    keys.press("Escape", FIRST)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(builder.control(FIRST, "value")).to_be_focused()
    keys.press("Escape", FIRST)
    keys.press("ArrowLeft", LEFT)
    page.keyboard.press("Enter")
    expect(builder.node(LEFT).get_by_role("link", name="Condition")).to_be_focused()
    keys.press("Escape", LEFT)


def test_alt_and_arrows_move_and_can_be_pressed_again_and_again(build):
    builder = build(TREE)
    keys = Keyboard(builder, FIRST)

    keys.do("Alt+ArrowDown", FIRST, "Moved Tier down")
    keys.press("Alt+ArrowDown", FIRST, "It is the last one already.")
    keys.do("Alt+ArrowUp", FIRST, "Moved Tier up")
    keys.press("Alt+ArrowUp", FIRST, "It is the first one already.")
    keys.press("Alt+ArrowRight", FIRST, "There is no subsegment beside it.")
    keys.do("Alt+ArrowLeft", FIRST, "Moved Tier out of its subsegment")
    assert builder.children(ROOT) == [ROW, LEFT, FIRST, RIGHT]
    keys.press("Alt+ArrowLeft", FIRST, "It is not in a subsegment.")
    keys.do("Alt+ArrowDown", FIRST, "Moved Tier down")
    keys.do("Alt+ArrowRight", FIRST, "Moved Tier into a subsegment")
    assert builder.children(RIGHT) == [THIRD, FIRST]


def test_a_subsegment_moves_with_all_that_is_in_it(build):
    builder = build(TREE)
    keys = Keyboard(builder, RIGHT)

    keys.do("Alt+ArrowRight", RIGHT, "Moved the subsegment “Right” into a subsegment")
    assert builder.children(LEFT) == [FIRST, SECOND, RIGHT]
    keys.do("Alt+ArrowUp", RIGHT, "Moved the subsegment “Right” up")
    keys.do("Alt+ArrowLeft", RIGHT, "Moved the subsegment “Right” out of its subsegment")
    assert builder.stored() == TREE


def test_duplicating_wrapping_and_deleting_keep_the_focus_at_hand(build):
    builder = build(TREE)
    keys = Keyboard(builder, FIRST)

    keys.do("Control+d", "n8", "Duplicated Tier")
    keys.do("Control+d", "n9", "Duplicated Tier")
    assert builder.children(LEFT) == [FIRST, "n8", "n9", SECOND]
    keys.do("Control+g", "n9", "Put Tier in a subsegment")
    assert builder.children("n10") == ["n9"]
    keys.do("Delete", "n10", "Removed Tier")
    keys.do("Backspace", SECOND, "Removed a subsegment")
    keys.do("Delete", "n8", "Removed Tier")
    keys.press("ArrowLeft", LEFT)
    keys.do("Control+d", "n9", "Duplicated the subsegment “Left”")
    assert builder.children(ROOT) == [ROW, LEFT, "n9", RIGHT]


def test_delete_pressed_twice_at_once_removes_two(build):
    builder = build(group(tier("A"), tier("B"), tier("C")))
    builder.node("n2").focus()

    builder.page.keyboard.press("Delete")
    builder.page.keyboard.press("Delete")

    expect(builder.node("n3")).to_have_count(0)
    expect(builder.node("n4")).to_be_focused()
    builder.wait()
    assert builder.stored() == group(tier("C"))


def test_steps_are_undone_and_done_again_where_one_is(build):
    builder = build(TREE)
    keys = Keyboard(builder, FIRST)
    keys.press("Control+z", FIRST, "There is nothing to take back.")
    keys.do("Alt+ArrowDown", FIRST, "Moved Tier down")

    keys.do("Control+z", FIRST, "Undone: Moved Tier down")
    assert builder.stored() == TREE
    keys.do("Control+Shift+z", FIRST, "Done again: Moved Tier down")
    keys.do("Control+z", FIRST, "Undone: Moved Tier down")
    keys.do("Control+y", FIRST, "Done again: Moved Tier down")
    assert builder.children(LEFT) == [SECOND, FIRST]


def test_what_is_undone_away_hands_the_focus_on(build):
    builder = build(TREE)
    keys = Keyboard(builder, FIRST)
    keys.do("Control+d", "n8", "Duplicated Tier")

    keys.do("Control+z", SECOND, "Undone: Duplicated Tier")


def test_keys_of_the_canvas_do_not_disturb_typing(build):
    builder = build(TREE)
    value = builder.control(FIRST, "value")
    value.focus()

    for key in ("End", "a", "?", "d", "Backspace", "ArrowLeft", "Delete", " "):
        builder.page.keyboard.press(key)

    expect(value).to_have_value("Ba ")
    expect(value).to_be_focused()
    expect(builder.page.get_by_role("dialog")).to_have_count(0)
    builder.page.keyboard.press("Control+z")
    expect(value).not_to_have_value("Ba ")
    assert len(builder.ids()) == 7


def test_a_opens_the_palette_and_what_is_picked_goes_after_the_selected(build):
    builder = build(TREE)
    keys = Keyboard(builder, FIRST)
    search = builder.page.get_by_label("Find a field or event")

    keys.builder.page.keyboard.press("a")
    expect(search).to_be_focused()
    expect(builder.page.get_by_text("Goes after the selected condition")).to_be_visible()
    keys.press("Escape", FIRST)
    builder.page.keyboard.press("a")
    builder.page.keyboard.type("poin")
    expect(builder.announced).to_have_text("1 found")
    with builder.saved():
        builder.page.keyboard.press("Enter")

    assert builder.children(LEFT) == [FIRST, "n8", SECOND]
    expect(builder.control("n8", "operator")).to_be_focused()
    expect(builder.announced).to_have_text("Added Points")
    keys.press("Escape", "n8")
    keys.press("ArrowLeft", LEFT)
    builder.page.keyboard.press("a")
    builder.page.keyboard.type("subsegment")
    with builder.saved():
        builder.page.keyboard.press("Enter")
    assert builder.children(LEFT) == [FIRST, "n8", SECOND, "n9"]


def test_a_question_mark_lists_the_keys(build):
    builder = build(TREE)
    keys = Keyboard(builder, FIRST)
    dialog = builder.page.get_by_role("dialog", name="Keys")

    keys.builder.page.keyboard.press("?")
    expect(dialog).to_contain_text("Wrap in a subsegment")
    builder.page.keyboard.press("Delete")
    builder.page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(builder.node(FIRST)).to_be_focused()


def test_a_menu_does_by_arrows_and_enter_what_keys_do(build):
    builder = build(TREE)
    page: Page = builder.page
    menu = builder.head(FIRST).get_by_label("More", exact=True)
    menu.focus()

    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(builder.button(FIRST, "down")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(builder.button(FIRST, "down")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    with builder.saved():
        page.keyboard.press("Enter")

    expect(builder.node(FIRST)).to_be_focused()
    expect(builder.button(FIRST, "up")).to_be_hidden()
    assert builder.children(LEFT) == [SECOND, FIRST]


def test_groups_say_how_many_of_their_conditions_have_to_fit(build):
    """To those who hear the page."""
    tree: Tree = TREE
    builder = build(tree)

    expect(builder.node(ROOT)).to_have_accessible_name("All of 3 conditions")
    expect(builder.node(LEFT)).to_have_accessible_name("Left: any of 2 conditions")
    builder.head(LEFT).get_by_role("radio", name="Any").focus()
    with builder.saved():
        builder.page.keyboard.press("ArrowRight")
    expect(builder.node(LEFT)).to_have_accessible_name("Left: none of 2 conditions")
    expect(builder.head(LEFT).get_by_role("radio", name="None")).to_be_focused()
    expect(builder.node(FIRST)).to_have_accessible_name("Tier is B")
