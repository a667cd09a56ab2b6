"""The operations on drafts: each gives a new tree, or says why it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.conditions import edit
from segments.conditions.edit import EditError, Tree, with_ids, without_ids
from segments.conditions.operators import MAX_CONDITIONS, MAX_DEPTH


def leaf(name: str) -> Tree:
    return {"kind": "field", "field": name, "operator": "is_set"}


def group(*children: Any, match: str = "all", **more: Any) -> Tree:
    return {"kind": "group", "match": match, **more, "children": list(children)}


def shape(tree: Tree) -> Any:
    """Only what stands where."""
    if "children" in tree:
        return [shape(child) for child in tree["children"]]
    return tree.get("field") or tree.get("kind")


def id_of(tree: Tree, name: str) -> str:
    return next(node["id"] for node in edit.walk(tree) if node.get("field") == name)


@pytest.fixture
def tree() -> Tree:
    """a, (b, c), d: ids n1 for the root, n2 for a, n3 for the subsegment, n4 to n6 for the rest."""
    return with_ids(group(leaf("a"), group(leaf("b"), leaf("c"), match="any"), leaf("d")))


def test_ids_are_given_in_order_and_kept(tree: Tree):
    assert [node["id"] for node in edit.walk(tree)] == ["n1", "n2", "n3", "n4", "n5", "n6"]
    assert with_ids(tree) == tree


def test_ids_that_stand_twice_or_are_none_are_given_anew():
    tree = with_ids({**group({**leaf("a"), "id": "n1"}, {**leaf("b"), "id": 7}, "c"), "id": "n1"})

    assert [node["id"] for node in edit.walk(tree)] == ["n1", "n2", "n3", "n4"]
    assert tree["children"][2] == {"id": "n4", "kind": "c"}


def test_a_definition_is_what_it_was_without_ids():
    definition = group(leaf("a"), group(leaf("b")), name="x")

    assert without_ids(with_ids(definition)) == definition


def test_a_node_is_added_at_the_end_or_at_a_place(tree: Tree):
    assert shape(edit.add(tree, target="n3", node=leaf("x"))) == ["a", ["b", "c", "x"], "d"]
    assert shape(edit.add(tree, target="n1", node=leaf("x"), index=1)) == [
        "a",
        "x",
        ["b", "c"],
        "d",
    ]


def test_an_added_node_has_an_id_of_its_own(tree: Tree):
    assert id_of(edit.add(tree, target="n1", node=leaf("x")), "x") == "n7"


def test_nothing_is_added_to_a_condition_or_to_what_is_gone(tree: Tree):
    for target in ("n2", "n99", ""):
        with pytest.raises(EditError):
            edit.add(tree, target=target, node=leaf("x"))


def test_the_tree_before_stays_as_it_was(tree: Tree):
    before = repr(tree)

    edit.remove(edit.move(tree, node_id="n2", target="n3", index=1), node_id="n6")

    assert repr(tree) == before


def test_a_node_is_removed_with_all_it_holds(tree: Tree):
    assert shape(edit.remove(tree, node_id="n3")) == ["a", "d"]


def test_the_root_can_neither_be_removed_nor_moved(tree: Tree):
    for call in (
        lambda: edit.remove(tree, node_id="n1"),
        lambda: edit.move(tree, node_id="n1", target="n3", index=0),
        lambda: edit.duplicate(tree, node_id="n1"),
        lambda: edit.shift(tree, node_id="n1", way="up"),
        lambda: edit.ungroup(tree, node_id="n1"),
    ):
        with pytest.raises(EditError):
            call()


@pytest.mark.parametrize(
    ("node", "target", "index", "expected"),
    [
        ("n2", "n3", 0, [["a", "b", "c"], "d"]),
        ("n2", "n3", 99, [["b", "c", "a"], "d"]),
        ("n2", "n1", 2, [["b", "c"], "d", "a"]),
        ("n4", "n1", 0, ["b", "a", ["c"], "d"]),
        ("n3", "n1", 0, [["b", "c"], "a", "d"]),
        ("n2", "n1", 0, ["a", ["b", "c"], "d"]),
    ],
)
def test_a_node_moves_to_a_place_in_a_group(
    tree: Tree, node: str, target: str, index: int, expected: Any
):
    moved = edit.move(tree, node_id=node, target=target, index=index)

    assert shape(moved) == expected
    assert {one["id"] for one in edit.walk(moved)} == {one["id"] for one in edit.walk(tree)}


def test_a_group_cannot_move_into_itself(tree: Tree):
    deeper = edit.wrap(tree, node_id="n4")
    inner = edit.parent_of(deeper, "n4")[0]["id"]

    for target in ("n3", inner):
        with pytest.raises(EditError, match="into itself"):
            edit.move(deeper, node_id="n3", target=target, index=0)


@pytest.mark.parametrize(
    ("node", "way", "expected"),
    [
        ("n2", "down", [["b", "c"], "a", "d"]),
        ("n6", "up", ["a", "d", ["b", "c"]]),
        ("n2", "in", [["a", "b", "c"], "d"]),
        ("n6", "in", ["a", ["b", "c", "d"]]),
        ("n4", "out", ["a", ["c"], "b", "d"]),
    ],
)
def test_a_node_moves_by_one_step(tree: Tree, node: str, way: str, expected: Any):
    parent, index = edit.parent_of(tree, node)

    assert edit.can_shift(tree, parent, index, way)
    assert shape(edit.shift(tree, node_id=node, way=way)) == expected


@pytest.mark.parametrize(
    ("node", "way"), [("n2", "up"), ("n6", "down"), ("n4", "in"), ("n2", "out"), ("n2", "left")]
)
def test_a_step_that_leads_nowhere_is_refused(tree: Tree, node: str, way: str):
    with pytest.raises(EditError):
        edit.shift(tree, node_id=node, way=way)


def test_a_copy_stands_right_behind_with_ids_of_its_own(tree: Tree):
    copied = edit.duplicate(tree, node_id="n3")

    assert shape(copied) == ["a", ["b", "c"], ["b", "c"], "d"]
    ids = [node["id"] for node in edit.walk(copied)]
    assert len(set(ids)) == len(ids)


def test_a_subsegment_around_a_node_matches_the_other_way(tree: Tree):
    wrapped = edit.wrap(tree, node_id="n2")
    assert shape(wrapped) == [["a"], ["b", "c"], "d"]
    assert wrapped["children"][0]["match"] == "any"

    assert edit.wrap(tree, node_id="n4")["children"][1]["children"][0]["match"] == "all"


def test_wrapping_and_dissolving_lead_back(tree: Tree):
    wrapped = edit.wrap(tree, node_id="n3")
    around = edit.parent_of(wrapped, "n3")[0]["id"]

    assert edit.ungroup(wrapped, node_id=around) == tree


def test_a_dissolved_subsegment_leaves_its_conditions_in_its_place(tree: Tree):
    assert shape(edit.ungroup(tree, node_id="n3")) == ["a", "b", "c", "d"]


def test_groups_are_named_and_matched(tree: Tree):
    named = edit.rename(tree, node_id="n3", name="No booking")
    assert edit.find(named, "n3")["name"] == "No booking"
    assert edit.rename(named, node_id="n3", name="") == tree
    assert edit.find(edit.set_match(tree, node_id="n3", match="none"), "n3")["match"] == "none"
    with pytest.raises(EditError):
        edit.set_match(tree, node_id="n3", match="some")
    with pytest.raises(EditError, match="80"):
        edit.rename(tree, node_id="n3", name="x" * 81)


def test_a_tree_grows_neither_too_deep_nor_too_large():
    deep = with_ids(group(leaf("a")))
    for _ in range(MAX_DEPTH - 1):
        deep = edit.wrap(deep, node_id=id_of(deep, "a"))
    assert edit.depth_of(deep) == MAX_DEPTH
    with pytest.raises(EditError, match="deep"):
        edit.wrap(deep, node_id=id_of(deep, "a"))

    large = with_ids(group(*[leaf(f"f{number}") for number in range(MAX_CONDITIONS)]))
    with pytest.raises(EditError, match="500"):
        edit.duplicate(large, node_id="n2")


trees = st.recursive(
    st.sampled_from("abcdef").map(leaf),
    lambda inner: st.builds(
        lambda children, match: group(*children, match=match),
        st.lists(inner, max_size=4),
        st.sampled_from(edit.MATCHES),
    ),
    max_leaves=12,
).map(lambda tree: with_ids(tree if "children" in tree else group(tree)))


@given(trees, st.data())
def test_moves_lose_and_double_nothing(tree: Tree, data: st.DataObject):
    ids = sorted(node["id"] for node in edit.walk(tree))
    node, target = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(ids))
    index = data.draw(st.integers(0, 5))

    try:
        moved = edit.move(tree, node_id=node, target=target, index=index)
    except EditError:
        return

    assert sorted(one["id"] for one in edit.walk(moved)) == ids
    parent, place = edit.parent_of(moved, node)
    assert parent["id"] == target
    assert place == min(index, len(parent["children"]) - 1)
    assert edit.find(moved, node) == edit.find(tree, node)


@given(trees, st.data())
def test_what_can_be_shifted_is_what_is_offered(tree: Tree, data: st.DataObject):
    ids = sorted(node["id"] for node in edit.walk(tree) if node is not tree)
    if not ids:
        return
    node = data.draw(st.sampled_from(ids))
    way = data.draw(st.sampled_from(["up", "down", "in", "out"]))
    parent, index = edit.parent_of(tree, node)

    if edit.can_shift(tree, parent, index, way):
        assert edit.shift(tree, node_id=node, way=way) != tree
    else:
        with pytest.raises(EditError):
            edit.shift(tree, node_id=node, way=way)
