"""What a definition depends on, and in which direction new data can move a contact."""

from __future__ import annotations

import pytest

from segments.conditions.nodes import Group
from segments.conditions.uses import EITHER, IN, OUT, Use, Uses, uses
from segments.tests.language import (
    EVERYONE,
    attribute,
    definition,
    event,
    field,
    last,
    occurrence,
    parsed,
    segment,
    sequence,
    span,
)


def uses_of(*children: object, segments: dict[str, Group | None] | None = None) -> Uses:
    return uses(parsed(*children), (segments or {}).__getitem__)


def directions(*children: object) -> dict[str, int]:
    return {use.ref: use.direction for use in uses_of(*children).entries}


def compared(of: str, operator: str, value: object) -> dict[str, object]:
    measure = {"of": of, "attribute": "amount"} if of not in ("count", "days") else {"of": of}
    return event(measure=measure, operator=operator, value=value)


@pytest.mark.parametrize("of", ["count", "distinct", "days"])
@pytest.mark.parametrize(
    ("operator", "value", "direction"),
    [
        ("at_least", 3, IN),
        ("greater_than", 3, IN),
        ("at_least", {"field": "limit"}, IN),
        ("at_most", 3, OUT),
        ("less_than", 3, OUT),
        ("less_than", {"field": "limit"}, OUT),
        ("equals", 0, OUT),
        ("equals", -1, OUT),
        ("equals", 1, EITHER),
        ("equals", {"field": "limit"}, EITHER),
        ("not_equals", 0, IN),
        ("not_equals", 1, EITHER),
        ("not_equals", {"field": "limit"}, EITHER),
        ("between", {"from": 0, "to": 3}, OUT),
        ("between", {"from": 1, "to": 3}, EITHER),
    ],
)
def test_a_number_of_events_only_grows(of, operator, value, direction):
    assert directions(compared(of, operator, value))["Purchase"] == direction


@pytest.mark.parametrize(
    ("of", "operator", "value", "direction"),
    [
        ("maximum", "at_least", 5, IN),
        ("maximum", "greater_than", {"field": "limit"}, IN),
        # Without any event it is missing, and nothing missing is less.
        ("maximum", "at_most", 5, EITHER),
        ("maximum", "less_than", 5, EITHER),
        ("maximum", "equals", 5, EITHER),
        ("maximum", "not_equals", 5, EITHER),
        ("maximum", "between", {"from": 1, "to": 2}, EITHER),
        ("minimum", "at_most", 5, IN),
        ("minimum", "less_than", 5, IN),
        ("minimum", "at_least", 5, EITHER),
        ("minimum", "greater_than", 5, EITHER),
        ("minimum", "not_equals", 5, EITHER),
        ("sum", "at_least", 5, EITHER),
        ("sum", "at_most", 5, EITHER),
        ("sum", "equals", 0, EITHER),
        ("average", "at_least", 5, EITHER),
    ],
)
def test_measures_of_amounts(of, operator, value, direction):
    assert directions(compared(of, operator, value))["Purchase"] == direction


@pytest.mark.parametrize(
    ("which", "window", "direction"),
    [
        ("last", None, IN),
        ("first", None, IN),
        # The last one can only become later, the first one only earlier.
        ("last", last(30, "day"), IN),
        ("last", {"kind": "after", "at": "2026-01-01"}, IN),
        ("last", {"kind": "period", "period": "today"}, IN),
        ("last", {"kind": "period", "period": "this_week"}, IN),
        ("last", {"kind": "period", "period": "last_week"}, EITHER),
        ("last", {"kind": "period", "period": "yesterday"}, EITHER),
        ("last", {"kind": "before_ago", **span(90, "day")}, EITHER),
        ("last", {"kind": "before", "at": "2026-01-01"}, EITHER),
        ("first", {"kind": "before_ago", **span(90, "day")}, IN),
        ("first", {"kind": "before", "at": "2026-01-01"}, IN),
        ("first", last(30, "day"), EITHER),
        ("first", {"kind": "after", "at": "2026-01-01"}, EITHER),
        ("first", {"kind": "between", "from": "2026-01-01", "to": "2026-02-01"}, EITHER),
    ],
)
def test_first_and_last_occurrences(which, window, direction):
    given = occurrence(which=which, **({"window": window} if window else {}))

    assert directions(given) == {"Purchase": direction}


def test_an_occurrence_that_is_checked_can_change_either_way():
    check = definition(attribute("category", "text", "is_set"))

    assert directions(occurrence(check=check)) == {"Purchase": EITHER}


DAY = span(1, "day")


def test_more_events_make_more_chains():
    steps = ({"event": "Cart_add"}, {"event": "Purchase", "within": DAY})

    assert directions(sequence(*steps)) == {"Cart_add": IN, "Purchase": IN}


