"""Conditions and subsegments are moved by mouse and by finger, and every step can be taken back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from segmentflow.models import User
from tests.browser.building import (
    DESKTOP,
    PHONE,
    ROOT,
    Builder,
    group,
    make_draft,
    sign_in,
    tier,
)
from tests.browser.dragging import Finger, Mouse, Pointer, drag, grip, hover

pytestmark = pytest.mark.django_db(transaction=True)

ROW, LEFT, FIRST, SECOND, RIGHT, THIRD = "n2", "n3", "n4", "n5", "n6", "n7"
TREE = group(
    tier("A"),
    group(tier("B"), tier("C"), match="any", name="Left"),
    group(tier("D"), match="none", name="Right"),
)


@pytest.fixture(params=["mouse", "finger"])
def moved(
    request: pytest.FixtureRequest, new_page: Any, live_server: Any, ada: User
) -> tuple[Builder, Pointer]:
    make_draft(TREE)
    is_finger = request.param == "finger"
    page = new_page(**(PHONE if is_finger else DESKTOP))
    sign_in(page.context, live_server.url, ada)
    builder = Builder(page)
    builder.open(live_server.url, "draft")
    return builder, (Finger if is_finger else Mouse)(page)


def test_a_subsegment_is_dragged_into_another_and_back(moved):
    builder, pointer = moved

    drag(builder, pointer, grip(builder, RIGHT), LEFT, 1)
    assert builder.children(LEFT) == [FIRST, RIGHT, SECOND]
    assert builder.children(RIGHT) == [THIRD]
    assert builder.stored() == group(
        tier("A"),
        group(
            tier("B"),
            group(tier("D"), match="none", name="Right"),
            tier("C"),
            match="any",
            name="Left",
        ),
    )

    drag(builder, pointer, grip(builder, RIGHT), ROOT)
    assert builder.children(ROOT) == [ROW, LEFT, RIGHT]
    assert builder.stored() == TREE


def test_a_condition_is_dragged_out_of_its_subsegment_to_the_top_and_to_the_end(moved):
    builder, pointer = moved

    drag(builder, pointer, grip(builder, FIRST), ROOT, 0)
    assert builder.children(ROOT) == [FIRST, ROW, LEFT, RIGHT]

    drag(builder, pointer, grip(builder, SECOND), ROOT)
    assert builder.children(ROOT) == [FIRST, ROW, LEFT, RIGHT, SECOND]
    assert builder.children(LEFT) == []

    drag(builder, pointer, grip(builder, ROW), LEFT)
    assert builder.children(LEFT) == [ROW]


def test_a_subsegment_cannot_be_dropped_into_itself(moved):
    builder, pointer = moved
    before = builder.revision
    hover(builder, pointer, grip(builder, LEFT), ROOT)

    pointer.move(_middle(builder, SECOND))
    expect(builder.line).to_be_hidden()
    pointer.let_go()

    expect(builder.page.locator(".is-dragging")).to_have_count(0)
    assert builder.revision == before
    assert builder.stored() == TREE


def test_escape_cancels_a_drag_and_the_next_one_works(moved):
    builder, pointer = moved
    before = builder.revision
    hover(builder, pointer, grip(builder, ROW), RIGHT)

    builder.page.keyboard.press("Escape")
    expect(builder.line).to_be_hidden()
    expect(builder.announced).to_have_text("Not moved.")
    pointer.let_go()

    expect(builder.page.locator(".is-dragging")).to_have_count(0)
    assert builder.revision == before
    drag(builder, pointer, grip(builder, ROW), RIGHT)
    assert builder.children(RIGHT) == [THIRD, ROW]


def test_a_block_is_dropped_where_the_line_shows(moved):
    builder, pointer = moved
    is_phone = builder.page.viewport_size["width"] < 800
    if is_phone:
        pointer.press(builder.node(ROOT).locator("[data-add-condition]").last)

    with builder.added() as new:
        drag(builder, pointer, builder.block("field:Points"), LEFT, 1)

    assert builder.children(LEFT) == [FIRST, new[0], SECOND]
    expect(builder.page.locator("#palette")).not_to_have_class("is-open")


def test_the_page_scrolls_along(build):
    builder = build(group(*(tier(f"{number}") for number in range(14))))
    first, last = builder.children(ROOT)[0], builder.children(ROOT)[-1]
    pointer = Mouse(builder.page)
    expect(builder.node(last)).not_to_be_in_viewport()

    pointer.take(grip(builder, first))
    pointer.move((700, 955))
    expect(builder.node(last)).to_be_in_viewport(ratio=1)
    pointer.move(_middle(builder, last, below=5))
    expect(builder.line).to_be_visible()
    with builder.saved():
        pointer.let_go()

    assert builder.children(ROOT)[-2:] == [last, first]


STEPS = ("Control+d", "Alt+ArrowDown", "Control+g", "Alt+ArrowLeft", "Alt+ArrowUp")


def test_twenty_steps_are_undone_and_done_again_although_the_page_was_left(build):
    builder = build(TREE)
    keys = builder.page.keyboard
    builder.node(FIRST).focus()
    trees = [builder.stored()]
    for number in range(20):
        with builder.saved():
            keys.press(STEPS[number % len(STEPS)])
        trees.append(builder.stored())
    assert all(one != other for one, other in pairwise(trees))

    for number in reversed(range(20)):
        if number == 9:
            builder.page.reload()
        with builder.saved():
            keys.press("Control+z")
        assert builder.stored() == trees[number]
    expect(builder.page.locator("#undo")).to_be_disabled()

    for number in range(1, 21):
        if number == 10:
            builder.page.reload()
        with builder.saved():
            keys.press("Control+Shift+z")
        assert builder.stored() == trees[number]
    expect(builder.page.locator("#redo")).to_be_disabled()


def _middle(builder: Builder, node_id: str, below: float = 0) -> tuple[float, float]:
    box = builder.node(node_id).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + below
