"""What changed between two definitions, in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segments.conditions.catalog import Labels
from segments.conditions.difference import Difference, difference
from segments.conditions.nodes import (
    Comparison,
    Everyone,
    FieldCondition,
    FieldType,
    Group,
    Match,
    SegmentCondition,
)

LABELS = Labels(fields={"tier": "Tier"}, segments={"vips": "VIPs"})


def tier(value):
    return FieldCondition("tier", Comparison("equals", FieldType.TEXT, value))


def all_of(*children, name=""):
    return Group(Match.ALL, children, name)


def any_of(*children):
    return Group(Match.ANY, children)


def none_of(*children):
    return Group(Match.NONE, children)


GOLD, SILVER, VIPS = tier("Gold"), tier("Silver"), SegmentCondition("vips", member=True)


@pytest.mark.parametrize(
    ("old", "new", "removed", "added"),
    [
        (all_of(GOLD, VIPS), all_of(GOLD, VIPS), [], []),
        (
            all_of(GOLD, VIPS),
            all_of(GOLD, VIPS, SILVER),
            [],
            ["Tier is Silver"],
        ),
        (
            all_of(GOLD, VIPS, SILVER),
            all_of(GOLD, SILVER),
            ["Is in the segment VIPs"],
            [],
        ),
        (all_of(GOLD), all_of(SILVER), ["Tier is Gold"], ["Tier is Silver"]),
        (all_of(GOLD, VIPS), all_of(VIPS, GOLD), [], []),
        (all_of(GOLD, GOLD), all_of(GOLD, VIPS), ["Tier is Gold"], ["Is in the segment VIPs"]),
        (
            all_of(GOLD, VIPS),
            any_of(GOLD, VIPS),
            ["All of the conditions have to fit"],
            ["Any of the conditions has to fit"],
        ),
        (
            all_of(GOLD),
            all_of(GOLD, VIPS),
            [],
            ["Is in the segment VIPs"],
        ),
        (all_of(GOLD), any_of(GOLD), [], []),
        (
            all_of(GOLD),
            none_of(GOLD),
            ["All of the conditions have to fit"],
            ["None of the conditions may fit"],
        ),
        (
            all_of(any_of(GOLD, VIPS), Everyone()),
            all_of(any_of(SILVER, VIPS), Everyone()),
            ["Tier is Gold, or is in the segment VIPs"],
            ["Tier is Silver, or is in the segment VIPs"],
        ),
    ],
)
def test_conditions_come_and_go(old, new, removed, added):
    found = difference(old, new, LABELS)

    assert (list(found.removed), list(found.added)) == (removed, added)


def test_the_same_definition_is_the_same():
    assert difference(all_of(GOLD), all_of(GOLD), LABELS) == Difference((), (), is_same=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (all_of(GOLD, VIPS), all_of(VIPS, GOLD)),
        (all_of(GOLD, name="a"), all_of(GOLD, name="b")),
    ],
)
def test_another_order_or_name_is_not_quite_the_same(old, new):
    assert difference(old, new, LABELS) == Difference((), (), is_same=False)


def test_numbers_that_are_equal_are_the_same():
    def older(value):
        return all_of(FieldCondition("age", Comparison("at_least", FieldType.NUMBER, value)))

    assert difference(older(Decimal("1")), older(Decimal("1.0")), LABELS).is_same
