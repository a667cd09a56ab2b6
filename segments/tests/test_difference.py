"""What changed between two definitions, in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segments.conditions.catalog import Labels
from segments.conditions.difference import difference
from segments.conditions.nodes import (
    BeforeAgo,
    Comparison,
    Duration,
    EventCondition,
    Everyone,
    FieldCondition,
    FieldType,
    Group,
    Last,
    Match,
    Measure,
    MeasureOf,
    Occurrence,
    SegmentCondition,
    Unit,
)

LABELS = Labels(fields={"tier": "Tier"}, segments={"vips": "VIPs"})
ALL = "All of the conditions have to fit"
ANY = "Any of the conditions has to fit"


def tier(value):
    return FieldCondition("tier", Comparison("equals", FieldType.TEXT, value))


def among(*values):
    return FieldCondition("tier", Comparison("in", FieldType.TEXT, values))


def spent(amount, days=90):
    return EventCondition(
        "Purchase",
        None,
        Last(Duration(days, Unit.DAY)),
        Measure(MeasureOf.SUM, "amount"),
        "greater_than",
        Decimal(amount),
    )


def all_of(*children, name=""):
    return Group(Match.ALL, children, name)


def any_of(*children, name=""):
    return Group(Match.ANY, children, name)


def none_of(*children):
    return Group(Match.NONE, children)


GOLD, SILVER, VIPS = tier("Gold"), tier("Silver"), SegmentCondition("vips", member=True)


def told(old, new):
    """Each change with its words; those that were removed in [], those that were added in {}."""
    marks = {"same": "{}", "removed": "[{}]", "added": "{{{}}}"}
    return [
        f"{line.change}: {''.join(marks[part.mark].format(part.text) for part in line.parts)}"
        for line in difference(old, new, LABELS).changes
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (all_of(GOLD, VIPS), all_of(GOLD, VIPS), []),
        (all_of(GOLD, VIPS), all_of(GOLD, VIPS, Everyone()), ["added: Everyone"]),
        (all_of(GOLD, VIPS), all_of(GOLD), ["removed: Is in the segment VIPs"]),
        (all_of(GOLD), all_of(SILVER), ["changed: Tier is [Gold]{Silver}"]),
        (all_of(GOLD, VIPS), all_of(VIPS, GOLD), []),
        (all_of(GOLD, GOLD), all_of(GOLD), ["removed: Tier is Gold"]),
        (
            all_of(GOLD, VIPS),
            any_of(GOLD, VIPS),
            ["changed: [All]{Any} of the conditions [have]{has} to fit"],
        ),
        (all_of(GOLD), any_of(GOLD), []),
        (
            all_of(any_of(GOLD, VIPS), Everyone()),
            all_of(any_of(SILVER, VIPS), Everyone()),
            ["changed: Tier is [Gold]{Silver}"],
        ),
        (
            all_of(GOLD, name="a"),
            all_of(GOLD, name="b"),
            ["changed: [a:]{b:} all of the conditions have to fit"],
        ),
        (
            all_of(spent(1000)),
            all_of(spent(2000, 30)),
            [
                "changed: The total amount of Purchase in the last [90]{30} days"
                " is more than [1,000]{2,000}"
            ],
        ),
        (
            all_of(spent(1)),
            all_of(
                Occurrence("Purchase", "last", None, BeforeAgo(Duration(9, Unit.DAY)), check=None)
            ),
            [
                "changed: [The total amount of Purchase in the last 90 days is more than 1]"
                "{The last Purchase was more than 9 days ago}"
            ],
        ),
    ],
)
def test_conditions_come_go_and_change(old, new, expected):
    assert told(old, new) == expected


def test_what_is_removed_stands_where_it_was():
    old = all_of(GOLD, VIPS, spent(5))
    lines = difference(old, all_of(GOLD, spent(5), Everyone()), LABELS).lines

    assert [str(line.change) for line in lines] == ["same", "same", "removed", "same", "added"]


def test_subsegments_that_have_something_in_common_are_one():
    old = all_of(any_of(GOLD, VIPS), none_of(spent(5)))
    new = all_of(none_of(spent(6)), any_of(GOLD, VIPS, Everyone()))

    assert told(old, new) == [
        "changed: The total amount of Purchase in the last 90 days is more than [5]{6}",
        "added: Everyone",
    ]


def test_a_whole_subsegment_comes_with_all_that_is_in_it():
    found = difference(all_of(GOLD), all_of(GOLD, any_of(VIPS, Everyone(), name="Others")), LABELS)

    assert [(line.change, line.depth, line.after) for line in found.changes] == [
        ("added", 1, "Others: any of the conditions has to fit"),
        ("added", 2, "Is in the segment VIPs"),
        ("added", 2, "Everyone"),
    ]


def test_what_did_not_change_is_counted_where_it_stands():
    inner = any_of(GOLD, VIPS)
    found = difference(all_of(inner, spent(5), Everyone()), all_of(inner, spent(6)), LABELS)

    assert [(line.depth, line.after) for line in found.folded] == [
        (0, ALL),
        (1, "2 conditions as before"),
        (1, "The total amount of Purchase in the last 90 days is more than 6"),
        (1, ""),
    ]


def test_each_change_says_what_it_was_and_is_and_within_what():
    [line] = difference(all_of(any_of(GOLD, VIPS)), all_of(any_of(SILVER, VIPS)), LABELS).changes

    assert (line.before, line.after) == ("Tier is Gold", "Tier is Silver")
    assert line.within == (ALL, ANY)


def test_values_that_a_sentence_leaves_out_are_told():
    many = [f"a{number:02}" for number in range(30)]

    assert told(all_of(among(*many)), all_of(among(*many, "new", "old"))) == [
        "changed: Tier is one of a00, a01, a02, a03, a04, a05, a06, a07, a08 or [21]{23} others"
        "{ (with new and old)}"
    ]
    [change] = told(all_of(among(*many)), all_of(among(*many[:-1], "zzz")))
    assert change.endswith("21 others[ (without a29)]{ (with zzz)}")


def test_the_same_definition_is_the_same():
    found = difference(all_of(GOLD), all_of(GOLD), LABELS)

    assert (found.changes, found.is_same) == ([], True)


def test_another_order_is_not_quite_the_same():
    found = difference(all_of(GOLD, VIPS), all_of(VIPS, GOLD), LABELS)

    assert (found.changes, found.is_same) == ([], False)


def test_numbers_that_are_equal_are_the_same():
    def older(value):
        return all_of(FieldCondition("age", Comparison("at_least", FieldType.NUMBER, value)))

    assert difference(older(Decimal("1")), older(Decimal("1.0")), LABELS).is_same


def test_the_largest_definitions_are_compared_at_once():
    old = all_of(*[any_of(tier(str(number)), VIPS) for number in range(250)])
    new = all_of(*[any_of(tier(f"{number}x"), VIPS) for number in range(250)])

    assert len(difference(old, new, LABELS).changes) == 250
