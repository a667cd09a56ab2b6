"""Groups, fields, limits: what parses to what, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from segments.conditions.catalog import SegmentInfo
from segments.conditions.nodes import (
    Comparison,
    Everyone,
    FieldCondition,
    FieldType,
    FieldValue,
    Group,
    Match,
    Random,
    SegmentCondition,
)
from segments.conditions.parse import InvalidDefinition, parse
from segments.tests.language import (
    CATALOG,
    EVERYONE,
    attribute,
    definition,
    event,
    field,
    node,
    parsed,
    problems,
    problems_of,
    segment,
)


def nested(depth: int) -> dict[str, object]:
    """Groups within groups, `depth` of them."""
    tree = definition(EVERYONE)
    for _ in range(depth - 1):
        tree = definition(tree)
    return tree


def test_a_group_keeps_its_match_its_name_and_the_order_of_its_children():
    given = definition(EVERYONE, definition(field("tier", "is_set"), match="none"), match="any")
    given["name"] = "No booking"

    tier_is_set = FieldCondition("tier", Comparison("is_set", FieldType.TEXT))
    inner = Group(Match.NONE, (tier_is_set,))
    assert parse(given, CATALOG) == Group(Match.ANY, (Everyone(), inner), "No booking")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, ("", "wrong_type")),
        ([], ("", "wrong_type")),
        ("all", ("", "wrong_type")),
        ({}, ("kind", "required")),
        ({"kind": "everyone"}, ("", "not_a_group")),
        ({**definition(EVERYONE), "kind": 7}, ("kind", "wrong_type")),
        (definition(), ("children", "empty_group")),
        (definition(EVERYONE, match="most"), ("match", "unknown_match")),
        ({"kind": "group", "children": [EVERYONE]}, ("match", "required")),
        ({"kind": "group", "match": "all"}, ("children", "required")),
        ({"kind": "group", "match": "all", "children": {}}, ("children", "wrong_type")),
        ({**definition(EVERYONE), "name": "x" * 81}, ("name", "too_long")),
        ({**definition(EVERYONE), "name": 5}, ("name", "wrong_type")),
        ({**definition(EVERYONE), "note": 5}, ("note", "unknown_key")),
        (definition(definition()), ("children[0].children", "empty_group")),
        (definition(EVERYONE, 5), ("children[1]", "wrong_type")),
        (definition({}), ("children[0].kind", "required")),
        (definition({"kind": []}), ("children[0].kind", "wrong_type")),
        (definition({"kind": "feild"}), ("children[0].kind", "unknown_kind")),
    ],
)
def test_a_wrong_group_is_a_problem_at_its_place(given, problem):
    assert problem in problems(given)


def test_a_name_of_eighty_characters_is_allowed():
    assert problems({**definition(EVERYONE), "name": "x" * 80}) == []


def test_all_problems_are_reported_at_once():
    given = definition(
        field("nothing", "is_set"),
        EVERYONE,
        event(
            "Purchase",
            where=definition(attribute("category", "text", "equals", 5)),
            window={"kind": "last", "amount": 0, "unit": "day"},
        ),
    )

    assert problems(given) == [
        ("children[0].field", "unknown_field"),
        ("children[2].where.children[0].value", "wrong_type"),
        ("children[2].window.amount", "amount_out_of_range"),
    ]


def test_a_problem_says_what_would_be_right():
    with pytest.raises(InvalidDefinition) as raised:
        parse(definition(field("tier", "in", "Gold"), event("purchase")), CATALOG)

    wrong_list, wrong_event = raised.value.problems
    assert wrong_list.message == (
        "Here a list, such as [“Gold”, “Platinum”], is wanted, not the text “Gold”."
    )
    assert wrong_event.message == (
        "No event type “purchase” is known. Register it first, or send one such event."
        " Did you mean “Purchase”?"
    )


def test_ten_groups_deep_is_allowed_and_eleven_is_not():
    assert problems(nested(10)) == []
    assert problems(nested(11)) == [(".".join(["children[0]"] * 10), "too_deep")]


def test_thousands_of_groups_deep_are_refused_without_harm():
    assert [code for _, code in problems(nested(100_000))] == ["too_deep"]


def test_groups_over_attributes_are_ten_deep_at_most_too():
    tree = definition(attribute("size", "text", "is_set"))
    for _ in range(9):
        tree = definition(tree)

    assert problems_of(event(where=tree)) == []
    assert [code for _, code in problems_of(event(where=definition(tree)))] == ["too_deep"]


def test_five_hundred_conditions_are_allowed_and_one_more_is_not():
    assert problems(definition(*[EVERYONE] * 500)) == []
    assert problems(definition(*[EVERYONE] * 501)) == [("", "too_many_conditions")]


def test_conditions_over_attributes_count_as_conditions():
    where = definition(*[attribute("size", "text", "is_set")] * 250)

    assert problems(definition(event(where=where), *[EVERYONE] * 249)) == []
    assert problems(definition(event(where=where), event(where=where))) == [
        ("", "too_many_conditions")
    ]


def test_reading_stops_after_a_thousand_problems():
    assert len(problems(definition(field("tier", "in", [5] * 100_000)))) == 1_000


@pytest.mark.parametrize(
    ("condition", "tree"),
    [
        (
            field("email", "ends_with", "@example.com"),
            FieldCondition("email", Comparison("ends_with", FieldType.TEXT, "@example.com")),
        ),
        (
            field("tier", "in", ["Gold", "Platinum", "Gold"], case_sensitive=True),
            FieldCondition("tier", Comparison("in", FieldType.TEXT, ("Gold", "Platinum"), True)),  # noqa: FBT003 (how the node is built)
        ),
        (
            field("spent", "not_in", [1, 2.50]),
            FieldCondition(
                "spent", Comparison("not_in", FieldType.NUMBER, (Decimal(1), Decimal("2.5")))
            ),
        ),
        (
            field("consent", "is_false"),
            FieldCondition("consent", Comparison("is_false", FieldType.BOOLEAN)),
        ),
        (
            field("interests", "contains_all", ["wine"]),
            FieldCondition("interests", Comparison("contains_all", FieldType.LIST, ("wine",))),
        ),
        (
            field("country", "equals", {"field": "country_liked"}),
            FieldCondition(
                "country",
                Comparison("equals", FieldType.TEXT, FieldValue("country_liked", FieldType.TEXT)),
            ),
        ),
        ({"kind": "segment", "segment": "vip", "member": False}, SegmentCondition("vip", False)),  # noqa: FBT003
        (
            {"kind": "random", "percent": 12.5, "salt": "spring"},
            Random(Decimal("12.5"), "spring"),
        ),
        (EVERYONE, Everyone()),
    ],
)
def test_a_condition_becomes_its_node(condition, tree):
    assert node(condition) == tree


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        (field("tiers", "is_set"), ("field", "unknown_field")),
        (field("old", "is_set"), ("field", "archived_field")),
        (field("", "is_set"), ("field", "empty")),
        (field(["tier"], "is_set"), ("field", "wrong_type")),
        ({"kind": "field", "operator": "is_set"}, ("field", "required")),
        ({"kind": "field", "field": "tier"}, ("operator", "required")),
        (field("tier", "is"), ("operator", "unknown_operator")),
        (field("tier", {}), ("operator", "wrong_type")),
        (field("tier", "greater_than", 5), ("operator", "operator_not_for_type")),
        (field("tier", "is_set", "yes"), ("value", "no_value")),
        (field("tier", "is_set", None), ("value", "no_value")),
        (field("tier", "equals"), ("value", "required")),
        (field("tier", "equals", None), ("value", "wrong_type")),
        (field("tier", "equals", ""), ("value", "empty")),
        (field("tier", "contains", ""), ("value", "empty")),
        (field("tier", "equals", ["Gold"]), ("value", "wrong_type")),
        (field("tier", "in", []), ("value", "empty")),
        (field("tier", "in", ["Gold", ""]), ("value[1]", "empty")),
        (field("tier", "in", ["Gold", 5]), ("value[1]", "wrong_type")),
        (field("tier", "in", {"field": "city"}), ("value", "wrong_type")),
        (field("tier", "matches", {"field": "city"}), ("value", "wrong_type")),
        (field("tier", "matches", "(a"), ("value", "invalid_pattern")),
        (field("tier", "equals", "a\0b"), ("value", "invalid_text")),
        (field("tier", "equals", "a\ud800b"), ("value", "invalid_text")),
        (field("tier", "equals", "a", case_sensitive="yes"), ("case_sensitive", "wrong_type")),
        (field("spent", "equals", 1, case_sensitive=True), ("case_sensitive", "not_for_type")),
        (field("tier", "equals", "a", values=[]), ("values", "unknown_key")),
        (field("spent", "between", {"from": 5, "to": 1}), ("value", "from_after_to")),
        (field("spent", "between", {"from": 5}), ("value.to", "required")),
        (field("spent", "between", [1, 5]), ("value", "wrong_type")),
        (
            field("spent", "between", {"from": 1, "to": {"field": "limit"}}),
            ("value.to", "wrong_type"),
        ),
        (field("tier", "equals", {"field": "nothing"}), ("value.field", "unknown_field")),
        (field("tier", "equals", {"field": "spent"}), ("value.field", "field_of_other_type")),
        (field("tier", "equals", {"field": "city", "of": 1}), ("value.of", "unknown_key")),
        (field("tier", "equals", {}), ("value.field", "required")),
        (attribute("size", "text", "is_set"), ("kind", "attribute_outside_where")),
        ({"kind": "random", "percent": 100.5, "salt": "x"}, ("percent", "percent_out_of_range")),
        ({"kind": "random", "percent": -1, "salt": "x"}, ("percent", "percent_out_of_range")),
        ({"kind": "random", "percent": True, "salt": "x"}, ("percent", "wrong_type")),
        ({"kind": "random", "percent": 5}, ("salt", "required")),
        ({"kind": "random", "percent": 5, "salt": 5}, ("salt", "wrong_type")),
        ({"kind": "everyone", "value": 1}, ("value", "unknown_key")),
        (segment("nobody"), ("segment", "unknown_segment")),
        (segment("gone"), ("segment", "archived_segment")),
        (segment("empty"), ("segment", "segment_without_definition")),
        (segment("vip", member="yes"), ("member", "wrong_type")),
    ],
)
def test_a_wrong_condition_is_a_problem_at_its_place(condition, problem):
    assert problems_of(condition) == [problem]


def test_an_unknown_key_is_met_with_the_one_that_was_meant():
    with pytest.raises(InvalidDefinition, match="Did you mean “operator”"):
        parsed({**field("tier", "is_set"), "operatr": "x"})


def test_a_name_that_is_no_text_is_a_problem_of_the_object():
    assert problems_of({**field("tier", "is_set"), 5: "x"}) == [("", "unknown_key")]


def test_static_segments_can_be_referred_to():
    assert node(segment("friends")) == SegmentCondition("friends", member=True)


def test_what_was_archived_later_still_loads():
    catalog = replace(CATALOG, allow_archived=True)
    given = definition(field("old", "is_set"), event("Old_event"), segment("gone"))

    assert problems(given, catalog) == []


def test_a_segment_cannot_refer_to_itself():
    assert problems_of(segment("vip"), replace(CATALOG, own_key="vip")) == [("segment", "cycle")]


def test_a_reference_that_leads_back_over_others_is_a_cycle():
    catalog = replace(
        CATALOG,
        own_key="a",
        segments={
            "a": SegmentInfo(definition=definition(EVERYONE)),
            "b": SegmentInfo(definition=definition(definition(segment("c")))),
            # What it means now does not lead back; what is being built does.
            "c": SegmentInfo(definition=[definition(EVERYONE), definition(segment("a"))]),
        },
    )

    with pytest.raises(InvalidDefinition, match=r"“b” refers back .*: “b” → “c” → this one"):
        parse(definition(segment("b")), catalog)


def test_two_ways_to_the_same_segment_are_no_cycle():
    catalog = replace(
        CATALOG,
        own_key="a",
        segments={
            "b": SegmentInfo(definition=definition(segment("d"))),
            "c": SegmentInfo(definition=definition(segment("d"))),
            "d": SegmentInfo(definition=definition(EVERYONE)),
        },
    )

    assert problems(definition(segment("b"), segment("c")), catalog) == []


def chain(length: int, start: str = "s") -> dict[str, SegmentInfo]:
    """Segments that each refer to the next one: s1 to s2, s2 to s3, ..."""
    return {
        f"{start}{number}": SegmentInfo(
            definition=definition(segment(f"{start}{number + 1}") if number < length else EVERYONE)
        )
        for number in range(1, length + 1)
    }


def test_twenty_references_in_a_row_are_allowed_and_one_more_is_not():
    assert problems_of(segment("s1"), replace(CATALOG, segments=chain(20))) == []
    assert problems_of(segment("s1"), replace(CATALOG, segments=chain(21))) == [
        ("segment", "too_many_references")
    ]


def test_those_who_refer_to_a_segment_count_too():
    segments = chain(10) | chain(11, start="t")
    catalog = replace(CATALOG, segments=segments, own_key="t11")

    assert problems_of(segment("s1"), catalog) == []
    assert problems_of(segment("s1"), replace(catalog, segments=segments | chain(11))) == [
        ("segment", "too_many_references")
    ]


def test_a_cycle_among_others_does_not_hold_up_the_search():
    segments = {
        "b": SegmentInfo(definition=definition(segment("c"))),
        "c": SegmentInfo(definition=definition(segment("b"))),
    }

    assert problems_of(segment("b"), replace(CATALOG, own_key="a", segments=segments)) == [
        ("segment", "too_many_references")
    ]


def test_messages_can_always_be_sent_and_stored():
    with pytest.raises(InvalidDefinition) as raised:
        parse({**definition(field("\ud800\0", "is_set")), "\udfff": 1}, CATALOG)

    for problem in raised.value.problems:
        assert f"{problem.path}{problem.message}".encode()
        assert "\0" not in problem.path + problem.message
