"""How values are compared: dates and times with each other and with ISO texts, numbers with numeric ones.

What cannot be compared is neither equal, nor less, nor more: as in segments, it is just not so.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from liquid import RenderContext
from liquid.builtin.expressions import logical
from liquid.builtin.tags.case_tag import _AnyExpression
from liquid.expression import Expression
from liquid.undefined import is_undefined

from contacts.values import in_zone, instant

LONGEST_NUMBER: Final = 150
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def is_less(left: object, right: object, zone: tzinfo) -> bool:
    pair = comparable(left, right, zone)
    return pair is not None and bool(pair[0] < pair[1])


def is_same(left: object, right: object, zone: tzinfo) -> bool:
    pair = comparable(left, right, zone)
    return logical._eq(left, right) if pair is None else bool(pair[0] == pair[1])


def is_at_most(left: object, right: object, zone: tzinfo) -> bool:
    pair = comparable(left, right, zone)
    return pair is not None and bool(pair[0] <= pair[1])


def comparable(left: object, right: object, zone: tzinfo) -> tuple[Any, Any] | None:
    """Both in a form that has an order; None when they have none between them.

    A time is compared with a day by the day on which it is in the zone.
    """
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    for kind in (_number, _time, _day):
        pair = kind(left, zone), kind(right, zone)
        if None not in pair:
            return pair
    return None


def number_in(text: str) -> Decimal | None:
    text = text.strip()
    return Decimal(text) if len(text) <= LONGEST_NUMBER and _NUMBER.fullmatch(text) else None


def time_in(text: str, zone: tzinfo) -> datetime | date | None:
    """A day or a time that is written as ISO 8601 has it."""
    text = text.strip()
    try:
        return date.fromisoformat(text) if len(text) == 10 else _instant(text, zone)
    except ValueError:
        return None


def _instant(text: str, zone: tzinfo) -> datetime | None:
    at = instant(text)
    return at if at is None or at.tzinfo else in_zone(at, zone)


def _number(value: object, _: tzinfo) -> Decimal | None:
    if isinstance(value, str):
        return number_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _time(value: object, zone: tzinfo) -> datetime | None:
    found = time_in(value, zone) if isinstance(value, str) else value
    return found if isinstance(found, datetime) else None


def _day(value: object, zone: tzinfo) -> date | None:
    found = time_in(value, zone) if isinstance(value, str) else value
    if isinstance(found, datetime):
        return found.astimezone(zone).date()
    return found if isinstance(found, date) else None


def _zone(context: RenderContext) -> tzinfo:
    now = context.globals["now"]
    assert isinstance(now, datetime)  # noqa: S101 (rendering always gives it)
    assert now.tzinfo  # noqa: S101 (and it has a zone)
    return now.tzinfo


def _pair(expression: Any, context: RenderContext) -> tuple[object, object]:
    return _plain(expression.left.evaluate(context)), _plain(expression.right.evaluate(context))


def _plain(value: object) -> object:
    return None if is_undefined(value) else value


class Less(logical.LtExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        return is_less(*_pair(self, context), _zone(context))


class More(logical.GtExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        left, right = _pair(self, context)
        return is_less(right, left, _zone(context))


class AtMost(logical.LeExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        return is_at_most(*_pair(self, context), _zone(context))


class AtLeast(logical.GeExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        left, right = _pair(self, context)
        return is_at_most(right, left, _zone(context))


class Same(logical.EqExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        return is_same(*_pair(self, context), _zone(context))


class Different(logical.NeExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        return not is_same(*_pair(self, context), _zone(context))


class Contains(logical.ContainsExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        left, right = _pair(self, context)
        if not isinstance(left, Collection):
            return False
        return logical._contains(self.token, left, right)


class AnyOf(_AnyExpression):
    """Of `case` and `when`."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> list[bool]:
        left, zone = _plain(self.left.evaluate(context)), _zone(context)
        return [is_same(left, _plain(one.evaluate(context)), zone) for one in self.expressions]


OWN: Final[dict[type[Expression], type[Expression]]] = {
    own.__base__: own  # type: ignore[misc] # each of them has one
    for own in (Less, More, AtMost, AtLeast, Same, Different, Contains, AnyOf)
}
"""What takes the place of Liquid's own."""
