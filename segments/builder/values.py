"""Stored values as the text of a control, and the text somebody entered as a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from segments.conditions import calendar
from segments.conditions.parse_values import DAY, INSTANT, MOST_DIGITS
from segments.conditions.words import number_words

NUMBER = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(\.[0-9]{{1,{MOST_DIGITS}}})?")
GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
"""2,000.50 as people write it."""

_encoder = msgspec.json.Encoder(decimal_format="number")


def text_of(value: Any) -> str:
    """As a control shows it; what no control can hold, as JSON."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return value
        case int():
            return str(value)
        case float():
            return number_words(Decimal(str(value)))
        case Decimal():
            return number_words(value) if value.is_finite() else str(value)
        case _:
            return _encoder.encode(value).decode()


def texts_of(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(text_of(item) for item in value)
    return (text_of(value),)


def number_or_text(text: str) -> int | Decimal | str:
    """What is no number stays the text it is, for whoever entered it to see and mend."""
    plain = text.strip()
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not NUMBER.fullmatch(plain):
        return text
    return Decimal(plain) if "." in plain else int(plain)


def is_instant(value: Any) -> bool:
    return isinstance(value, str) and INSTANT.fullmatch(value) is not None


def is_day(value: Any) -> bool:
    """Whether it is a day of the calendar, as date inputs take it."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def as_input(text: str) -> str:
    """What a browser makes of a text in an input of one line."""
    return text.replace("\r", "").replace("\n", "")


def local_text(value: str, zone: ZoneInfo) -> str | None:
    """An instant as `datetime-local` inputs take it, in the workspace's time; None if it is none.

    As short as browsers write it: whole minutes have no seconds.
    """
    try:
        instant = datetime.fromisoformat(value)
        local = calendar.local_time(instant, zone) if instant.tzinfo else instant
    except (ValueError, OverflowError):
        return None
    local = local.replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes")
