"""How values and windows of time read in English."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal

from segments.conditions import calendar
from segments.conditions.catalog import Labels
from segments.conditions.nodes import (
    After,
    Before,
    BeforeAgo,
    Between,
    BetweenAgo,
    Duration,
    Ever,
    FieldValue,
    InPeriod,
    Last,
    Period,
    Range,
    Value,
    Window,
)
from segments.conditions.operators import PERIODS

MOST_LISTED = 10
"""Of a longer list only the beginning is told."""

PLAIN = re.compile(r"\w([\w .@+'’&/-]*\w)?")
"""A text that needs no quotation marks within a sentence."""


def several_words(words: Iterable[str], joint: str) -> str:
    """ "a, b or c" for the joint " or "; a joint that begins with a comma stands everywhere."""
    *most, final = words
    if not most:
        return final
    if joint.startswith(","):
        return joint.join([*most, final])
    return f"{', '.join(most)}{joint}{final}"


def number_words(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount_words(number: Decimal) -> str:
    """An amount, with its thousands apart: 2,000.5."""
    whole, point, decimals = number_words(number).partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}{point}{decimals}"


def text_words(text: str) -> str:
    """As it is where that cannot be misread, in quotation marks otherwise."""
    is_plain = text.isalnum() or PLAIN.fullmatch(text)
    return text if is_plain and " or " not in text and " and " not in text else f"“{text}”"


def day_words(day: date) -> str:
    return f"{day.day} {month_name[day.month]} {day.year}"


def time_words(at: date | datetime, labels: Labels) -> str:
    if not isinstance(at, datetime):
        return day_words(at)
    local = _local(at, labels)
    clock = local.time()
    exact = "seconds" if clock.second else "minutes"
    shown = clock.isoformat("microseconds" if clock.microsecond else exact)
    return f"{day_words(local)} at {shown}"


def brief_day(day: date) -> str:
    """Where there is little room: 12 Aug 2026."""
    return f"{day.day} {month_abbr[day.month]} {day.year}"


def brief_time(at: datetime, labels: Labels) -> str:
    """To the minute: 12 Aug 2026, 09:30."""
    local = _local(at, labels)
    return f"{brief_day(local)}, {local:%H:%M}"


def _local(at: datetime, labels: Labels) -> datetime:
    try:
        return calendar.local_time(at, labels.zone)
    except OverflowError:  # at the very ends of the calendar
        return datetime.combine(at.date(), time())


def value_words(
    value: Value, labels: Labels, joint: str = " or ", *, is_amount: bool = False
) -> str:
    """`is_amount`: numbers that tell how much; others may be years or codes, and stay as they are."""
    match value:
        case FieldValue(field):
            return f"the contact's {labels.field(field)}"
        case Range(start, end):
            ends = [value_words(end, labels, is_amount=is_amount) for end in (start, end)]
            return " and ".join(ends)
        case Duration():
            return duration_words(value)
        case Period():
            return period_words(value)
        case tuple():
            return several_words(_shortened([value_words(item, labels) for item in value]), joint)
        case str():
            return text_words(value)
        case Decimal():
            return amount_words(value) if is_amount else number_words(value)
        case date():
            return time_words(value, labels)
        case None:
            return ""


def _shortened(words: list[str]) -> list[str]:
    if len(words) <= MOST_LISTED:
        return words
    told = words[: MOST_LISTED - 1]
    return [*told, f"{len(words) - len(told):,} others"]


def duration_words(duration: Duration) -> str:
    return f"{duration.amount} {duration.unit}{'' if duration.amount == 1 else 's'}"


def period_words(period: Period) -> str:
    return PERIODS[period.key]


def window_words(window: Window, labels: Labels) -> str:
    """Such as "in the last 30 days"; empty for ever."""
    match window:
        case Ever():
            return ""
        case InPeriod(period):
            return period_words(period)
        case Last(duration):
            return f"in the last {duration_words(duration)}"
        case BeforeAgo(duration):
            return f"more than {duration_words(duration)} ago"
        case BetweenAgo(start, end):
            longer = str(start.amount) if start.unit == end.unit else duration_words(start)
            return f"between {longer} and {duration_words(end)} ago"
        case After(at):
            return f"on or after {time_words(at, labels)}"
        case Before(at):
            return f"before {time_words(at, labels)}"
        case Between(start_at, end_at):
            return f"between {time_words(start_at, labels)} and {time_words(end_at, labels)}"
