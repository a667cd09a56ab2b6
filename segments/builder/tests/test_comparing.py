"""Two trees compared node by node, a definition from outside fitted to one, and the words."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.builder.aligning import aligned, tree_of
from segments.builder.comparing import Did, changes_between, same
from segments.builder.describing import MOST_LINES, change_lines, describe_node
from segments.builder.tests.drafting import city, group, tree
from segments.conditions import edit
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo, Labels
from segments.conditions.edit import walk, with_ids, without_ids
from segments.conditions.nodes import FieldType

CATALOG = Catalog(
    zone=ZoneInfo("UTC"),
    fields={"tier": FieldInfo(FieldType.TEXT, is_archived=False, label="Tier")},
    event_types={"buy": EventTypeInfo(is_archived=False, label="Purchase")},
)
LABELS = Labels(fields={"tier": "Tier"}, event_types={"buy": "Purchase"}, segments={"v": "VIPs"})

leaves = st.sampled_from(["Rome", "Oslo", "Bonn", "Kyiv"]).map(city)
nodes = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda children, match: group(*children, match=match),
        st.lists(inner, max_size=4),
        st.sampled_from(["all", "any", "none"]),
    ),
    max_leaves=12,
)
trees = st.lists(nodes, max_size=5).map(lambda children: with_ids(group(*children)))


def did(old, new):
    return [(change.did, change.new["id"]) for change in changes_between(old, new)]


def lines(old, new):
    return list(change_lines(changes_between(old, new), CATALOG, LABELS))


@given(tree=trees)
def test_nothing_differs_from_itself(tree):
    assert changes_between(tree, tree) == []


@given(old=trees, new=trees)
def test_without_changes_the_trees_are_the_same(old, new):
    assert (changes_between(old, new) == []) == same(without_ids(old), without_ids(new))


@given(old=trees, new=trees)
def test_a_fitted_definition_is_still_itself_and_has_each_id_once(old, new):
    fitted = aligned(new, old)

    assert without_ids(fitted) == without_ids(new)
    ids = [node["id"] for node in walk(fitted)]
    assert len(ids) == len(set(ids))
    assert aligned(fitted, fitted) == fitted
    assert aligned(old, old) == old


@given(tree=trees, data=st.data())
def test_one_operation_is_one_change(tree, data):
    ids = [node["id"] for node in walk(tree)][1:]
    if not ids:
        return
    one = data.draw(st.sampled_from(ids))

    assert did(tree, edit.remove(tree, node_id=one)) == [(Did.REMOVED, one)]
    copied = changes_between(tree, edit.duplicate(tree, node_id=one))
    assert [change.did for change in copied] == [Did.ADDED]
    wrapped = changes_between(tree, edit.wrap(tree, node_id=one))
    assert [change.did for change in wrapped] == [Did.ADDED, Did.MOVED]


def test_only_what_was_moved_counts_as_moved():
    old = tree("a", "b", "c", "d")

    assert did(old, edit.move(old, node_id="n2", target="n1", index=3)) == [(Did.MOVED, "n2")]
    assert did(old, edit.move(old, node_id="n5", target="n1", index=0)) == [(Did.MOVED, "n5")]


def test_what_was_moved_into_a_lost_or_new_group_is_told_once():
    old = with_ids(group(group(city("Rome"), city("Oslo")), city("Bonn")))

    new = edit.ungroup(old, node_id="n2")

    assert did(old, new) == [
        (Did.MOVED, "n3"),
        (Did.MOVED, "n4"),
        (Did.REMOVED, "n2"),
    ]


def test_outermost_groups_are_the_same_whatever_their_ids():
    assert did(group(id="n1"), group(id="n9", match="any")) == [(Did.MATCHES, "n9")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (1, True, False),
        ("1", 1, False),
        (Decimal("1.0"), Decimal("1.00"), False),
        (Decimal(5), 5, True),
        ([1, 2], [2, 1], False),
        (None, {}, False),
    ],
)
def test_values_are_the_same_when_their_json_is(one, other, expected):
    assert same(one, other) == expected


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (city("Rome"), "City is Rome"),
        ({"id": "n3", **city("Rome")}, "City is Rome"),
        ({"kind": "field", "field": "tier"}, "Tier (not complete)"),
        ({"kind": "field", "field": ""}, "Contact field (not complete)"),
        ({"kind": "field", "field": ["x"]}, "Contact field (not complete)"),
        ({"kind": "event", "event": "buy"}, "Has performed Purchase"),
        ({"kind": "event", "event": "buy", "value": "x"}, "Purchase (not complete)"),
        ({"kind": "occurrence", "event": "buy"}, "Purchase (not complete)"),
        ({"kind": "occurrence"}, "First or last event (not complete)"),
        (
            {"kind": "sequence", "steps": [{"event": "buy"}]},
            "Sequence from Purchase (not complete)",
        ),
        ({"kind": "sequence", "steps": []}, "Sequence (not complete)"),
        ({"kind": "segment", "segment": "v"}, "Segment VIPs (not complete)"),
        ({"kind": "segment"}, "Segment (not complete)"),
        ({"kind": "random"}, "Random sample (not complete)"),
        ({"kind": "everyone"}, "Everyone"),
        ({"kind": ["group"]}, "Condition (not complete)"),
        ({"kind": "odd"}, "Condition (not complete)"),
        ({}, "Condition (not complete)"),
        ({"kind": "group", "children": 5}, "Subsegment (not complete)"),
        (group(), "Subsegment (empty)"),
        (
            group(city("Rome"), city("Oslo"), match="any"),
            "Subsegment (City is Rome, or City is Oslo)",
        ),
        (group({"kind": "field"}), "Subsegment (not complete)"),
        (group(city("Rome"), name="Towns"), "Subsegment “Towns”"),
        (group(name=["x"]), "Subsegment (empty)"),
    ],
)
def test_a_condition_is_told_in_words_however_incomplete(node, words):
    assert describe_node(node, CATALOG, LABELS) == words


def test_a_condition_that_became_another_is_told_as_both():
    old = with_ids(group(city("Rome"), {"kind": "field", "field": "tier"}))
    new = edit.replace(old, node_id="n2", node={"kind": "event", "event": "buy"})
    new = edit.replace(new, node_id="n3", node={"kind": "field", "field": "tier", "x": 1})

    assert lines(old, new) == [
        "Changed: City is Rome → Has performed Purchase",
        "Changed: Tier (not complete)",
    ]


def test_names_and_matches_of_groups_are_told():
    old = with_ids(group(group(city("Rome")), group(city("Rome"), name="X")))
    new = edit.rename(edit.rename(old, node_id="n2", name="Y"), node_id="n4", name="")
    new = edit.set_match(new, node_id="n4", match="any")

    assert lines(old, new) == [
        "A subsegment is now named “Y”",
        "A subsegment now matches any",
        "Subsegment “X” has no name any more",
    ]
    odd = {**edit.find(old, "n2"), "match": ["x"], "odd": 1}
    odd = edit.replace(old, node_id="n2", node=odd)
    assert lines(old, odd)[:2] == [
        "A subsegment now matches something else",
        "Changed: Subsegment (City is Rome) → Subsegment (not complete)",
    ]


def test_long_differences_are_cut_short():
    many = [f"City {n}" for n in range(MOST_LINES + 2)]

    assert lines(tree(), tree(*many))[-1] == "And 2 more changes"
    assert lines(tree(), tree(*many[:-1]))[-1] == "And 1 more change"
    (line,) = lines(tree(), tree("x" * 500))
    assert len(line) < 250


def test_anything_becomes_a_tree():
    assert tree_of(None) == tree_of([]) == tree()
