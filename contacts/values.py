"""Which values a field of a type takes; what is accepted here, conditions can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Final

from contacts.models import FieldTypes
from contacts.problems import quoted

MOST_DIGITS: Final = 130
"""Before and after the decimal point; as many as conditions can compare."""
LONGEST_TEXT: Final = 10_000
LONGEST_LIST: Final = 1_000

UNSTORABLE = "A text cannot hold the character NUL or half a surrogate pair."

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]"
    r"(?::[0-5][0-9](?:[.,]([0-9]{1,9}))?)?"
    r"([Zz]|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?"
)
MICROSECONDS: Final = 6
"""Digits that a datetime has; a time with more of them is rounded."""
# One day away from what a datetime can hold, so that no time zone leads out of it.
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)


def wrong_value(value: object, type_: str) -> str | None:
    """Why a field of this type cannot take the value, as a sentence; None when it can."""
    return _CHECKS[type_](value)


def is_storable(text: str) -> bool:
    """PostgreSQL stores neither NUL nor half of a surrogate pair."""
    if text.isprintable():
        return True
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def wrong_text(value: object, longest: int = LONGEST_TEXT) -> str | None:
    if not isinstance(value, str):
        return f"Here a text is wanted, not {named(value)}."
    if len(value) > longest:
        return f"A text has at most {longest:,} characters here, and this one has {len(value):,}."
    return None if is_storable(value) else UNSTORABLE


def wrong_number(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        hint = " (without quotation marks)" if isinstance(value, str) else ""
        return f"Here a number is wanted{hint}, not {named(value)}."
    if exact_number(value) is None:
        return f"A number has at most {MOST_DIGITS} digits before and after the decimal point."
    return None


def exact_number(value: int | float | Decimal) -> Decimal | None:
    """The decimal that was written; None for one too long, infinite or no number."""
    if type(value) is int and -(10**15) < value < 10**15:
        return Decimal(value)
    if isinstance(value, int) and value.bit_length() > 4 * MOST_DIGITS:
        return None
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return None
    return exact if _fits(exact) else None


def _fits(exact: Decimal) -> bool:
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 (it is finite)
    return exact.adjusted() < MOST_DIGITS and -MOST_DIGITS <= exponent <= MOST_DIGITS


def _wrong_boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else f"Here true or false is wanted, not {named(value)}."


def _wrong_date(value: object) -> str | None:
    if not isinstance(value, str):
        return f"Here a date such as “2026-03-31” is wanted, not {named(value)}."
    if _is_day(value):
        return None
    return f"{quoted(value)} is no date. Write it as year-month-day, such as “2026-03-31”."


def _wrong_datetime(value: object) -> str | None:
    if not isinstance(value, str):
        return f"Here a time such as “2026-03-31T09:00:00Z” is wanted, not {named(value)}."
    if _is_day(value):
        return None
    if instant(value) is not None:
        return None
    return f"{quoted(value)} is no time. Write it such as “2026-03-31T09:00:00Z”."


def _wrong_list(value: object) -> str | None:
    if not isinstance(value, list):
        return f"Here a list of texts is wanted, not {named(value)}."
    if len(value) > LONGEST_LIST:
        return f"A list has at most {LONGEST_LIST:,} texts, and this one has {len(value):,}."
    return next((wrong for element in value if (wrong := wrong_text(element))), None)


def instant(text: str) -> datetime | None:
    """A written time; without an offset it is naive. None when there is no such time."""
    parts = _INSTANT.fullmatch(text)
    if parts is None:
        return None
    fraction, offset = parts.groups()
    try:
        if fraction is not None and len(fraction) > MICROSECONDS:
            read = datetime.fromisoformat(text[: parts.start(1) - 1] + (offset or "").upper())
            read += timedelta(microseconds=round(Decimal(f"0.{fraction}") * 1_000_000))
        else:
            read = datetime.fromisoformat(text.upper())
        at = read.replace(tzinfo=UTC) if offset is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not _EARLIEST <= at <= _LATEST:
        return None
    return read if offset is None else at


def in_zone(wall: datetime, zone: tzinfo) -> datetime:
    """When a local time was. One that is skipped or comes twice is read in standard time, as
    conditions read it."""
    readings = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return (wall - min(at.utcoffset() or timedelta() for at in readings)).replace(tzinfo=UTC)


@lru_cache(20_000)
def _is_day(text: str) -> bool:
    """Remembered, since birthdays and the like come again and again."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def named(value: object) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float() | Decimal():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


_CHECKS: Final[dict[str, Callable[[object], str | None]]] = {
    FieldTypes.TEXT: wrong_text,
    FieldTypes.NUMBER: wrong_number,
    FieldTypes.BOOLEAN: _wrong_boolean,
    FieldTypes.DATE: _wrong_date,
    FieldTypes.DATETIME: _wrong_datetime,
    FieldTypes.LIST: _wrong_list,
}
