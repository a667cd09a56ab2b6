"""The condition tree: immutable data that says what a segment means, and nothing else.

Every tree comes out of `parse`, which is the only gate; past it a tree is valid. The
meaning of each node is fixed by docs/conditions.md (section numbers below refer to it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"


class Match(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


class Unit(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def is_fixed(self) -> bool:
        """Whether the unit has a fixed length; the others follow the calendar."""
        return self in (Unit.MINUTE, Unit.HOUR)


@dataclass(frozen=True, slots=True)
class Duration:
    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period seen from today (2.4), such as ("last", "month") or ("", "today")."""

    key: str
    """One of `operators.PERIODS`: "today", "yesterday", "tomorrow", "last_week", ..."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The contact's own value of another field, `{"field": "favourite_country"}`."""

    field: str
    type: FieldType


Scalar = str | Decimal | date | datetime | FieldValue
"""What a comparison takes as one value. A `datetime` is aware; a plain `date` is a whole day."""


@dataclass(frozen=True, slots=True)
class Range:
    """From and to, both ends included."""

    start: Scalar
    end: Scalar


Value = Scalar | tuple[str, ...] | tuple[Decimal, ...] | Range | Duration | Period | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator with its value, applied to something of a known type (section 2)."""

    operator: str
    """A key of `operators.OPERATORS`."""
    type: FieldType
    value: Value = None
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """A comparison with a field of the contact."""

    field: str
    check: Comparison


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """A comparison with an attribute of one event; only inside `where` and `check`."""

    attribute: str
    check: Comparison


@dataclass(frozen=True, slots=True)
class Where:
    """A group over the attributes of one event."""

    match: Match
    children: tuple[Where | AttributeCondition, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ever:
    """Any time up to now."""


@dataclass(frozen=True, slots=True)
class InPeriod:
    period: Period


@dataclass(frozen=True, slots=True)
class Last:
    """now - duration <= t"""

    duration: Duration


@dataclass(frozen=True, slots=True)
class BeforeAgo:
    """t < now - duration"""

    duration: Duration


@dataclass(frozen=True, slots=True)
class BetweenAgo:
    """now - start <= t <= now - end; `start` is the longer one."""

    start: Duration
    end: Duration


@dataclass(frozen=True, slots=True)
class After:
    """t >= at; a plain date is its first local instant."""

    at: date | datetime


@dataclass(frozen=True, slots=True)
class Before:
    """t < at; a plain date is its first local instant."""

    at: date | datetime


@dataclass(frozen=True, slots=True)
class Between:
    """start <= t <= end; a plain date at either end covers its whole day."""

    start: date | datetime
    end: date | datetime


Window = Ever | InPeriod | Last | BeforeAgo | BetweenAgo | After | Before | Between


class MeasureOf(StrEnum):
    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    DISTINCT = "distinct"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Measure:
    of: MeasureOf = MeasureOf.COUNT
    attribute: str | None = None
    """Set for sum, average, minimum, maximum and distinct; None for count and days."""


@dataclass(frozen=True, slots=True)
class EventCondition:
    """How often or how much: a measure of the matching events, compared (section 3)."""

    event: str
    where: Where | None
    window: Window
    measure: Measure
    operator: str
    """equals, not_equals, greater_than, at_least, less_than, at_most or between."""
    value: Decimal | FieldValue | Range


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Looks at the last or first matching event only (section 4)."""

    event: str
    which: str
    """"last" or "first"."""
    where: Where | None
    window: Window
    check: Where | None


@dataclass(frozen=True, slots=True)
class Step:
    event: str
    where: Where | None = None
    within: Duration | None = None
    performed: bool = True


@dataclass(frozen=True, slots=True)
class Sequence:
    """Steps one after the other (section 5); only the last may be `performed=False`."""

    window: Window
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class SegmentCondition:
    """Member of another segment's live definition, or not."""

    segment: str
    member: bool


@dataclass(frozen=True, slots=True)
class Random:
    """A fixed pseudo-random share of all contacts."""

    percent: Decimal
    salt: str


@dataclass(frozen=True, slots=True)
class Everyone:
    """True for every contact."""


Condition = (
    FieldCondition | EventCondition | Occurrence | Sequence | SegmentCondition | Random | Everyone
)


@dataclass(frozen=True, slots=True)
class Group:
    """All, any or none of the children; the root of every definition is one."""

    match: Match
    children: tuple[Group | Condition, ...]
    name: str = ""


Node = Group | Condition
