"""What a contact has of what a condition asks for, in words: "Last Purchase: 9 Aug 2026, 103 days ago"."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from segments.conditions import calendar
from segments.conditions.catalog import Labels
from segments.conditions.nodes import (
    EventCondition,
    FieldCondition,
    FieldType,
    MeasureOf,
    Node,
    Occurrence,
)
from segments.conditions.uses import is_relative
from segments.conditions.words import amount_words, brief_day, day_words, time_words
from segments.conditions.words_measures import MEASURE_WORDS

DECIMALS = 4
"""An average may have many more."""


def actual_words(node: Node, actual: str | None, *, labels: Labels, now: datetime) -> str:
    """`actual` as the evaluation gives it (Fragment.actual); empty where there is nothing to say."""
    match node:
        case FieldCondition(field, check):
            if actual is None:
                return f"{labels.field(field)} is not set"
            since = now if is_relative(check) else None
            return f"{labels.field(field)}: {_value(actual, check.type, labels, since)}"
        case EventCondition():
            return _measure(node, actual, labels)
        case Occurrence(event, which):
            name = labels.event_type(event)
            if actual is None:
                return f"No such {name}"
            at = datetime.fromisoformat(actual)
            return f"{which.capitalize()} {name}: {_day_of(at, labels)}, {_ago(at, now)}"
        case _:
            return ""


def _value(actual: str, field_type: FieldType, labels: Labels, now: datetime | None) -> str:
    match field_type:
        case FieldType.NUMBER:
            return _number(actual)
        case FieldType.BOOLEAN:
            return {"true": "yes", "false": "no"}.get(actual, actual)
        case FieldType.DATE | FieldType.DATETIME:
            return _moment(actual, labels, now)
        case _:
            return actual


def _moment(actual: str, labels: Labels, now: datetime | None) -> str:
    """With how far it is from `now`, where that is what counts."""
    try:
        day = date.fromisoformat(actual)
    except ValueError:
        pass
    else:
        return day_words(day) + (f", {_days_away(day, now, labels)}" if now else "")
    try:
        at = datetime.fromisoformat(actual)
    except ValueError:
        return actual
    return time_words(at, labels) + (f", {_ago(at, now)}" if now and at.tzinfo else "")


def _day_of(at: datetime, labels: Labels) -> str:
    return brief_day(calendar.local_time(at, labels.zone))


def _measure(node: EventCondition, actual: str | None, labels: Labels) -> str:
    name, of = labels.event_type(node.event), node.measure.of
    if of == MeasureOf.COUNT:
        return f"{name}: {_number(actual or '0')} {'time' if actual == '1' else 'times'}"
    words = MEASURE_WORDS[of].format(event=name, attribute=node.measure.attribute)
    return f"{words[0].upper()}{words[1:]}: {_number(actual) if actual is not None else 'none'}"


def _number(actual: str) -> str:
    try:
        return amount_words(round(Decimal(actual), DECIMALS))
    except InvalidOperation:
        return actual


AGES = (
    (timedelta(days=730), timedelta(days=365), "year"),
    (timedelta(days=1), timedelta(days=1), "day"),
    (timedelta(hours=1), timedelta(hours=1), "hour"),
    (timedelta(minutes=1), timedelta(minutes=1), "minute"),
)
"""From which age on it is told in which unit."""


def _ago(at: datetime, now: datetime) -> str:
    age = abs(now - at)
    for least, unit, name in AGES:
        if age >= least:
            return _apart(age // unit, name, is_ahead=at > now)
    return "in a moment" if at > now else "just now"


def _days_away(day: date, now: datetime, labels: Labels) -> str:
    today = calendar.local_day(now, labels.zone)
    if day == today:
        return "today"
    days = abs(today - day)
    unit, name = (365, "year") if days >= AGES[0][0] else (1, "day")
    return _apart(days.days // unit, name, is_ahead=day > today)


def _apart(amount: int, unit: str, *, is_ahead: bool) -> str:
    length = f"{amount:,} {unit}{'' if amount == 1 else 's'}"
    return f"in {length}" if is_ahead else f"{length} ago"
