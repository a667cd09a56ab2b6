"""Conditions about events: measures, windows, occurrences, sequences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from segments.conditions.nodes import (
    After,
    AttributeCondition,
    Before,
    BeforeAgo,
    Between,
    BetweenAgo,
    Comparison,
    Duration,
    EventCondition,
    Ever,
    FieldType,
    FieldValue,
    InPeriod,
    Last,
    Match,
    Measure,
    MeasureOf,
    Occurrence,
    Period,
    Range,
    Sequence,
    Step,
    Unit,
    Where,
)
from segments.tests.language import (
    EVERYONE,
    attribute,
    definition,
    event,
    field,
    last,
    node,
    occurrence,
    problems_of,
    sequence,
    span,
)

SHOES = definition(attribute("category", "text", "equals", "shoes"))
IS_SHOES = Where(
    Match.ALL, (AttributeCondition("category", Comparison("equals", FieldType.TEXT, "shoes")),)
)
DAY = Duration(1, Unit.DAY)


def test_nothing_but_the_event_means_has_performed():
    assert node(event()) == EventCondition(
        "Purchase", None, Ever(), Measure(), "at_least", Decimal(1)
    )


def test_everything_an_event_condition_can_say():
    given = event(
        where=SHOES,
        window=last(12, "month"),
        measure={"of": "sum", "attribute": "product.price"},
        operator="greater_than",
        value={"field": "limit"},
    )

    assert node(given) == EventCondition(
        "Purchase",
        IS_SHOES,
        Last(Duration(12, Unit.MONTH)),
        Measure(MeasureOf.SUM, "product.price"),
        "greater_than",
        FieldValue("limit", FieldType.NUMBER),
    )


def test_a_measure_can_lie_between():
    given = node(event(operator="between", value={"from": 2, "to": 5.0}))

    assert isinstance(given, EventCondition)
    assert given.value == Range(Decimal(2), Decimal(5))


@pytest.mark.parametrize(
    ("window", "parsed"),
    [
        ({"kind": "ever"}, Ever()),
        ({"kind": "period", "period": "this_month"}, InPeriod(Period("this_month"))),
        ({"kind": "period", "period": "next_year"}, InPeriod(Period("next_year"))),
        (last(1, "day"), Last(DAY)),
        ({"kind": "before_ago", **span(90, "minute")}, BeforeAgo(Duration(90, Unit.MINUTE))),
        (
            {"kind": "between_ago", "from": span(2, "week"), "to": span(1, "day")},
            BetweenAgo(Duration(2, Unit.WEEK), DAY),
        ),
        ({"kind": "after", "at": "2026-01-31"}, After(date(2026, 1, 31))),
        (
            {"kind": "before", "at": "2026-01-31T09:00"},
            Before(datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ),
        (
            {"kind": "between", "from": "2026-01-31", "to": "2026-01-31T09:00Z"},
            Between(date(2026, 1, 31), datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ),
    ],
)
def test_a_window_becomes_its_node(window, parsed):
    given = node(event(window=window))

    assert isinstance(given, EventCondition)
    assert given.window == parsed


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        (None, ("window", "wrong_type")),
        ("ever", ("window", "wrong_type")),
        ({}, ("window.kind", "required")),
        ({"kind": "since"}, ("window.kind", "unknown_window")),
        ({"kind": ["ever"]}, ("window.kind", "wrong_type")),
        ({"kind": "ever", "amount": 5}, ("window.amount", "unknown_key")),
        ({"kind": "period"}, ("window.period", "required")),
        ({"kind": "period", "period": "month"}, ("window.period", "unknown_period")),
        ({"kind": "last", "amount": 5}, ("window.unit", "required")),
        ({"kind": "last", "amount": 5, "unit": "quarter"}, ("window.unit", "unknown_unit")),
        (
            {"kind": "before_ago", "amount": 0, "unit": "day"},
            ("window.amount", "amount_out_of_range"),
        ),
        ({"kind": "after"}, ("window.at", "required")),
        ({"kind": "after", "at": {"field": "seen"}}, ("window.at", "wrong_type")),
        ({"kind": "before", "at": "2026"}, ("window.at", "invalid_datetime")),
        ({"kind": "between", "from": "2026-01-01"}, ("window.to", "required")),
        ({"kind": "between_ago", "from": span(5, "day")}, ("window.to", "required")),
        ({"kind": "between_ago", "from": 5, "to": span(5, "day")}, ("window.from", "wrong_type")),
    ],
)
def test_a_wrong_window_is_a_problem_at_its_place(window, problem):
    assert problems_of(event(window=window)) == [problem]


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        (span(1, "hour"), span(60, "minute")),
        (span(61, "minute"), span(1, "hour")),
        (span(1, "week"), span(7, "day")),
        (span(1, "year"), span(12, "month")),
        (span(1, "day"), span(23, "hour")),
        (span(1, "month"), span(31, "day")),  # as long as some months
        (span(31, "day"), span(1, "month")),
        (span(24, "hour"), span(1, "day")),  # clocks may change
        (span(1, "year"), span(366, "day")),
        (span(10_000, "year"), span(10_000, "month")),
    ],
)
def test_from_may_be_as_long_ago_as_to(longer, shorter):
    window = {"kind": "between_ago", "from": longer, "to": shorter}

    assert problems_of(event(window=window)) == []


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        (span(59, "minute"), span(1, "hour")),
        (span(6, "day"), span(1, "week")),
        (span(11, "month"), span(1, "year")),
        (span(20, "hour"), span(1, "day")),
        (span(1, "day"), span(1, "month")),
        (span(27, "day"), span(1, "month")),
        (span(1, "month"), span(32, "day")),
        (span(1, "year"), span(400, "day")),
        (span(10_000, "hour"), span(10_000, "day")),
    ],
)
def test_from_must_not_be_less_long_ago_than_to(shorter, longer):
    window = {"kind": "between_ago", "from": shorter, "to": longer}

    assert problems_of(event(window=window)) == [("window", "from_after_to")]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (event("Purchases"), ("event", "unknown_event_type")),
        (event("Old_event"), ("event", "archived_event_type")),
        (event(""), ("event", "empty")),
        (event(7), ("event", "wrong_type")),
        ({"kind": "event"}, ("event", "required")),
        (event(having=1), ("having", "unknown_key")),
        (event(measure="count"), ("measure", "wrong_type")),
        (event(measure={}), ("measure.of", "required")),
        (event(measure={"of": "median"}), ("measure.of", "unknown_measure")),
        (event(measure={"of": "sum"}), ("measure.attribute", "required")),
        (event(measure={"of": "sum", "attribute": ""}), ("measure.attribute", "empty")),
        (event(measure={"of": "sum", "attribute": "x" * 201}), ("measure.attribute", "too_long")),
        (event(measure={"of": "days", "attribute": "x"}), ("measure.attribute", "unknown_key")),
        (event(measure={"of": "count", "by": "x"}), ("measure.by", "unknown_key")),
        (event(value=3), ("operator", "required")),
        (event(operator="at_least"), ("value", "required")),
        (event(operator="in", value=[3]), ("operator", "unknown_operator")),
        (event(operator="at_least", value="3"), ("value", "wrong_type")),
        (event(operator="at_least", value=True), ("value", "wrong_type")),
        (
            event(operator="at_least", value={"field": "tier"}),
            ("value.field", "field_of_other_type"),
        ),
        (event(operator="between", value=3), ("value", "wrong_type")),
        (event(operator="between", value={"from": 3, "to": 1}), ("value", "from_after_to")),
        (event(where=None), ("where", "wrong_type")),
        (event(where=[]), ("where", "wrong_type")),
        (event(where={**SHOES, "kind": None}), ("where.kind", "wrong_type")),
        (event(where=attribute("a", "text", "is_set")), ("where", "not_a_group")),
        (event(where=definition()), ("where.children", "empty_group")),
        (event(where=definition(EVERYONE)), ("where.children[0].kind", "not_in_where")),
        (
            event(where=definition(field("tier", "is_set"))),
            ("where.children[0].kind", "not_in_where"),
        ),
        (
            event(where=definition({"kind": "attribute", "attribute": "a", "operator": "is_set"})),
            ("where.children[0].type", "required"),
        ),
        (
            event(where=definition(attribute("a", "string", "is_set"))),
            ("where.children[0].type", "unknown_type"),
        ),
        (
            event(where=definition(attribute("a\0", "text", "is_set"))),
            ("where.children[0].attribute", "invalid_text"),
        ),
        (
            event(where=definition(attribute("a", "number", "contains", "x"))),
            ("where.children[0].operator", "operator_not_for_type"),
        ),
        (occurrence(which="latest"), ("which", "unknown_occurrence")),
        ({"kind": "occurrence", "event": "Purchase"}, ("which", "required")),
        (occurrence(operator="at_least"), ("operator", "unknown_key")),
        (occurrence(check=definition()), ("check.children", "empty_group")),
    ],
)
def test_a_wrong_event_condition_is_a_problem_at_its_place(given, problem):
    assert problems_of(given) == [problem]


def test_attributes_can_be_compared_with_the_contact():
    where = definition(attribute("country", "text", "equals", {"field": "country"}))
    given = node(event(where=where))

    assert isinstance(given, EventCondition)
    assert given.where is not None
    assert given.where.children[0] == AttributeCondition(
        "country",
        Comparison("equals", FieldType.TEXT, FieldValue("country", FieldType.TEXT)),
    )


def test_an_occurrence_becomes_its_node():
    window = {"kind": "before_ago", **span(90, "day")}
    given = occurrence(where=SHOES, window=window, check={**SHOES, "match": "none", "name": "Dear"})

    assert node(given) == Occurrence(
        "Purchase",
        "last",
        IS_SHOES,
        BeforeAgo(Duration(90, Unit.DAY)),
        Where(Match.NONE, IS_SHOES.children, "Dear"),
    )


def test_a_sequence_becomes_its_node():
    given = sequence(
        {"event": "Cart_add", "where": SHOES},
        {"event": "Purchase", "within": span(1, "day"), "performed": False},
        window=last(1, "day"),
    )

    assert node(given) == Sequence(
        Last(DAY),
        (Step("Cart_add", IS_SHOES), Step("Purchase", None, DAY, performed=False)),
    )


CART, BUY = {"event": "Cart_add"}, {"event": "Purchase"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (sequence(), ("steps", "wrong_number_of_steps")),
        (sequence(CART), ("steps", "wrong_number_of_steps")),
        (sequence(*[CART] * 6), ("steps", "wrong_number_of_steps")),
        ({"kind": "sequence"}, ("steps", "required")),
        ({"kind": "sequence", "steps": {}}, ("steps", "wrong_type")),
        (sequence(CART, "Purchase"), ("steps[1]", "wrong_type")),
        (sequence(CART, {}), ("steps[1].event", "required")),
        (sequence(CART, {**BUY, "kind": "event"}), ("steps[1].kind", "unknown_key")),
        (sequence(CART, {**BUY, "performed": 0}), ("steps[1].performed", "wrong_type")),
        (sequence({**CART, "within": span(1, "day")}, BUY), ("steps[0].within", "first_step")),
        (sequence(CART, {**BUY, "performed": False}), ("steps[1].within", "required")),
        (sequence({**CART, "performed": False}, BUY), ("steps[0].performed", "not_last_step")),
        (
            sequence(CART, {**BUY, "within": span(0, "day")}),
            ("steps[1].within.amount", "amount_out_of_range"),
        ),
        (sequence(CART, BUY, window={"kind": "always"}), ("window.kind", "unknown_window")),
    ],
)
def test_a_wrong_sequence_is_a_problem_at_its_place(given, problem):
    assert problems_of(given) == [problem]


def test_every_later_step_may_take_its_time():
    assert problems_of(sequence(CART, BUY, {**CART, "within": span(5, "minute")}, BUY, BUY)) == []
