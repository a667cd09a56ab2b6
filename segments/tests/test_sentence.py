"""The sentences that people read."""

from __future__ import annotations

from typing import Any

import pytest

from segments.conditions.catalog import Labels
from segments.conditions.operators import OPERATORS, Takes
from segments.conditions.sentence import sentence
from segments.tests.language import (
    EVERYONE,
    LABELS,
    attribute,
    definition,
    event,
    field,
    last,
    node,
    occurrence,
    parsed,
    segment,
    sequence,
    span,
)


def said(*children: object) -> str:
    return sentence(parsed(*children), LABELS)


def test_what_the_issue_shows():
    lapsed = occurrence(window={"kind": "before_ago", **span(90, "day")})

    assert said(field("tier", "in", ["Gold", "Platinum"]), lapsed) == (
        "Status VIP is one of Gold or Platinum, and the last Purchase was more than 90 days ago"
    )


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (field("tier", "is_set"), "Status VIP is set"),
        (field("tier", "is_not_set"), "Status VIP is not set"),
        (field("first_name", "equals", "Ada"), "First name is Ada"),
        (field("spent", "not_equals", 2.50), "Spent is not 2.5"),
        (field("spent", "in", [1, 20, 300]), "Spent is one of 1, 20 or 300"),
        (field("tier", "not_in", ["a", "b"]), "Status VIP is none of a or b"),
        (field("tier", "in", ["a"]), "Status VIP is a"),
        (field("tier", "not_in", ["a"]), "Status VIP is not a"),
        (field("city", "contains", "York"), "City contains York"),
        (field("city", "not_contains", "New York"), "City does not contain New York"),
        (field("city", "starts_with", " "), "City starts with “ ”"),
        (field("city", "ends_with", "x", case_sensitive=True), "City ends with x (case-sensitive)"),
        (field("city", "equals", "salt and pepper"), "City is “salt and pepper”"),
        (field("city", "equals", "a, b"), "City is “a, b”"),
        (field("city", "equals", "Łódź Fabryczna"), "City is Łódź Fabryczna"),
        (field("phone", "matches", "^4[89]"), "Phone matches the pattern “^4[89]”"),
        (field("phone", "not_matches", "5"), "Phone does not match the pattern 5"),
        (field("spent", "greater_than", 2000), "Spent is more than 2,000"),
        (field("spent", "at_least", 5), "Spent is at least 5"),
        (field("spent", "less_than", -5), "Spent is less than -5"),
        (field("spent", "at_most", {"field": "limit"}), "Spent is at most the contact's Limit"),
        (field("spent", "between", {"from": 1, "to": 5}), "Spent is between 1 and 5"),
        (field("consent", "is_true"), "Consent is true"),
        (field("consent", "is_false"), "Consent is false"),
        (field("interests", "contains_any", ["a", "b"]), "Interests contains any of a or b"),
        (field("interests", "contains_all", ["a", "b"]), "Interests contains all of a and b"),
        (field("interests", "contains_none", ["a", "b"]), "Interests contains none of a or b"),
        (field("interests", "contains_none", ["a"]), "Interests does not contain a"),
        (field("birthday", "on", "2026-03-01"), "Birthday is on 1 March 2026"),
        (field("seen", "before", "2026-07-01T09:00Z"), "Last visit is before 1 July 2026 at 11:00"),
        (
            field("seen", "after", "2026-07-01T09:00:07"),
            "Last visit is after 1 July 2026 at 09:00:07",
        ),
        (
            field("seen", "between", {"from": "2026-01-01", "to": "2026-03-31"}),
            "Last visit is between 1 January 2026 and 31 March 2026",
        ),
        (field("seen", "in_last", span(90, "day")), "Last visit is in the last 90 days"),
        (field("seen", "in_last", span(1, "month")), "Last visit is in the last 1 month"),
        (field("seen", "more_than_ago", span(1, "hour")), "Last visit is more than 1 hour ago"),
        (field("seen", "in_next", span(2, "week")), "Last visit is in the next 2 weeks"),
        (
            field("seen", "more_than_ahead", span(2, "year")),
            "Last visit is more than 2 years ahead",
        ),
        (field("seen", "in_period", "last_month"), "Last visit is last month"),
        (field("created_at", "not_in_period", "today"), "Creation date is not today"),
        (
            field("birthday", "anniversary_in_next", span(7, "day")),
            "Birthday has its anniversary in the next 7 days",
        ),
        (
            field("birthday", "anniversary_in_next", span(0, "day")),
            "Birthday has its anniversary today",
        ),
        (EVERYONE, "Everyone"),
        (segment("vip"), "Is in the segment VIP customers"),
        (segment("vip", member=False), "Is not in the segment VIP customers"),
        (
            {"kind": "random", "percent": 12.5, "salt": "spring"},
            "Is in a random 12.5% of all contacts (sample spring)",
        ),
    ],
)
def test_other_conditions(condition, words):
    assert said(condition) == words


