"""Reads single values: numbers, days, instants, durations, periods."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

from segments.conditions import calendar
from segments.conditions.nodes import Duration, Period, Unit
from segments.conditions.operators import MAX_AMOUNT, PERIODS
from segments.conditions.problems import quoted
from segments.conditions.reading import Place

MOST_DIGITS = 130
"""Before and after the decimal point; as many as the values of contacts and events can have."""
_EXACT = Context(prec=2 * MOST_DIGITS)

DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


def number(place: Place) -> Decimal | None:
    """An exact decimal, whether JSON gave an int, a float or a Decimal."""
    value = place.value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        hint = " (without quotation marks)" if isinstance(value, str) else ""
        place.wanted(f"a number{hint}")
        return None
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        place.problem("not_a_number", "Here a number is wanted; infinity and NaN are none.")
        return None
    if exact and not _fits(exact):
        message = f"A number has at most {MOST_DIGITS} digits before and after the decimal point."
        place.problem("number_too_long", message)
        return None
    return canonical(exact)


def _fits(exact: Decimal) -> bool:
    digits, exponent = exact.as_tuple().digits, exact.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 (it is finite)
    return len(digits) + exponent <= MOST_DIGITS and exponent >= -MOST_DIGITS


def canonical(exact: Decimal) -> Decimal:
    """The same number always written the same way: 1 for 1.0, 100 for 1E+2, 0 for -0."""
    if not exact:
        return Decimal(0)
    return Decimal(format(exact.normalize(_EXACT), "f"))


def day(place: Place) -> date | None:
    value = place.value
    if not isinstance(value, str):
        place.wanted("a date such as “2026-03-31”")
    elif DAY.fullmatch(value):
        return _day_of(place, value)
    elif INSTANT.fullmatch(value):
        said = "This is compared by calendar day: write the date alone, such as “2026-03-31”."
        place.problem("invalid_date", said)
    else:
        said = f"{quoted(value)} is no date. Write it as year-month-day, such as “2026-03-31”."
        place.problem("invalid_date", said)
    return None


def day_or_instant(place: Place) -> date | datetime | None:
    """A plain date, or an aware instant; one without an offset is in the workspace zone."""
    value = place.value
    if not isinstance(value, str):
        place.wanted("a date such as “2026-03-31”, or a time such as “2026-03-31T09:00”,")
        return None
    if DAY.fullmatch(value):
        return _day_of(place, value)
    parts = INSTANT.fullmatch(value)
    if parts is None:
        said = (
            f"{quoted(value)} is neither a date nor a time."
            " Write “2026-03-31” or “2026-03-31T09:00”."
        )
        place.problem("invalid_datetime", said)
        return None
    return _instant_of(place, parts)


def _day_of(place: Place, value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        place.problem("invalid_date", f"There is no day {quoted(value)} in the calendar.")
        return None


def _instant_of(place: Place, parts: re.Match[str]) -> datetime | None:
    try:
        return _instant(parts, place)
    except (ValueError, OverflowError):
        place.problem("invalid_datetime", f"There is no such time as {quoted(parts[0])}.")
        return None


def _instant(parts: re.Match[str], place: Place) -> datetime:
    day_text, hour, minute, second, fraction, offset = parts.groups()
    wall = datetime.fromisoformat(f"{day_text}T{hour}:{minute}:{second or '00'}")
    wall += timedelta(microseconds=_microseconds(fraction or "0"))
    if offset is None:
        return calendar.instant_of(wall, place.catalog.zone)
    return (wall - _offset(offset)).replace(tzinfo=UTC)


def _microseconds(fraction: str) -> int:
    return round(Decimal(f"0.{fraction}") * 1_000_000)


def _offset(text: str) -> timedelta:
    if text in "Zz":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 15 or minutes > 59:
        raise ValueError(text)
    return (1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes)


def duration(
    place: Place,
    *,
    least: int = 1,
    units: tuple[Unit, ...] = tuple(Unit),
    beside: tuple[str, ...] = (),
) -> Duration | None:
    """`{"amount": 90, "unit": "day"}`, perhaps with other members `beside`."""
    members = place.members((*beside, "amount", "unit"))
    amount = _amount(members.get("amount"), least)
    unit = _unit(members.get("unit"), units)
    return None if amount is None or unit is None else Duration(amount, unit)


def _amount(place: Place | None, least: int) -> int | None:
    exact = number(place) if place is not None else None
    if place is None or exact is None:
        return None
    if least <= exact <= MAX_AMOUNT and exact == exact.to_integral_value():
        return int(exact)
    place.problem("amount_out_of_range", f"Use a whole number from {least} to {MAX_AMOUNT:,}.")
    return None


def _unit(place: Place | None, units: tuple[Unit, ...]) -> Unit | None:
    if place is None:
        return None
    word = place.choice(list(Unit), "unknown_unit", "unit of time")
    if word is None:
        return None
    unit = Unit(word)
    if unit in units:
        return unit
    allowed = ", ".join(units)
    place.problem("unit_not_allowed", f"“{unit}” cannot be used here, only: {allowed}.")
    return None


def period(place: Place) -> Period | None:
    key = place.choice(list(PERIODS), "unknown_period", "calendar period")
    return None if key is None else Period(key)