def test_events_of_a_step_not_performed_break_chains():
    absent = {"event": "Purchase", "within": DAY, "performed": False}

    assert directions(sequence({"event": "Cart_add"}, absent)) == {"Cart_add": IN, "Purchase": OUT}
    assert directions(sequence({"event": "Purchase"}, absent)) == {"Purchase": EITHER}


def test_a_group_of_none_turns_directions_round():
    given = definition(event(), compared("sum", "at_least", 5), event("Refund"), match="none")

    assert directions(given) == {"Purchase": EITHER, "Refund": OUT}
    assert directions(definition(given, match="none"))["Refund"] == IN


def test_opposite_directions_make_either():
    assert directions(event(), event(operator="at_most", value=3)) == {"Purchase": EITHER}
    assert directions(event(), event(operator="at_least", value=3)) == {"Purchase": IN}


def test_fields_are_found_wherever_a_contact_is_compared():
    where = definition(
        definition(attribute("country", "text", "equals", {"field": "country_liked"}), match="any")
    )
    given = [
        field("tier", "equals", {"field": "city"}),
        event(where=where, operator="at_least", value={"field": "limit"}),
        occurrence(check=definition(attribute("a", "number", "equals", {"field": "spent"}))),
        sequence(
            {"event": "Refund"},
            {
                "event": "Refund",
                "where": definition(attribute("b", "datetime", "before", {"field": "seen"})),
            },
        ),
    ]

    fields = {use.ref for use in uses_of(*given).entries if use.kind == "field"}
    assert fields == {"tier", "city", "country_liked", "limit", "spent", "seen"}
    assert all(use.direction == EITHER for use in uses_of(*given).entries if use.kind == "field")


@pytest.mark.parametrize(
    "given",
    [
        event(),
        occurrence(),
        sequence({"event": "Refund"}, {"event": "Purchase"}),
        event(window={"kind": "before", "at": "2020-01-01"}),
        field("seen", "in_last", span(5, "day")),
        field("seen", "more_than_ahead", span(5, "day")),
        field("seen", "not_in_period", "today"),
        field("birthday", "anniversary_in_next", span(0, "day")),
        definition(definition(field("birthday", "in_period", "today"), match="none")),
    ],
)
def test_what_time_alone_can_change(given):
    assert uses_of(given).uses_clock


@pytest.mark.parametrize(
    "given",
    [
        EVERYONE,
        {"kind": "random", "percent": 5, "salt": "x"},
        field("tier", "is_set"),
        field("seen", "before", "2026-01-01"),
        field("seen", "between", {"from": "2026-01-01", "to": "2026-01-02"}),
        field("birthday", "on", "2026-01-01"),
    ],
)
def test_what_only_data_can_change(given):
    assert not uses_of(given).uses_clock


def test_everyone_and_samples_depend_on_nothing():
    assert uses_of(EVERYONE, {"kind": "random", "percent": 5, "salt": "x"}) == Uses((), False)  # noqa: FBT003


def test_what_a_segment_depends_on_is_depended_on_indirectly():
    segments = {"vip": parsed(event(), segment("friends")), "friends": None}

    found = uses_of(field("tier", "is_set"), segment("vip"), segments=segments)

    assert set(found.entries) == {
        Use("field", "tier", EITHER, is_direct=True),
        Use("segment", "vip", EITHER, is_direct=True),
        Use("segment", "friends", EITHER, is_direct=False),
        Use("event", "Purchase", IN, is_direct=False),
    }
    assert found.uses_clock


def test_not_being_a_member_turns_directions_round():
    found = uses_of(segment("vip", member=False), segments={"vip": parsed(event())})

    assert Use("event", "Purchase", OUT, is_direct=False) in found.entries


def test_a_direct_use_counts_even_when_there_is_an_indirect_one():
    found = uses_of(segment("vip"), event(), segments={"vip": parsed(event())})

    assert Use("event", "Purchase", IN, is_direct=True) in found.entries


def test_a_static_segment_does_not_follow_the_clock():
    assert not uses_of(segment("friends"), segments={"friends": None}).uses_clock


def test_references_that_branch_again_and_again_are_looked_at_once():
    segments: dict[str, Group | None] = {"vip": parsed(EVERYONE)}
    names = ["friends", "vip"] * 20
    asked: list[str] = []

    def resolve(key: str) -> Group | None:
        asked.append(key)
        return segments[key]

    segments["friends"] = parsed(*[segment("vip")] * 20)
    uses(parsed(*(segment(name) for name in names)), resolve)

    assert sorted(asked) == ["friends", "vip"]