def counted(operator: str, value: object, **more: Any) -> dict[str, Any]:
    return event(operator=operator, value=value, **more)


def measured(of: str, **more: Any) -> dict[str, Any]:
    measure = {"of": of} if of == "days" else {"of": of, "attribute": "amount"}
    return event(measure=measure, operator="at_least", value=5, **more)


SHOES = definition(attribute("category", "text", "equals", "shoes"))
CHEAP_SHOES = definition(
    attribute("category", "text", "equals", "shoes"), attribute("price", "number", "less_than", 50)
)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (event(), "Has performed Purchase"),
        (event("Cart_add"), "Has performed Added to cart"),
        (counted("greater_than", 0), "Has performed Purchase"),
        (counted("equals", 0), "Has not performed Purchase"),
        (counted("less_than", 1), "Has not performed Purchase"),
        (counted("equals", 1), "Has performed Purchase exactly once"),
        (counted("at_least", 3), "Has performed Purchase at least 3 times"),
        (counted("greater_than", 1), "Has performed Purchase more than once"),
        (counted("at_most", 3), "Has performed Purchase at most 3 times"),
        (counted("less_than", 3), "Has performed Purchase less than 3 times"),
        (
            counted("between", {"from": 2, "to": 5}),
            "Has performed Purchase between 2 and 5 times",
        ),
        (
            counted("not_equals", 2, window=last(30, "day")),
            "The number of times Purchase was performed in the last 30 days is not 2",
        ),
        (
            counted("at_least", {"field": "limit"}),
            "The number of times Purchase was performed is at least the contact's Limit",
        ),
        (event(where=SHOES), "Has performed Purchase (where category is shoes)"),
        (
            counted("at_least", 2, where=CHEAP_SHOES, window=last(1, "year")),
            "Has performed Purchase (where category is shoes, and price is less than 50)"
            " at least 2 times in the last 1 year",
        ),
        (measured("sum"), "The total amount of Purchase is at least 5"),
        (measured("average"), "The average amount of Purchase is at least 5"),
        (measured("minimum"), "The lowest amount of Purchase is at least 5"),
        (measured("maximum"), "The highest amount of Purchase is at least 5"),
        (
            measured("distinct"),
            "The number of different values of amount of Purchase is at least 5",
        ),
        (measured("days"), "The number of days with Purchase is at least 5"),
        (
            measured("sum", where=SHOES, window=last(12, "month")),
            "The total amount of Purchase (where category is shoes) in the last 12 months"
            " is at least 5",
        ),
    ],
)
def test_how_often_and_how_much(condition, words):
    assert said(condition) == words


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"kind": "ever"}, "Has performed Purchase"),
        ({"kind": "period", "period": "this_quarter"}, "The last Purchase was this quarter"),
        (last(1, "minute"), "The last Purchase was in the last 1 minute"),
        ({"kind": "before_ago", **span(1, "day")}, "The last Purchase was more than 1 day ago"),
        (
            {"kind": "between_ago", "from": span(90, "day"), "to": span(30, "day")},
            "The last Purchase was between 90 and 30 days ago",
        ),
        (
            {"kind": "between_ago", "from": span(3, "month"), "to": span(1, "day")},
            "The last Purchase was between 3 months and 1 day ago",
        ),
        ({"kind": "after", "at": "2026-03-01"}, "The last Purchase was on or after 1 March 2026"),
        (
            {"kind": "before", "at": "2026-03-01T09:30"},
            "The last Purchase was before 1 March 2026 at 09:30",
        ),
        (
            {"kind": "between", "from": "2026-03-01", "to": "2026-03-31"},
            "The last Purchase was between 1 March 2026 and 31 March 2026",
        ),
    ],
)
def test_windows(window, words):
    assert said(occurrence(window=window)) == words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            occurrence(which="first", where=SHOES, window=last(1, "week")),
            "The first Purchase (where category is shoes) was in the last 1 week",
        ),
        (occurrence(check=SHOES), "There is a last Purchase and its category is shoes"),
        (
            occurrence(window=last(1, "week"), check=CHEAP_SHOES),
            "The last Purchase was in the last 1 week"
            " and (its category is shoes, and its price is less than 50)",
        ),
        (
            sequence({"event": "Cart_add"}, {"event": "Purchase"}),
            "Has performed Added to cart, followed by Purchase",
        ),
        (
            sequence(
                {"event": "Cart_add", "where": SHOES},
                {"event": "Purchase", "within": span(1, "hour")},
                {"event": "Refund", "within": span(14, "day"), "performed": False},
                window=last(7, "day"),
            ),
            "Has performed Added to cart (where category is shoes) in the last 7 days,"
            " followed by Purchase within 1 hour, not followed by Refund within 14 days",
        ),
    ],
)
def test_occurrences_and_sequences(condition, words):
    assert said(condition) == words


