"""Filters of our own, where numbers are exact and times are in the workspace's zone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from liquid import RenderContext
from liquid.builtin.filters.string import base64_decode, base64_url_safe_decode, url_decode
from liquid.exceptions import FilterError
from liquid.undefined import Undefined

from campaigns.rendering.values import Number, clean, shown_number
from contacts.values import in_zone, instant

LONGEST_FORMAT: Final = 100
_PLACES: Final = Decimal("1e-12")
_SECONDS = re.compile(r"%%|(%[-_0^#]*s)")


def number_of(value: object) -> Decimal:
    """What is no number counts as 0, as Liquid has it."""
    if isinstance(value, bool) or value is None or isinstance(value, Undefined):
        return Decimal(0)
    if isinstance(value, int | float | str | Decimal):
        try:
            found = Decimal(str(value)) if not isinstance(value, Decimal) else value
        except InvalidOperation:
            return Decimal(0)
        return found if found.is_finite() and abs(found.adjusted()) <= 150 else Decimal(0)
    return Decimal(0)


def _plus(value: object, other: object) -> Number | int:
    return shown_number(number_of(value) + number_of(other))


def _minus(value: object, other: object) -> Number | int:
    return shown_number(number_of(value) - number_of(other))


def _times(value: object, other: object) -> Number | int:
    return shown_number(number_of(value) * number_of(other))


def _divided_by(value: object, other: object) -> Number | int:
    """Whole numbers are divided to a whole number, rounded down, as Liquid has it."""
    left, right = number_of(value), number_of(other)
    if not right:
        raise FilterError("nothing can be divided by 0", token=None)
    if _is_whole(left) and _is_whole(right):
        return int(left) // int(right)
    found = left / right
    if abs(found.adjusted()) < 14:
        found = found.quantize(_PLACES).normalize()
    return shown_number(found)


def _modulo(value: object, other: object) -> Number | int:
    left, right = number_of(value), number_of(other)
    if not right:
        raise FilterError("nothing can be divided by 0", token=None)
    rest = left % right
    return shown_number(rest + right if rest and (rest < 0) != (right < 0) else rest)


def _round(value: object, places: object = 0) -> Number | int:
    digits = max(0, min(30, int(number_of(places))))
    found = number_of(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return shown_number(found) if digits else int(found)


def _sum(values: object, key: object = None) -> Number | int:
    if not isinstance(values, list | tuple | range):
        return shown_number(number_of(values))
    if isinstance(key, str):
        values = [one.get(key) if isinstance(one, dict) else 0 for one in values]
    return shown_number(sum(map(number_of, values), Decimal(0)))


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value() and number.as_tuple().exponent == 0


def _date(value: object, form: object = "", *, context: RenderContext) -> str:
    """As `strftime` writes it, such as `%d %b %Y`; what is no time stays as it is."""
    if value is None or isinstance(value, Undefined):
        return ""
    now = context.globals["now"]
    assert isinstance(now, datetime)  # noqa: S101 (rendering always gives it)
    at = now if value in ("now", "today") else time_of(value, zone=now.tzinfo or UTC)
    if at is None or not isinstance(form, str) or not form:
        return str(value)
    if len(form) > LONGEST_FORMAT:
        raise FilterError(f"a format has at most {LONGEST_FORMAT} characters", token=None)
    # Python takes the seconds of the day as they are where the server stands.
    seconds = f"{int(at.timestamp())}"
    return at.strftime(_SECONDS.sub(lambda found: found[0] if found[1] is None else seconds, form))


def time_of(value: object, *, zone: tzinfo) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min, tzinfo=zone)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return datetime.fromtimestamp(int(value), tz=zone)
    if not isinstance(value, str):
        return None
    text = str(value).strip()
    if text.isdecimal() and len(text) <= 11:
        return datetime.fromtimestamp(int(text), tz=zone)
    try:
        return datetime.combine(date.fromisoformat(text), time.min, tzinfo=zone)
    except ValueError:
        at = instant(text)
    if at is None:
        return None
    return (at if at.tzinfo else in_zone(at, zone)).astimezone(zone)


def _decoded(filter_: Callable[[Any], str]) -> Callable[[Any], str]:
    """Without the characters that values come without, too."""
    return lambda value: clean(filter_(value))


_date.with_context = True  # type: ignore[attr-defined]

OWN: Final[dict[str, Callable[..., Any]]] = {
    "abs": lambda value: shown_number(abs(number_of(value))),
    "at_least": lambda value, other: shown_number(max(number_of(value), number_of(other))),
    "at_most": lambda value, other: shown_number(min(number_of(value), number_of(other))),
    "ceil": lambda value: math.ceil(number_of(value)),
    "floor": lambda value: math.floor(number_of(value)),
    "plus": _plus,
    "minus": _minus,
    "times": _times,
    "divided_by": _divided_by,
    "modulo": _modulo,
    "round": _round,
    "sum": _sum,
    "date": _date,
    "url_decode": _decoded(url_decode),
    "base64_decode": _decoded(base64_decode),
    "base64_url_safe_decode": _decoded(base64_url_safe_decode),
}
