"""How a file writes dates and numbers: which ways all its values fit, and what they then are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

_CLOCK = r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?(?: ?([AaPp])[Mm])?)?"
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})[./-]([0-9]{{1,2}})[./-]([0-9]{{4}}){_CLOCK}")
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})[./-]([0-9]{{1,2}})[./-]([0-9]{{1,2}}){_CLOCK}")
_SERIAL = re.compile(r"[0-9]{1,7}(?:\.[0-9]+)?")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_ENGLISH = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_EUROPEAN = re.compile(r"-?(?:[0-9]{1,3}(?:[. \u00a0\u202f'’][0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
_BEGINNING: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock's time, as cells have it
LAST_SERIAL: Final = 2_958_465
"""31 December 9999, the last day that spreadsheets know."""
# A serial before this is more likely some other number; it is 1 January 1920.
FIRST_LIKELY, LAST_LIKELY = 7306, 73050

Reader = Callable[[str], str | None]


def _moment(year: str, month: str, day: str, clock: Iterable[str | None]) -> str | None:
    hour, minute, second, half = clock
    try:
        if hour is None:
            return date(int(year), int(month), int(day)).isoformat()
        hours = int(hour)
        if half:
            hours = hours % 12 + (12 if half in "Pp" else 0)
        at = datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))  # noqa: DTZ001 - as written
    except ValueError:
        return None
    return at.isoformat()


def _day_first(text: str) -> str | None:
    parts = _DAY_FIRST.fullmatch(text)
    return _moment(parts[3], parts[2], parts[1], parts.groups()[3:]) if parts else None


def _month_first(text: str) -> str | None:
    parts = _DAY_FIRST.fullmatch(text)
    return _moment(parts[3], parts[1], parts[2], parts.groups()[3:]) if parts else None


def _year_first(text: str) -> str | None:
    parts = _YEAR_FIRST.fullmatch(text)
    return _moment(parts[1], parts[2], parts[3], parts.groups()[3:]) if parts else None


def _serial(text: str) -> str | None:
    if not _SERIAL.fullmatch(text) or not 1 <= float(text) < LAST_SERIAL:
        return None
    whole, _, part = text.partition(".")
    seconds = round(float(f"0.{part or 0}") * 86_400)
    at = _BEGINNING + timedelta(days=int(whole), seconds=seconds)
    return at.isoformat() if seconds else at.date().isoformat()


def _plain(text: str) -> str | None:
    return text if _PLAIN.fullmatch(text) else None


def _english(text: str) -> str | None:
    return text.replace(",", "") if _ENGLISH.fullmatch(text) else None


def _european(text: str) -> str | None:
    if not _EUROPEAN.fullmatch(text):
        return None
    return re.sub(r"[. \u00a0\u202f'’]", "", text).replace(",", ".")


DATES: Final[dict[str, tuple[str, Reader]]] = {
    "ymd": ("year-month-day", _year_first),
    "dmy": ("day, month, year", _day_first),
    "mdy": ("month, day, year", _month_first),
    "serial": ("Excel's number of the day", _serial),
}
NUMBERS: Final[dict[str, tuple[str, Reader]]] = {
    "plain": ("1234.5", _plain),
    "english": ("1,234.5", _english),
    "european": ("1.234,5", _european),
}
LABELS: Final = {name: label for name, (label, _) in {**DATES, **NUMBERS}.items()}


def date_styles(values: Iterable[str]) -> list[str]:
    """The ways of writing dates that all the values fit."""
    return _fitting(DATES, list(values))


def number_styles(values: Iterable[str]) -> list[str]:
    """Likewise for numbers; one that computers write is never taken for another."""
    fitting = _fitting(NUMBERS, list(values))
    return fitting[:1] if fitting[:1] == ["plain"] else fitting


def _fitting(styles: dict[str, tuple[str, Reader]], values: list[str]) -> list[str]:
    return [
        name for name, (_, read) in styles.items() if values and all(read(one) for one in values)
    ]


def are_serials(values: Iterable[str]) -> bool:
    """Whether these numbers are about days of our time."""
    return all(_serial(one) and FIRST_LIKELY <= float(one) <= LAST_LIKELY for one in values)


def read_date(text: str, style: str) -> str | None:
    """A day or a moment as everything else here writes it."""
    return DATES[style][1](text)


def read_number(text: str, style: str) -> Decimal | int | None:
    found = NUMBERS[style][1](text)
    if found is None:
        return None
    return Decimal(found) if set(found) & set(".eE") else int(found) if len(found) < 1000 else None
