"""What a value of one type is in another; text is read as files are (contacts/files/cells.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from contacts.files.cells import Unfit, reader_of
from contacts.files.styles import DATES, NUMBERS
from contacts.models import FieldTypes
from contacts.problems import quoted
from contacts.values import instant, named, wrong_value

Convert = Callable[[Any], Any]
"""Raises Unfit for a value that is none of the new type; leaves alone what is one already."""

T: Final = FieldTypes
_DATE_STYLES: Final = {name: label.capitalize() for name, (label, _) in DATES.items()}
_NUMBER_STYLES: Final = {name: f"Such as {label}" for name, (label, _) in NUMBERS.items()}
SEPARATORS: Final = {
    ";": "Separated by semicolons",
    ",": "Separated by commas",
    "|": "Separated by vertical bars",
    "\n": "One a line",
}
TARGETS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    T.TEXT: {
        T.NUMBER: _NUMBER_STYLES,
        T.BOOLEAN: {},
        T.DATE: _DATE_STYLES,
        T.DATETIME: _DATE_STYLES,
        T.LIST: SEPARATORS,
    },
    T.NUMBER: {T.TEXT: {}, T.BOOLEAN: {}, T.DATE: {"serial": _DATE_STYLES["serial"]}, T.LIST: {}},
    T.BOOLEAN: {T.TEXT: {}, T.NUMBER: {}, T.LIST: {}},
    T.DATE: {T.TEXT: {}, T.DATETIME: {}, T.LIST: {}},
    T.DATETIME: {T.TEXT: {}, T.DATE: {}, T.LIST: {}},
    T.LIST: {T.TEXT: SEPARATORS},
}
"""From a type to those it can become, each with the ways in which values may be written."""


def converter(before: str, after: str, style: str = "", *, zone: ZoneInfo) -> Convert:
    read = _reader(before, after, style, zone)

    def convert(value: Any) -> Any:
        if wrong_value(value, after) is None:
            return value
        found = read(value)
        if wrong := wrong_value(found, after):
            raise Unfit(wrong)
        return found

    return convert


def back(before: str, after: str, style: str, *, zone: ZoneInfo) -> Convert:
    """For values that arrived in the new type while the old one is put back."""
    if before not in TARGETS[after]:
        return _never
    styles = TARGETS[after][before]
    if style not in styles or style not in SEPARATORS:
        style = next(iter(styles), "")
    return converter(after, before, style, zone=zone)


def fitting_styles(before: str, after: str, values: Iterable[Any], *, zone: ZoneInfo) -> list[str]:
    """The ways of reading in which most of the values convert; more than one has to be asked for."""
    styles = list(TARGETS[before][after])
    if not styles or before == T.LIST or after == T.LIST:
        return styles[:1]
    sample = list(values)
    counts = {
        style: _converted(converter(before, after, style, zone=zone), sample) for style in styles
    }
    most = max(counts.values())
    best = [style for style in styles if counts[style] == most]
    # What computers write is never taken for anything else.
    return best[:1] if best[0] in ("plain", "ymd") or not most else best


def _converted(convert: Convert, sample: Iterable[Any]) -> int:
    return sum(fits(convert, value) for value in sample)


def fits(convert: Convert, value: Any) -> bool:
    try:
        convert(value)
    except Unfit:
        return False
    return True


def as_text(value: Any, separator: str = ";") -> str:
    """A value in one line, as people write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return (separator if separator == "\n" else f"{separator} ").join(map(str, value))
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _reader(before: str, after: str, style: str, zone: ZoneInfo) -> Convert:
    match before, after:
        case _, T.TEXT:
            return lambda value: as_text(value, style or ";")
        case T.BOOLEAN, T.NUMBER:
            return lambda value: int(value) if isinstance(value, bool) else _never(value)
        case T.DATETIME, T.DATE:
            return lambda value: _day(value, zone)
        case T.TEXT, T.LIST:
            return _text_reader(after, style or ";")
        case _, T.LIST:
            return lambda value: [as_text(value)]
        case _:
            return _text_reader(after, style)


def _text_reader(after: str, style: str) -> Convert:
    read = reader_of(after, style)

    def reading(value: Any) -> Any:
        text = as_text(value).strip()
        if not text:
            raise Unfit("An empty text is no value of another type.")
        return read(text)

    return reading


def _day(value: Any, zone: ZoneInfo) -> str:
    """The day on which a moment falls in the workspace."""
    at: datetime | None = instant(value) if isinstance(value, str) else None
    if at is None:
        raise Unfit(f"{quoted(str(value))} is no time.")
    local = at if at.tzinfo is None else at.astimezone(zone)
    return local.date().isoformat()


def _never(value: Any) -> Any:
    raise Unfit(f"{named(value).capitalize()} cannot become that.")
