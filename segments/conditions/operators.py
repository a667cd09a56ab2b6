"""The one table of operators: which types each takes, what value it wants, how it reads.

Adding an operator is one entry here, its SQL in `sql/comparisons.py`, its section in
docs/conditions.md and its cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from segments.conditions.nodes import FieldType, MeasureOf

TEXT, NUMBER, BOOLEAN = FieldType.TEXT, FieldType.NUMBER, FieldType.BOOLEAN
DATE, DATETIME, LIST = FieldType.DATE, FieldType.DATETIME, FieldType.LIST
ALL_TYPES = frozenset(FieldType)
DATES = frozenset({DATE, DATETIME})


class Takes(StrEnum):
    """The shape of an operator's value."""

    NOTHING = "nothing"
    SCALAR = "scalar"  # one value of the type, or another field's
    LIST = "list"  # several values of the type
    RANGE = "range"  # {"from": ..., "to": ...}
    PATTERN = "pattern"  # a regular expression
    DURATION = "duration"  # {"amount": 90, "unit": "day"}
    DAYS = "days"  # {"amount": 0 or more, "unit": "day"}
    PERIOD = "period"  # "last_month"


@dataclass(frozen=True, slots=True)
class Operator:
    key: str
    types: frozenset[FieldType]
    takes: Takes
    words: str
    """How it reads between the field and the value."""
    negates: str | None = None
    """The operator it is exactly the negation of (missing values included)."""


def _table(*rows: Operator) -> dict[str, Operator]:
    return {row.key: row for row in rows}


OPERATORS = _table(
    Operator("is_set", ALL_TYPES, Takes.NOTHING, "is set"),
    Operator("is_not_set", ALL_TYPES, Takes.NOTHING, "is not set", negates="is_set"),
    Operator("equals", frozenset({TEXT, NUMBER}), Takes.SCALAR, "is"),
    Operator("not_equals", frozenset({TEXT, NUMBER}), Takes.SCALAR, "is not", negates="equals"),
    Operator("in", frozenset({TEXT, NUMBER}), Takes.LIST, "is one of"),
    Operator("not_in", frozenset({TEXT, NUMBER}), Takes.LIST, "is none of", negates="in"),
    Operator("contains", frozenset({TEXT}), Takes.SCALAR, "contains"),
    Operator(
        "not_contains", frozenset({TEXT}), Takes.SCALAR, "does not contain", negates="contains"
    ),
    Operator("starts_with", frozenset({TEXT}), Takes.SCALAR, "starts with"),
    Operator("ends_with", frozenset({TEXT}), Takes.SCALAR, "ends with"),
    Operator("matches", frozenset({TEXT}), Takes.PATTERN, "matches the pattern"),
    Operator(
        "not_matches",
        frozenset({TEXT}),
        Takes.PATTERN,
        "does not match the pattern",
        negates="matches",
    ),
    Operator("greater_than", frozenset({NUMBER}), Takes.SCALAR, "is more than"),
    Operator("at_least", frozenset({NUMBER}), Takes.SCALAR, "is at least"),
    Operator("less_than", frozenset({NUMBER}), Takes.SCALAR, "is less than"),
    Operator("at_most", frozenset({NUMBER}), Takes.SCALAR, "is at most"),
    Operator("between", frozenset({NUMBER, DATE, DATETIME}), Takes.RANGE, "is between"),
    Operator("is_true", frozenset({BOOLEAN}), Takes.NOTHING, "is true"),
    Operator("is_false", frozenset({BOOLEAN}), Takes.NOTHING, "is false"),
    Operator("contains_any", frozenset({LIST}), Takes.LIST, "contains any of"),
    Operator("contains_all", frozenset({LIST}), Takes.LIST, "contains all of"),
    Operator(
        "contains_none", frozenset({LIST}), Takes.LIST, "contains none of", negates="contains_any"
    ),
    Operator("on", DATES, Takes.SCALAR, "is on"),
    Operator("before", DATES, Takes.SCALAR, "is before"),
    Operator("after", DATES, Takes.SCALAR, "is after"),
    Operator("in_last", DATES, Takes.DURATION, "is in the last"),
    Operator("more_than_ago", DATES, Takes.DURATION, "is more than"),
    Operator("in_next", DATES, Takes.DURATION, "is in the next"),
    Operator("more_than_ahead", DATES, Takes.DURATION, "is more than"),
    Operator("in_period", DATES, Takes.PERIOD, "is"),
    Operator("not_in_period", DATES, Takes.PERIOD, "is not", negates="in_period"),
    Operator("anniversary_in_next", DATES, Takes.DAYS, "has its anniversary in the next"),
)

MEASURE_OPERATORS = (
    "equals",
    "not_equals",
    "greater_than",
    "at_least",
    "less_than",
    "at_most",
    "between",
)

MEASURES_WITH_ATTRIBUTE = frozenset(
    {
        MeasureOf.SUM,
        MeasureOf.AVERAGE,
        MeasureOf.MINIMUM,
        MeasureOf.MAXIMUM,
        MeasureOf.DISTINCT,
    }
)

PERIODS = {
    "today": "today",
    "yesterday": "yesterday",
    "tomorrow": "tomorrow",
    **{
        f"{side}_{unit}": f"{side} {unit}"
        for side in ("last", "this", "next")
        for unit in ("week", "month", "quarter", "year")
    },
}
"""Key of each calendar period -> how it reads."""

BUILT_IN_FIELDS: dict[str, FieldType] = {
    "email": TEXT,
    "phone": TEXT,
    "first_name": TEXT,
    "last_name": TEXT,
    "city": TEXT,
    "country": TEXT,
    "language": TEXT,
    "timezone": TEXT,
    "preferred_channel": TEXT,
    "external_id": TEXT,
    "created_at": DATETIME,
}

MAX_CONDITIONS = 500
MAX_DEPTH = 10
MAX_STEPS = 5
MAX_AMOUNT = 10_000
MAX_NAME = 80
MAX_PATTERN = 200


def operators_for(field_type: FieldType) -> list[Operator]:
    """The operators a value of this type takes, in the table's order."""
    return [operator for operator in OPERATORS.values() if field_type in operator.types]
