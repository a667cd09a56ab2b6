"""Numbers, dates, times, durations: exact when right, refused when wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from segments.conditions.nodes import (
    Comparison,
    Duration,
    FieldCondition,
    FieldType,
    FieldValue,
    Period,
    Range,
    Unit,
    Value,
)
from segments.tests.language import event, field, node, problems_of, span


def value_of(condition) -> Value:
    found = node(condition)
    assert isinstance(found, FieldCondition)
    return found.check.value


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        (0.1, "0.1"),
        (Decimal("0.1"), "0.1"),
        (1.0, "1"),
        (1, "1"),
        (Decimal("1.00"), "1"),
        (-0.0, "0"),
        (1e22, "1" + "0" * 22),
        (Decimal("1E+2"), "100"),
        (-2.50, "-2.5"),
        (9007199254740993, "9007199254740993"),
        (Decimal("0.1234567890123456789012345678901"), "0.1234567890123456789012345678901"),
        (10**129, "1" + "0" * 129),
    ],
)
def test_numbers_are_exact_decimals_written_in_one_way(given, exact):
    assert str(value_of(field("spent", "equals", given))) == exact


def test_stored_and_sent_numbers_mean_the_same():
    sent = json.loads("[0.1, 1.0, 3]", parse_float=Decimal)
    stored = json.loads("[0.1, 1.0, 3]")

    assert value_of(field("spent", "in", sent)) == value_of(field("spent", "in", stored))


def test_equal_numbers_are_listed_once():
    assert value_of(field("spent", "in", [1, 1.0, Decimal("1.00")])) == (Decimal(1),)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
        (float("-inf"), "not_a_number"),
        (json.loads("1e999"), "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("sNaN"), "not_a_number"),
        (Decimal("1e999"), "number_too_long"),
        (Decimal("1e-999"), "number_too_long"),
        (10**130, "number_too_long"),
        pytest.param(10**5000, "number_too_long", id="5,001 digits"),
        (5e-324, "number_too_long"),
        (True, "wrong_type"),
        (False, "wrong_type"),
        ("5", "wrong_type"),
        (None, "wrong_type"),
        ([5], "wrong_type"),
        (5j, "wrong_type"),
        ({5}, "wrong_type"),
    ],
)
def test_what_is_no_usable_number_is_refused(given, code):
    assert problems_of(field("spent", "equals", given)) == [("value", code)]


def test_a_number_in_quotation_marks_is_told_apart():
    assert problems_of(field("spent", "in", [1, "2"])) == [("value[1]", "wrong_type")]


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2026-03-31T09:00:00Z", datetime(2026, 3, 31, 9, tzinfo=UTC)),
        ("2026-03-31T09:00:00+02:00", datetime(2026, 3, 31, 7, tzinfo=UTC)),
        ("2026-03-31 09:00-0530", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("2026-03-31T09:00+14", datetime(2026, 3, 30, 19, tzinfo=UTC)),
        ("2026-03-31T09:00:07.25Z", datetime(2026, 3, 31, 9, 0, 7, 250_000, tzinfo=UTC)),
        ("2026-03-31T09:00:07,123456789z", datetime(2026, 3, 31, 9, 0, 7, 123_457, tzinfo=UTC)),
        ("2026-03-31T09:00:59.9999999Z", datetime(2026, 3, 31, 9, 1, tzinfo=UTC)),
        # Without an offset it is the workspace's clock, Warsaw here.
        ("2026-01-31T09:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-07-31T09:00", datetime(2026, 7, 31, 7, tzinfo=UTC)),
        # Skipped and repeated hours are read in standard time.
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_times_are_instants(given, instant):
    assert value_of(field("seen", "before", given)) == instant


@pytest.mark.parametrize("given", ["0001-01-01", "2024-02-29", "9999-12-31"])
def test_dates_are_plain_dates_for_dates_and_for_times(given):
    for key in ("birthday", "seen"):
        value = value_of(field(key, "on", given))
        assert type(value) is date
        assert value == date.fromisoformat(given)


@pytest.mark.parametrize(
    "given",
    [
        "0000-01-01",
        "10000-01-01",
        "99999-12-31",
        "2026-02-30",
        "2026-13-01",
        "2026-3-1",
        "20260301",
        "2026-W10-1",
        "31.03.2026",
        " 2026-03-31",
        "2026-03-31\n",
        "２０２６-03-31",
        "tomorrow",
        "",
    ],
)
def test_what_is_no_day_is_refused(given):
    assert problems_of(field("birthday", "on", given)) == [("value", "invalid_date")]
    assert problems_of(field("seen", "on", given))


@pytest.mark.parametrize("given", [5, True, None, ["2026-03-31"], 20260331])
def test_a_date_is_a_text(given):
    assert problems_of(field("birthday", "on", given)) == [("value", "wrong_type")]
    assert problems_of(field("seen", "before", given)) == [("value", "wrong_type")]


@pytest.mark.parametrize(
    "given",
    [
        "2026-03-31T24:00",
        "2026-03-31T09:60",
        "2026-03-31T09:00:60",
        "2026-03-31T09:00+25:00",
        "2026-03-31T09:00+02:75",
        "2026-03-31T09",
        "2026-03-31T09:00 Z",
        "2026-02-30T09:00",
        "10000-01-01T00:00Z",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59:59.9999999",
        "now",
    ],
)
def test_what_is_no_time_is_refused(given):
    assert problems_of(field("seen", "before", given)) == [("value", "invalid_datetime")]


def test_a_date_takes_no_time_of_day():
    assert problems_of(field("birthday", "before", "2026-03-31T09:00")) == [
        ("value", "invalid_date")
    ]


def test_on_takes_no_instant():
    assert problems_of(field("seen", "on", "2026-03-31T09:00")) == [("value", "on_instant")]
    assert problems_of(field("seen", "on", {"field": "renewed"})) == [("value.field", "on_instant")]


def test_own_times_and_days_are_compared_with_times():
    own_time = FieldValue("renewed", FieldType.DATETIME)
    own_day = FieldValue("birthday", FieldType.DATE)

    assert value_of(field("seen", "before", {"field": "renewed"})) == own_time
    assert value_of(field("seen", "on", {"field": "birthday"})) == own_day
    assert problems_of(field("birthday", "before", {"field": "seen"})) == [
        ("value.field", "field_of_other_type")
    ]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-31", "2026-03-31"),
        ("2026-03-31T23:59", "2026-03-31"),
        ("2026-03-31", "2026-03-31T00:00"),
        ("2026-03-31T09:00", "2026-03-31T09:00"),
        ("0001-01-01", "9999-12-31"),
        ("9999-12-31T00:00Z", "9999-12-31"),
    ],
)
def test_a_span_of_time_may_begin_where_it_ends(start, end):
    assert problems_of(field("seen", "between", {"from": start, "to": end})) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-04-01", "2026-03-31"),
        ("2026-04-01T00:00", "2026-03-31"),
        ("2026-03-31", "2026-03-30T23:59"),
        ("2026-03-31T09:00", "2026-03-31T08:59"),
        # Warsaw is two hours ahead: the day has ended there.
        ("2026-06-30T22:00Z", "2026-06-30"),
    ],
)
def test_a_span_of_time_that_ends_before_it_begins_is_refused(start, end):
    given = {"from": start, "to": end}

    assert problems_of(field("seen", "between", given)) == [("value", "from_after_to")]
    assert problems_of(event(window={"kind": "between", **given})) == [("window", "from_after_to")]


def test_ranges_keep_days_and_instants_apart():
    value = value_of(field("seen", "between", {"from": "2026-01-01", "to": "2026-01-02T00:00Z"}))

    assert value == Range(date(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("amount", [1, 1.0, Decimal(90), 10_000])
def test_amounts_are_whole_numbers(amount):
    value = value_of(field("birthday", "in_last", span(amount, "day")))

    assert value == Duration(int(amount), Unit.DAY)
    assert isinstance(value, Duration)
    assert type(value.amount) is int


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0, "amount_out_of_range"),
        (-1, "amount_out_of_range"),
        (10_001, "amount_out_of_range"),
        (1.5, "amount_out_of_range"),
        pytest.param(10**5000, "number_too_long", id="5,001 digits"),
        (float("nan"), "not_a_number"),
        (True, "wrong_type"),
        ("90", "wrong_type"),
        (None, "wrong_type"),
    ],
)
def test_other_amounts_are_refused(amount, code):
    assert problems_of(field("birthday", "in_last", span(amount, "day"))) == [
        ("value.amount", code)
    ]


def test_units_are_known_and_long_enough_for_a_date():
    assert problems_of(field("birthday", "in_last", span(5, "days"))) == [
        ("value.unit", "unknown_unit")
    ]
    for unit in ("minute", "hour"):
        assert problems_of(field("seen", "in_last", span(5, unit))) == []
        assert problems_of(field("birthday", "in_last", span(5, unit))) == [
            ("value.unit", "unit_not_allowed")
        ]


def test_anniversaries_are_counted_in_days_from_none():
    value = value_of(field("birthday", "anniversary_in_next", span(0, "day")))

    assert value == Duration(0, Unit.DAY)
    assert problems_of(field("birthday", "anniversary_in_next", span(1, "week"))) == [
        ("value.unit", "unit_not_allowed")
    ]


def test_periods_are_known():
    assert value_of(field("seen", "in_period", "last_month")) == Period("last_month")
    assert problems_of(field("seen", "in_period", "last_day")) == [("value", "unknown_period")]
    assert problems_of(field("seen", "in_period", ["today"])) == [("value", "wrong_type")]


def test_equal_meanings_are_equal_nodes():
    assert node(field("spent", "equals", 1)) == node(field("spent", "equals", Decimal("1.0")))
    assert node(field("seen", "after", "2026-01-31T09:00")) == node(
        field("seen", "after", "2026-01-31T08:00Z")
    )
    assert node(field("tier", "is_set", case_sensitive=True)) == FieldCondition(
        "tier", Comparison("is_set", FieldType.TEXT)
    )
