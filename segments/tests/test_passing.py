"""What time alone changed, told only where the definition leaves no doubt."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segments.conditions.catalog import Labels
from segments.conditions.nodes import (
    AttributeCondition,
    BeforeAgo,
    Comparison,
    Duration,
    EventCondition,
    Ever,
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
    Where,
)
from segments.conditions.passing import what_passed

LABELS = Labels(fields={"birthday": "Birthday"}, event_types={"purchase": "Purchase"})
DAYS = Duration(90, Unit.DAY)
GOLD = FieldCondition("tier", Comparison("equals", FieldType.TEXT, "Gold"))
SHOES = Where(
    Match.ALL, (AttributeCondition("category", Comparison("equals", FieldType.TEXT, "shoes")),)
)
RECENT = Where(Match.ALL, (AttributeCondition("due", Comparison("in_last", FieldType.DATE, DAYS)),))


def last(window, where=None, check=None, which="last"):
    return Occurrence("purchase", which, where, window, check)


def count(operator, number, window, of=MeasureOf.COUNT, where=None):
    measure = Measure(of, None if of == MeasureOf.COUNT else "amount")
    return EventCondition("purchase", where, window, measure, operator, Decimal(number))


def birthday(operator, value):
    return FieldCondition("birthday", Comparison(operator, FieldType.DATE, value))


def all_of(*children):
    return Group(Match.ALL, children)


def none_of(*children):
    return Group(Match.NONE, children)


ENTERED, LEFT = True, False


@pytest.mark.parametrize(
    ("definition", "entered", "said"),
    [
        (
            all_of(GOLD, last(BeforeAgo(DAYS))),
            ENTERED,
            "90 days passed since the last Purchase",
        ),
        (
            all_of(last(BeforeAgo(DAYS), where=SHOES, which="first")),
            ENTERED,
            "90 days passed since the first Purchase (where category is shoes)",
        ),
        (all_of(last(Last(DAYS))), LEFT, "90 days passed since the last Purchase"),
        (none_of(last(Last(DAYS))), ENTERED, "90 days passed since the last Purchase"),
        (
            all_of(GOLD, none_of(none_of(last(Last(DAYS))))),
            LEFT,
            "90 days passed since the last Purchase",
        ),
        (
            all_of(count("at_least", 3, Last(DAYS))),
            LEFT,
            "90 days passed since an earlier Purchase",
        ),
        (
            all_of(count("at_most", 2, Last(DAYS))),
            ENTERED,
            "90 days passed since an earlier Purchase",
        ),
        *(
            (
                all_of(count(operator, number, Last(DAYS))),
                entered,
                "90 days passed since the last Purchase",
            )
            for operator, number, entered in [
                ("equals", 0, ENTERED),
                ("at_most", 0, ENTERED),
                ("less_than", 1, ENTERED),
                ("at_least", 1, LEFT),
                ("not_equals", 0, LEFT),
            ]
        ),
        (all_of(birthday("more_than_ago", DAYS)), ENTERED, "90 days passed since Birthday"),
        (all_of(birthday("in_last", DAYS)), LEFT, "90 days passed since Birthday"),
    ],
)
def test_what_became_too_old_is_told(definition, entered, said):
    assert what_passed(definition, entered=entered, labels=LABELS) == said


@pytest.mark.parametrize(
    ("definition", "entered", "said"),
    [
        # An event of the future whose time has come.
        (
            all_of(last(BeforeAgo(DAYS))),
            LEFT,
            "No longer: The last Purchase was more than 90 days ago",
        ),
        (
            all_of(count("at_least", 1, Last(DAYS))),
            ENTERED,
            "Has performed Purchase in the last 90 days",
        ),
        (all_of(count("at_least", 1, Ever())), ENTERED, "Has performed Purchase"),
        (
            all_of(count("equals", 0, Last(DAYS))),
            LEFT,
            "No longer: Has not performed Purchase in the last 90 days",
        ),
        (
            all_of(count("equals", 3, Last(DAYS))),
            ENTERED,
            "Has performed Purchase exactly 3 times in the last 90 days",
        ),
        # Amounts may be negative: what went or came cannot be told.
        (
            all_of(count("at_least", 5, Last(DAYS), of=MeasureOf.SUM)),
            LEFT,
            "No longer: The total amount of Purchase in the last 90 days is at least 5",
        ),
        (
            all_of(birthday("anniversary_in_next", Duration(7, Unit.DAY))),
            ENTERED,
            "Birthday has its anniversary in the next 7 days",
        ),
        (
            all_of(last(BeforeAgo(DAYS), where=RECENT)),
            ENTERED,
            "The last Purchase (where due is in the last 90 days) was more than 90 days ago",
        ),
    ],
)
def test_otherwise_the_condition_that_changed_is_told(definition, entered, said):
    assert what_passed(definition, entered=entered, labels=LABELS) == said


@pytest.mark.parametrize(
    "definition",
    [
        all_of(last(BeforeAgo(DAYS)), count("at_least", 3, Ever())),
        all_of(last(BeforeAgo(DAYS)), birthday("in_last", DAYS)),
        all_of(SegmentCondition("vips", member=True)),
        all_of(last(BeforeAgo(DAYS)), SegmentCondition("vips", member=True)),
        all_of(GOLD),
    ],
)
def test_where_there_is_doubt_nothing_is_told(definition):
    assert what_passed(definition, entered=ENTERED, labels=LABELS) is None
