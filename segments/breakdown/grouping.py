"""Into which groups the values of a field fall, as SQL and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from contacts.models import FieldTypes
from segments.breakdown.fields import Asked

FEW_NUMBERS: Final = 12
"""Up to so many different numbers stand each for itself; more are put into ranges."""
RANGES: Final = 8
FEW_SPANS: Final = 20
"""Months up to so many, then years, then decades."""
MONTH, YEAR, DECADE = 7, 4, 3
"""How much of 2026-11-20 says when it was."""

_JSON: Final = "(c.attributes -> %(key)s)"
_IN_LISTS: Final = f"""LEFT JOIN LATERAL (
    SELECT min(item) AS v
    FROM jsonb_array_elements_text(
        CASE jsonb_typeof({_JSON}) WHEN 'array' THEN {_JSON} ELSE '[]' END
    ) AS item
    WHERE item <> ''
    GROUP BY lower(item)
) one ON true"""
# What was stored as a day needs no look at the calendar.
_DATE: Final = """CASE WHEN {text} LIKE '____-__-__' THEN left({text}, {length})
    ELSE left(text_date({text}, %(zone)s)::text, {length}) END"""


@dataclass(frozen=True, slots=True)
class Grouping:
    """SQL of a contact's group (`value`, NULL without one), and what groups are called."""

    value: str
    params: dict[str, Any]
    words: Callable[[str], str] = str
    join: str = ""
    """What has to be joined to the contact `c` for it."""
    is_ordered: bool = False
    """Groups follow one another; else the largest comes first."""


def texts(asked: Asked) -> Grouping:
    if asked.is_built_in:
        return Grouping(f"NULLIF(c.{asked.key}, '')", {})  # one of our own names
    return Grouping(f"NULLIF(json_text({_JSON}), '')", {"key": asked.key})


def lists(asked: Asked) -> Grouping:
    return Grouping("one.v", {"key": asked.key}, join=_IN_LISTS)


def booleans(asked: Asked) -> Grouping:
    words = {"true": "Yes", "false": "No"}
    value = f"json_boolean({_JSON})::text"
    return Grouping(value, {"key": asked.key}, lambda found: words.get(found, found))


def dates(asked: Asked, *, zone: str, length: int = MONTH) -> Grouping:
    """By month, or more coarsely; days are those of the workspace's zone."""
    if asked.is_built_in:
        value = f"left((c.{asked.key} AT TIME ZONE %(zone)s)::date::text, {length})"
        return Grouping(value, {"zone": zone}, _date_words, is_ordered=True)
    text = f"json_text({_JSON})"
    value = _DATE.format(text=text, length=length)
    return Grouping(value, {"key": asked.key, "zone": zone}, _date_words, is_ordered=True)


def fitting_length(months: Sequence[str]) -> int:
    """How coarsely days have to be told apart for these months not to be too many."""
    years = {int(month[:4]) for month in months}
    if len(set(months)) <= FEW_SPANS:
        return MONTH
    return YEAR if len(years) <= FEW_SPANS else DECADE


def _date_words(found: str) -> str:
    if len(found) == MONTH:
        return f"{date(int(found[:4]), int(found[5:]), 1):%B %Y}"
    return f"{found}0s" if len(found) == DECADE else found


def numbers(asked: Asked, seen: Sequence[Decimal]) -> Grouping:
    """Each for itself when few are seen, else by ranges that fit those that are."""
    value, params = f"json_number({_JSON})", {"key": asked.key}
    if len(set(seen)) <= FEW_NUMBERS:
        return Grouping(f"trim_scale({value})::text", params, is_ordered=True)
    edges = fitting_edges(sorted(seen))
    ranges = _Ranges(edges, are_whole=all(one == one.to_integral_value() for one in seen))
    # Two digits, so that their order as texts is their order.
    place = f"to_char(width_bucket({value}, %(edges)s::numeric[]), 'FM00')"
    return Grouping(place, {**params, "edges": edges}, ranges.words, is_ordered=True)


def fitting_edges(seen: Sequence[Decimal]) -> list[Decimal]:
    """Round numbers between which nearly all of these lie."""
    low, high = seen[len(seen) // 50], seen[-1 - len(seen) // 20]
    if low == high:
        low, high = seen[0], seen[-1]
    step = _round_up((high - low) / RANGES)
    first = math.floor(low / step) + 1
    return [first * step + n * step for n in range(RANGES) if (first + n) * step <= high + step]


def _round_up(step: Decimal) -> Decimal:
    """To 1, 2 or 5 and noughts."""
    unit = Decimal(1).scaleb(step.adjusted())
    return next(unit * times for times in (1, 2, 5, 10) if unit * times >= step)


@dataclass(frozen=True, slots=True)
class _Ranges:
    edges: list[Decimal]
    are_whole: bool

    def words(self, found: str) -> str:
        place = int(found)
        if place == 0:
            return f"Under {_number(self.edges[0])}"
        if place == len(self.edges):
            return f"{_number(self.edges[-1])} and more"
        low, high = self.edges[place - 1], self.edges[place]
        if self.are_whole and high - low >= 1 and low == low.to_integral_value():
            last = high - 1
            return _number(low) if last == low else f"{_number(low)} to {_number(last)}"
        return f"{_number(low)} to under {_number(high)}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def grouping_of(asked: Asked, *, zone: str) -> Grouping:
    """Before anything is known about the values; numbers need some, and dates may become coarser."""
    match asked.type:
        case FieldTypes.LIST:
            return lists(asked)
        case FieldTypes.BOOLEAN:
            return booleans(asked)
        case FieldTypes.DATE | FieldTypes.DATETIME:
            return dates(asked, zone=zone)
        case _:
            return texts(asked)
