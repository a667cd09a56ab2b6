"""Whether a comparison may be true, or false, of a JSON value: no more is said than is certain.

Read without the database, to spare it a look: so whatever the database alone can tell, such as
how it makes small letters of unusual ones, or what moves with time, may be either.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from segments.conditions.nodes import Comparison, FieldType, Range
from segments.conditions.operators import OPERATORS

Test = Callable[[Any], bool]

UNKNOWN: Any = object()
"""A value whose reading is the database's to say."""

NUMBER = re.compile(r"[+-]?([0-9]{1,130}(\.[0-9]{0,130})?|\.[0-9]{1,130})")
USUAL = "\u0530"
"""Letters before this (Latin, Greek, Cyrillic) have had their small and capital forms for long."""


def may_hold(check: Comparison) -> Test:
    """A function of a JSON value (None: there is none) that says False only when it certainly is."""
    negates = OPERATORS[check.operator].negates
    if negates is not None:
        return may_fail(_positive(check, negates))
    return _judge(check.type, _holding(check), when_missing=False)


def may_fail(check: Comparison) -> Test:
    """The same for the comparison's negation."""
    negates = OPERATORS[check.operator].negates
    if negates is not None:
        return may_hold(_positive(check, negates))
    return _judge(check.type, _failing(check), when_missing=True)


def _positive(check: Comparison, operator_: str) -> Comparison:
    return Comparison(operator_, check.type, check.value, check.case_sensitive)


def _judge(type_: FieldType, test: Test, *, when_missing: bool) -> Test:
    read = _READ[type_]

    def judge(value: Any) -> bool:
        known = read(value)
        if known is None:
            return when_missing
        return known is UNKNOWN or test(known)

    return judge


# Reading; None is a value that is missing.


def _text(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value or None
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    return _other(value)


def _number(value: Any) -> Any:
    kind = type(value)
    if kind is int or kind is Decimal:
        return value
    if kind is str:
        return Decimal(value) if NUMBER.fullmatch(value) else None
    return None if kind is bool else _other(value)


def _boolean(value: Any) -> Any:
    kind = type(value)
    if kind is bool:
        return value
    if kind is str:
        return {"true": True, "false": False}.get(value.lower() if value.isascii() else "")
    return None if kind is int else _other(value)


def _moment(value: Any) -> Any:
    """Whether a text is a time, and which, depends on more than the text."""
    return UNKNOWN if type(value) is str and value else _other(value)


def _list(value: Any) -> Any:
    return value or None if type(value) is list else None


def _other(value: Any) -> Any:
    return None if value is None or isinstance(value, list | dict) else UNKNOWN


_READ: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _moment,
    FieldType.DATETIME: _moment,
    FieldType.LIST: _list,
}


# Comparing what was read.


def _holding(check: Comparison) -> Test:
    if check.operator == "is_set":
        return _either
    match check.type:
        case FieldType.TEXT:
            return _text_holding(check)
        case FieldType.NUMBER:
            return _number_test(check) or _either
        case FieldType.BOOLEAN:
            return bool if check.operator == "is_true" else operator.not_
        case FieldType.LIST:
            return _list_holding(check)
    return _either


def _failing(check: Comparison) -> Test:
    if check.operator == "is_set":
        return lambda _value: False
    match check.type:
        case FieldType.TEXT:
            return _text_failing(check)
        case FieldType.NUMBER:
            test = _number_test(check)
            return _negated(test) if test else _either
        case FieldType.BOOLEAN:
            return operator.not_ if check.operator == "is_true" else bool
        case FieldType.LIST:
            return _list_failing(check)
    return _either


def _either(_value: Any) -> bool:
    return True


def _negated(test: Test) -> Test:
    return lambda value: not test(value)


_SYMBOLS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "greater_than": operator.gt,
    "at_least": operator.ge,
    "less_than": operator.lt,
    "at_most": operator.le,
}


