"""Definitions that are written differently and mean the same: a form in which they are equal.

Equal forms mean equal truth for every contact at every instant. The reverse is not claimed:
what differs here may mean the same all the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Final

from segments.conditions.nodes import (
    AttributeCondition,
    Comparison,
    Duration,
    EventCondition,
    Everyone,
    FieldType,
    Group,
    Match,
    MeasureOf,
    Node,
    SegmentCondition,
    Unit,
    Where,
)
from segments.conditions.operators import OPERATORS, Takes

Form = Hashable

NOT, ALL, ANY = Match.NONE.value, Match.ALL.value, Match.ANY.value
EVERYBODY: Final[Form] = (ALL, frozenset[Form]())
UNITS: Final = {
    Unit.HOUR: (Unit.MINUTE, 60),
    Unit.WEEK: (Unit.DAY, 7),
    Unit.YEAR: (Unit.MONTH, 12),
}
"""Those that are so many of another, in the calendar, too."""
WHOLE: Final = (MeasureOf.COUNT, MeasureOf.DISTINCT, MeasureOf.DAYS)
"""Measures that are whole numbers, and 0 for nothing."""
OF_ONE: Final = {"in": "equals", "contains_all": "contains_any"}
"""Operators with one value that are another one then."""


def form_of(node: Node | Where | AttributeCondition) -> Form:
    """Without names, order, repetitions, needless groups and double negations."""
    match node:
        case Group() | Where():
            return _group(node.match, [form_of(child) for child in node.children])
        case Everyone():
            return EVERYBODY
        case SegmentCondition(segment, member):
            form: Form = ("segment", segment)
            return form if member else _not(form)
        case EventCondition():
            return _event(node)
        case _:
            return _checked(node)


def _group(match: Match, forms: Iterable[Form]) -> Form:
    if match == Match.NONE:
        return _not(_joined(ANY, forms))
    return _joined(match.value, forms)


def _joined(match: str, forms: Iterable[Form]) -> Form:
    """A group within one of the same kind is dissolved, and one of a single child is the child."""
    flat: set[Form] = set()
    for form in forms:
        flat |= form[1] if isinstance(form, tuple) and form[0] == match else {form}
    if match == ANY and EVERYBODY in flat:
        return EVERYBODY
    return next(iter(flat)) if len(flat) == 1 else (match, frozenset(flat))


def _not(form: Form) -> Form:
    if isinstance(form, tuple) and form[0] == NOT:
        inner: Form = form[1]
        return inner
    return (NOT, form)


def _checked(node: Any) -> Form:
    """A condition with one comparison, which may be the negation of another one."""
    check = getattr(node, "check", None)
    if not isinstance(check, Comparison):
        return _plain(node)
    check = _of_one(check)
    positive = OPERATORS[check.operator].negates
    if positive is None:
        return _plain(replace(node, check=check))
    return _not(_plain(replace(node, check=_of_one(replace(check, operator=positive)))))


def _of_one(check: Comparison) -> Comparison:
    """One of a single value is that value."""
    value = check.value
    if not isinstance(value, tuple) or len(set(value)) != 1:
        return check
    operator = OF_ONE.get(check.operator)
    if operator == "equals":
        return replace(check, operator=operator, value=value[0])
    return replace(check, operator=operator or check.operator)


def _event(node: EventCondition) -> Form:
    """Of whole numbers, more than 2 is at least 3; and none is not at least one."""
    value = node.value
    if node.measure.of not in WHOLE or not isinstance(value, Decimal) or value % 1:
        return _plain(node)

    def from_on(least: Decimal) -> Form:
        return _plain(replace(node, operator="at_least", value=least))

    match node.operator:
        case "greater_than":
            return from_on(value + 1)
        case "less_than":
            return _not(from_on(value))
        case "at_most":
            return _not(from_on(value + 1))
        case "equals" if not value:
            return _not(from_on(Decimal(1)))
        case "not_equals" if not value:
            return from_on(Decimal(1))
        case "not_equals":
            return _not(_plain(replace(node, operator="equals")))
        case _:
            return _plain(node)


def _plain(value: Any) -> Form:
    """Data as tuples that are equal when the data means the same."""
    match value:
        case Where():
            return form_of(value)
        case Comparison():
            return _comparison(value)
        case Duration(amount, unit) if unit in UNITS:
            smaller, times = UNITS[unit]
            return ("Duration", amount * times, smaller)
        case Decimal():
            return value.normalize() if value else Decimal(0)
        case tuple():
            return tuple(_plain(one) for one in value)
        case _ if is_dataclass(value):
            inner = (_plain(getattr(value, field.name)) for field in fields(value))
            return (type(value).__name__, *inner)
        case _:
            found: Form = value
            return found


def _comparison(check: Comparison) -> Form:
    value: Any = check.value
    folds = check.type in (FieldType.TEXT, FieldType.LIST) and not check.case_sensitive
    # The classes of patterns mean something else in capitals.
    if folds and OPERATORS[check.operator].takes in (Takes.SCALAR, Takes.LIST):
        value = _lower(value)
    form = frozenset(map(_plain, value)) if isinstance(value, tuple) else _plain(value)
    return ("check", check.operator, check.type, form, check.case_sensitive)


def _lower(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_lower, value))
    return value.lower() if isinstance(value, str) else value