A, B, C = (field("tier", "equals", letter) for letter in "ABC")
IS_A, IS_B, IS_C = (f"Status VIP is {letter}" for letter in "ABC")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (definition(A, B, C), f"{IS_A}, and {IS_B}, and {IS_C}"),
        (definition(A, B, C, match="any"), f"{IS_A}, or {IS_B}, or {IS_C}"),
        (definition(A, match="none"), f"Not ({IS_A})"),
        (definition(A, B, match="none"), f"None of ({IS_A}, or {IS_B})"),
        (definition(A, definition(B, C, match="any")), f"{IS_A}, and ({IS_B}, or {IS_C})"),
        (definition(definition(B, C, match="any"), A), f"({IS_B}, or {IS_C}), and {IS_A}"),
        (definition(A, definition(B, match="any")), f"{IS_A}, and {IS_B}"),
        (definition(A, definition(B, C, match="none")), f"{IS_A}, and none of ({IS_B}, or {IS_C})"),
        (
            definition(A, occurrence(window=last(1, "day"), check=SHOES)),
            f"{IS_A}, and (the last Purchase was in the last 1 day and its category is shoes)",
        ),
        (
            definition(A, sequence({"event": "Refund"}, {"event": "Purchase"}), match="any"),
            f"{IS_A}, or (has performed Refund, followed by Purchase)",
        ),
        (definition(EVERYONE, A), f"Everyone, and {IS_A}"),
    ],
)
def test_groups_in_groups_stand_in_parentheses(group, words):
    assert said(group) == words


def test_a_long_list_is_cut_short():
    words = said(field("spent", "in", list(range(1, 1_001))))

    assert words == "Spent is one of 1, 2, 3, 4, 5, 6, 7, 8, 9 or 991 others"


def test_without_labels_keys_stand_for_themselves():
    assert sentence(node(field("tier", "is_set")), Labels()) == "tier is set"
    assert sentence(node(event("Cart_add")), Labels()) == "Has performed Cart_add"
    assert sentence(node(segment("vip")), Labels()) == "Is in the segment vip"


VALUES = {
    Takes.NOTHING: (),
    Takes.DURATION: (span(5, "day"),),
    Takes.DAYS: (span(5, "day"),),
    Takes.PERIOD: ("last_week",),
    Takes.PATTERN: ("^a",),
}
OF_TYPE = {
    "text": "a",
    "number": 5,
    "date": "2026-03-01",
    "datetime": "2026-03-01T09:00",
    "list": "a",
}
FIELDS = {
    "text": "tier",
    "number": "spent",
    "boolean": "consent",
    "date": "birthday",
    "datetime": "seen",
    "list": "interests",
}


@pytest.mark.parametrize(
    ("operator", "type_"),
    [(row.key, type_.value) for row in OPERATORS.values() for type_ in sorted(row.types)],
)
def test_every_operator_is_said_in_its_words(operator, type_):
    row = OPERATORS[operator]
    one = "2026-03-01" if operator == "on" else OF_TYPE.get(type_)
    shapes = {
        Takes.SCALAR: (one,),
        Takes.LIST: ([one, 7 if one == 5 else "b"],),
        Takes.RANGE: ({"from": one, "to": one},),
    }
    value = {**VALUES, **shapes}[row.takes]

    assert row.words in said(field(FIELDS[type_], operator, *value))