def _number_test(check: Comparison) -> Test | None:
    """None where it is compared with the contact's own number."""
    match check.operator, check.value:
        case "in", tuple(wanted):
            numbers = frozenset(wanted)
            return lambda value: value in numbers
        case "between", Range(Decimal() as start, Decimal() as end):
            return lambda value: start <= value <= end
        case name, Decimal() as wanted if name in _SYMBOLS:
            compared = _SYMBOLS[name]
            return lambda value: compared(value, wanted)
    return None


_ON_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "equals": operator.eq,
    "contains": operator.contains,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


def _wanted(check: Comparison) -> tuple[str, ...] | None:
    """The texts of which one is looked for; None where they are not written out."""
    match check.operator, check.value:
        case (("in" | "contains_any" | "contains_all"), tuple(wanted)):
            return tuple(map(str, wanted))
        case name, str(text) if name in _ON_TEXTS:
            return (text,)
    return None


def _text_holding(check: Comparison) -> Test:
    wanted = _wanted(check)
    if wanted is None:
        return _either
    compared = _ON_TEXTS.get(check.operator)
    if check.case_sensitive:
        return _among(frozenset(wanted)) if compared is None else _compared(compared, wanted[0])
    folded = {_folded(text) for text in wanted}
    if None in folded:
        return _either
    small = frozenset(filter(None, folded))
    if compared is None or check.operator == "equals":
        return lambda text: (known := _folded(text)) is None or known in small
    [one] = small
    return lambda text: (known := _folded(text)) is None or compared(known, one)


def _among(wanted: frozenset[str]) -> Test:
    return lambda text: text in wanted


def _compared(compared: Callable[[str, str], bool], wanted: str) -> Test:
    return lambda text: compared(text, wanted)


def _text_failing(check: Comparison) -> Test:
    wanted = _wanted(check)
    if wanted is None:
        return _either
    if check.case_sensitive:
        return _negated(_text_holding(check))
    surely = [_surely(_ON_TEXTS.get(check.operator, operator.eq), text) for text in wanted]
    return lambda text: not any(test(text) for test in surely)


def _folded(text: str) -> str | None:
    """The same for any two texts that some database may give the same small letters.

    Never different where lower() of any locale is the same: letters that only some locales take
    for others (I without a dot, two forms of S) are all the same here. None: too unusual to tell.
    """
    if text.isascii():
        return text.lower()
    if max(text) >= USUAL:
        return None
    return text.casefold().replace("\u0307", "").replace("ı", "i")


def _surely(compared: Callable[[str, str], bool], wanted: str) -> Callable[[str], bool]:
    """Whether it is so in whatever way the database makes small letters."""
    small, is_plain = wanted.lower(), wanted.isascii()
    is_same_everywhere = "i" not in small  # I is no capital i in Turkish

    def surely(text: str) -> bool:
        if text == wanted:
            return True
        if not is_plain or not text.isascii():
            return False
        return compared(text, wanted) or (is_same_everywhere and compared(text.lower(), small))

    return surely


# Lists


def _elements(items: Iterable[Any]) -> list[str] | None:
    """Their texts, which null has not; None if one is the database's to write."""
    texts = [item if type(item) is str else _text(item) for item in items if item is not None]
    return None if any(type(text) is not str for text in texts) else texts


def _list_holding(check: Comparison) -> Test:
    wanted = _wanted(check) or ()
    fold = (lambda text: text) if check.case_sensitive else _folded
    folded = {fold(text) for text in wanted}
    every = check.operator == "contains_all"

    def holding(items: Any) -> bool:
        texts = _elements(items)
        if texts is None:
            return True
        held = {fold(text) for text in texts}
        if None in held or None in folded:
            return True
        return folded <= held if every else not folded.isdisjoint(held)

    return holding


def _list_failing(check: Comparison) -> Test:
    if check.case_sensitive:
        holding = _list_holding(check)
        return lambda items: _elements(items) is None or not holding(items)
    surely = [_surely(operator.eq, text) for text in _wanted(check) or ()]
    combined = all if check.operator == "contains_all" else any

    def failing(items: Any) -> bool:
        texts = _elements(items)
        return texts is None or not combined(any(map(test, texts)) for test in surely)

    return failing
