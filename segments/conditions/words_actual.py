"""What a contact has of what a condition asks for, in words: "last Purchase 103 days ago"."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from segments.conditions.catalog import Labels
from segments.conditions.nodes import (
    EventCondition,
    FieldCondition,
    FieldType,
    MeasureOf,
    Node,
    Occurrence,
)
from segments.conditions.words import amount_words, day_words, time_words
from segments.conditions.words_measures import MEASURE_WORDS

DECIMALS = 4
"""An average may have many more."""


def actual_words(node: Node, actual: str | None, *, labels: Labels, now: datetime) -> str:
    """`actual` as the evaluation gives it (Fragment.actual); empty where there is nothing to say."""
    match node:
        case FieldCondition(field, check):
            if actual is None:
                return f"{labels.field(field)} is not set"
            return f"{labels.field(field)}: {_value(actual, check.type, labels)}"
        case EventCondition():
            return _measure(node, actual, labels)
        case Occurrence(event, which):
            name = labels.event_type(event)
            if actual is None:
                return f"no such {name}"
            return f"{which} {name} {_ago(datetime.fromisoformat(actual), now)}"
        case _:
            return actual or ""


def _value(actual: str, field_type: FieldType, labels: Labels) -> str:
    match field_type:
        case FieldType.NUMBER:
            return _number(actual)
        case FieldType.BOOLEAN:
            return {"true": "yes", "false": "no"}.get(actual, actual)
        case FieldType.DATE | FieldType.DATETIME:
            return _moment(actual, labels)
        case _:
            return actual


def _moment(actual: str, labels: Labels) -> str:
    try:
        return day_words(date.fromisoformat(actual))
    except ValueError:
        pass
    try:
        return time_words(datetime.fromisoformat(actual), labels)
    except ValueError:
        return actual


def _measure(node: EventCondition, actual: str | None, labels: Labels) -> str:
    name, of = labels.event_type(node.event), node.measure.of
    if of == MeasureOf.COUNT:
        return f"{name}: {_number(actual or '0')} {'time' if actual == '1' else 'times'}"
    words = MEASURE_WORDS[of].format(event=name, attribute=node.measure.attribute)
    return f"{words}: {_number(actual) if actual is not None else 'none'}"


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
    age = now - at
    for least, unit, name in AGES:
        if age >= least:
            amount = age // unit
            return f"{amount:,} {name}{'' if amount == 1 else 's'} ago"
    return "just now"
