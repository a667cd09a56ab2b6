"""Values that templates get: plain data, typed, and without what has no place in a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, Final

from contacts.models import FieldTypes
from contacts.values import in_zone, instant

MOST_VALUES: Final = 1_000
DEEPEST: Final = 8

# Control characters other than tab and line breaks, and the noncharacters that rendering
# marks links with (campaigns/rendering/marks.py).
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


class Number(Decimal):
    """A number that is shown with all its digits, never as 1E+2."""

    def __str__(self) -> str:
        return format(Decimal(self), "f")


class Moment(datetime):
    """A time that is shown without its offset, because it is in the workspace's zone."""

    def __str__(self) -> str:
        return self.strftime("%Y-%m-%d %H:%M")


class Data(dict[str, Any]):
    """Something with parts, which is not shown as a whole."""

    def __str__(self) -> str:
        return ""


def shown(value: object) -> object:
    """What `{{ … }}` puts in; of a list, what is in it, with commas between."""
    if isinstance(value, list | tuple):
        return ", ".join(text for one in value if (text := _in_list(one)))
    return "" if isinstance(value, dict) else value


def _in_list(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(shown(value))


def shown_number(value: Decimal) -> Number | int:
    if value.as_tuple().exponent == 0:
        return int(value)
    return Number(value)


def moment(at: datetime, zone: tzinfo) -> Moment:
    local = at.astimezone(zone)
    return Moment.combine(local.date(), local.timetz())


def clean(text: str) -> str:
    return text if text.isprintable() else _UNWANTED.sub("", text)


def field_value(value: Any, type_: str, *, zone: tzinfo) -> Any:
    """A stored value of a field in the type that templates see; what does not fit it, as it is."""
    if isinstance(value, str):
        if type_ == FieldTypes.DATE:
            return _day(value) or clean(value)
        if type_ == FieldTypes.DATETIME:
            return _moment(value, zone) or clean(value)
    return plain(value)


def plain(value: Any, depth: int = 0) -> Any:
    """Data as JSON gives it, cleaned; deeper or longer than anybody needs it is cut off."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return Number(value)
    if isinstance(value, float):
        return Number(repr(value))
    if depth >= DEEPEST:
        return None
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MOST_VALUES]
        return Data((clean(str(key)), plain(one, depth + 1)) for key, one in pairs)
    if isinstance(value, list | tuple):
        return [plain(one, depth + 1) for one in value[:MOST_VALUES]]
    return clean(str(value))


def event_values(context: Mapping[str, Any] | None, *, zone: tzinfo) -> dict[str, Any]:
    """What `{{ event.… }}` can name: attributes, and over them the type and when it occurred."""
    if not context:
        return {}
    attributes = context.get("attributes")
    found = plain(attributes) if isinstance(attributes, Mapping) else {}
    found["type"] = clean(str(context.get("type", "")))
    at = context.get("occurred_at")
    if isinstance(at, datetime):
        found["occurred_at"] = moment(at, zone)
    elif isinstance(at, str):
        found["occurred_at"] = _moment(at, zone) or clean(at)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str, zone: tzinfo) -> Moment | None:
    if len(text) == 10 and (day := _day(text)):
        return Moment.combine(day, time.min, tzinfo=zone)
    at = instant(text)
    if at is None:
        return None
    return moment(at if at.tzinfo else in_zone(at, zone), zone)
