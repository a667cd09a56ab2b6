"""What the text of a cell means in a field of a type."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from contacts.decisions import STATES, state_of, wrong_decision
from contacts.files.styles import LABELS, read_date, read_number
from contacts.models import FieldTypes
from contacts.problems import quoted
from contacts.values import instant

LIST_SEPARATOR: Final = ";"
BOOLEANS: Final = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
MIDNIGHT: Final = "T00:00:00"
KNOWN_BY_HEART: Final = 20_000
"""Values of a type, in a process; beyond that the ones not seen for longest are read anew."""

Reader = Callable[[str], Any]


class Unfit(Exception):
    """A cell that means nothing in such a field; the message says why."""


@lru_cache(64)
def reader_of(type_: str, style: str = "") -> Reader:
    """From a cell without blanks around it to a value; raises Unfit.

    What it has read lately it knows by heart: columns hold the same few values again and again.
    """
    read = _reader_of(type_, style)
    if type_ in (FieldTypes.NUMBER, FieldTypes.BOOLEAN, FieldTypes.DATE, FieldTypes.DATETIME):
        return lru_cache(KNOWN_BY_HEART)(read)
    return read


def _reader_of(type_: str, style: str) -> Reader:
    match type_:
        case FieldTypes.NUMBER:
            return lambda text: _number(text, style or "plain")
        case FieldTypes.BOOLEAN:
            return _boolean
        case FieldTypes.DATE:
            return lambda text: _date(text, style or "ymd")
        case FieldTypes.DATETIME:
            return lambda text: _datetime(text, style or "ymd")
        case FieldTypes.LIST:
            return lambda text: _list(text, style or LIST_SEPARATOR)
        case _:
            return lambda text: text


def _number(text: str, style: str) -> Any:
    value = read_number(text, style)
    if value is None:
        raise Unfit(f"{quoted(text)} is no number such as “{LABELS[style]}”.")
    return value


def _boolean(text: str) -> bool:
    value = BOOLEANS.get(text.lower())
    if value is None:
        raise Unfit(f"{quoted(text)} is neither “true” nor “false”, “yes” nor “no”.")
    return value


def read_consent(text: str) -> dict[str, str]:
    """A decision as the API takes it; raises Unfit."""
    said = text.lower()
    decided = STATES.get(said, BOOLEANS.get(said))
    if decided is None:
        raise Unfit(f"{quoted(text)} is neither “yes” nor “no”, “subscribed” nor “unsubscribed”.")
    return {"state": state_of(subscribed=decided)}


def wrong_consent(value: object) -> bool:
    """Whether a cell, or what JSON has in its place, says nothing about a consent."""
    if not isinstance(value, str):
        return any(wrong_decision(value, ""))
    try:
        read_consent(value)
    except Unfit:
        return True
    return False


def _date(text: str, style: str) -> str:
    day, _, clock = _moment(text, style).partition("T")
    if clock and f"T{clock}" != MIDNIGHT:
        raise Unfit(f"{quoted(text)} has a time of day; the field holds dates alone.")
    return day


def _datetime(text: str, style: str) -> str:
    return text if style == "ymd" and instant(text) is not None else _moment(text, style)


def _moment(text: str, style: str) -> str:
    found = read_date(text, style)
    if found is None:
        raise Unfit(f"{quoted(text)} is no date written as {LABELS[style]}.")
    return found


def _list(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]
