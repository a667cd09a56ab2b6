"""Comparisons in a template that cannot make sense, by what is known of the types of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Final, NamedTuple

from liquid.builtin.expressions import logical
from liquid.builtin.expressions.path import Path
from liquid.builtin.expressions.primitive import (
    FalseLiteral,
    FloatLiteral,
    IntegerLiteral,
    StringLiteral,
    TrueLiteral,
)
from liquid.expression import Expression

from campaigns.rendering.bounds import expressions_in
from campaigns.rendering.comparing import number_in, time_in
from campaigns.rendering.liquid import Liquid
from campaigns.rendering.problems import line_at
from contacts.models import FieldTypes

T = FieldTypes
ORDERS: Final = (
    logical.LtExpression,
    logical.GtExpression,
    logical.LeExpression,
    logical.GeExpression,
)
EQUALS: Final = (logical.EqExpression, logical.NeExpression)
OF_OURS: Final[Mapping[tuple[str, ...], str]] = {
    ("now",): T.DATETIME,
    ("today",): T.DATE,
    ("campaign", "name"): T.TEXT,
    ("event", "type"): T.TEXT,
    ("event", "occurred_at"): T.DATETIME,
}
TIMES: Final = (T.DATE, T.DATETIME)
NAMES: Final = {
    T.NUMBER: "a number",
    T.BOOLEAN: "yes or no",
    T.DATE: "a date",
    T.DATETIME: "a time",
    T.LIST: "a list",
    T.TEXT: "a text",
}


class Side(NamedTuple):
    """Of a comparison."""

    type: str
    shown: str
    literal: str | None = None
    """The text that is written there."""


class Nonsense(NamedTuple):
    message: str
    line: int
    is_never: bool
    """It is not that nobody could say which is more, but both are never the same."""


def nonsense_in(
    template: Liquid, types: Mapping[str, str], own: frozenset[str]
) -> Iterator[Nonsense]:
    """`types`: of the contact's fields; `own`: variables that the template assigns."""
    if template.template is None:
        return
    for node in template.template.nodes:
        for expression in expressions_in(node):
            if isinstance(expression, (*ORDERS, *EQUALS)):
                left, right = (
                    _side(one, types, own) for one in (expression.left, expression.right)
                )
                is_order = isinstance(expression, ORDERS)
                if left and right and not _is_sense(left, right, is_order=is_order):
                    line = line_at(template.source, expression.token.start_index)
                    yield Nonsense(_said(left, right, is_order=is_order), line, not is_order)


def _side(one: Expression, types: Mapping[str, str], own: frozenset[str]) -> Side | None:
    """None where the type is not known before it is sent."""
    match one:
        case StringLiteral():
            return Side(T.TEXT, f"“{one.value}”", str(one.value))
        case IntegerLiteral() | FloatLiteral():
            return Side(T.NUMBER, str(one))
        case TrueLiteral() | FalseLiteral():
            return Side(T.BOOLEAN, str(one))
        case Path(path=[str(root), *_]) if root not in own:
            type_ = _type_of(one, types)
            return Side(type_, f"“{one}” ({NAMES[T(type_)]})") if type_ else None
    return None


def _type_of(path: Path, types: Mapping[str, str]) -> str | None:
    match path.path:
        case ["contact", str(key)]:
            return types.get(key)
        case [*steps] if all(isinstance(step, str) for step in steps):
            return OF_OURS.get(tuple(str(step) for step in steps))
    return None


def _is_sense(left: Side, right: Side, *, is_order: bool) -> bool:
    if "" in (left.literal, right.literal) and not is_order:
        return True  # whether there is anything
    types = {left.type, right.type}
    if T.LIST in types or (T.BOOLEAN in types and (is_order or len(types) > 1)):
        return False
    return _fits(left, right.type) and _fits(right, left.type)


def _fits(side: Side, other: str) -> bool:
    """Whether it can be read as what the other side is; a text that is not known yet, perhaps."""
    if other == T.NUMBER:
        is_number = side.literal is None or number_in(side.literal) is not None
        return side.type == T.NUMBER or (side.type == T.TEXT and is_number)
    if other in TIMES:
        is_time = side.literal is None or time_in(side.literal, UTC) is not None
        return side.type in TIMES or (side.type == T.TEXT and is_time)
    return True


def _said(left: Side, right: Side, *, is_order: bool) -> str:
    types = {left.type, right.type}
    literals = (left.literal, right.literal)
    said = f"{left.shown} cannot be compared with {right.shown}."
    if T.LIST in types and not is_order:
        return f"{said} Use “contains”."
    if T.BOOLEAN in types and any(one in ("true", "false") for one in literals):
        return f"{said} Leave the quotation marks out."
    if types & set(TIMES) and any(one is not None for one in literals):
        return f"{said} A date is written like “2026-12-31”."
    return said
