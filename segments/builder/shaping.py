"""What a part of a condition becomes when the part it depends on is chosen anew.

Whatever can be kept is kept: "is Gold" turned into "is one of" is one of Gold.
"""

from __future__ import annotations

from typing import Any

from segments.builder.values import is_instant
from segments.conditions.nodes import FieldType, MeasureOf
from segments.conditions.operators import MEASURES_WITH_ATTRIBUTE, OPERATORS, Takes, operators_for

Tree = dict[str, Any]

FIRST_OPERATOR = {
    FieldType.TEXT: "in",
    FieldType.NUMBER: "at_least",
    FieldType.BOOLEAN: "is_true",
    FieldType.DATE: "in_last",
    FieldType.DATETIME: "in_last",
    FieldType.LIST: "contains_any",
}
A_MONTH: Tree = {"amount": 30, "unit": "day"}
A_WEEK: Tree = {"amount": 7, "unit": "day"}
A_QUARTER: Tree = {"amount": 90, "unit": "day"}

PERFORMED = {"operator": "at_least", "value": 1}
NOT_PERFORMED = {"operator": "equals", "value": 0}


def comparison_of(field_type: FieldType) -> Tree:
    """Operator and value that a comparison begins with."""
    return with_operator({}, FIRST_OPERATOR[field_type], field_type)


def with_operator(owner: Tree, operator: str, field_type: FieldType) -> Tree:
    """A comparison with another operator, and a value of the shape that this one takes."""
    known = OPERATORS.get(str(owner.get("operator")))
    takes = OPERATORS[operator].takes
    rest = {key: value for key, value in owner.items() if key != "value"}
    changed = {**rest, "operator": operator}
    if field_type not in (FieldType.TEXT, FieldType.LIST) or takes == Takes.NOTHING:
        changed.pop("case_sensitive", None)
    if takes == Takes.NOTHING:
        return changed
    had = known.takes if known else None
    return {**changed, "value": _shaped(owner.get("value"), had, operator)}


def _shaped(value: Any, had: Takes | None, operator: str) -> Any:
    takes = OPERATORS[operator].takes
    if operator == "on" and is_instant(value):
        return value[:10]
    if had == takes and value is not None:
        return value
    if takes in FRESH:
        return dict(FRESH[takes]) if isinstance(FRESH[takes], dict) else FRESH[takes]
    single = _single(value) if had in SINGLES else ""
    match takes:
        case Takes.LIST:
            return [single] if single != "" and not isinstance(single, dict) else []
        case Takes.RANGE:
            return {"from": "" if isinstance(single, dict) else single, "to": ""}
        case Takes.PATTERN:
            return single if isinstance(single, str) else ""
        case _:
            return single


FRESH: dict[Takes, Any] = {
    Takes.DURATION: A_MONTH,
    Takes.DAYS: A_WEEK,
    Takes.PERIOD: "this_month",
}
SINGLES = (Takes.SCALAR, Takes.LIST, Takes.RANGE, Takes.PATTERN)


def _single(value: Any) -> Any:
    """One value out of whatever there was."""
    if isinstance(value, list):
        return value[0] if value else ""
    if isinstance(value, dict) and "from" in value:
        return value["from"]
    return "" if value is None else value


def with_type(owner: Tree, field_type: FieldType) -> Tree:
    """An attribute condition that reads its values as another type."""
    operator = str(owner.get("operator"))
    fitting = {known.key for known in operators_for(field_type)}
    changed = {**owner, "type": str(field_type)}
    if operator in fitting:
        return with_operator(changed, operator, field_type)
    return with_operator(changed, FIRST_OPERATOR[field_type], field_type)


# Measures of events


def with_measure(condition: Tree, of: str, attribute: str) -> Tree:
    """`attribute`: the one to begin with where the measure needs one."""
    measure: Tree = {"of": of}
    had = condition.get("measure")
    before = had.get("attribute") if isinstance(had, dict) else None
    if of in MEASURES_WITH_ATTRIBUTE:
        measure["attribute"] = before or attribute
    changed = {**condition, "measure": measure}
    if of == MeasureOf.COUNT:
        changed.pop("measure")
        return {**changed, **PERFORMED} if condition.get("operator") != "between" else changed
    if is_performed(condition) or is_not_performed(condition):
        changed |= {"operator": "at_least", "value": ""}
    return changed


def is_count(condition: Tree) -> bool:
    measure = condition.get("measure")
    return measure is None or measure == {"of": "count"}


def is_performed(condition: Tree) -> bool:
    """At least once, which is also what saying nothing means."""
    if not is_count(condition):
        return False
    if "operator" not in condition and "value" not in condition:
        return True
    return (condition.get("operator"), condition.get("value")) == ("at_least", 1)


def is_not_performed(condition: Tree) -> bool:
    if not is_count(condition):
        return False
    return (condition.get("operator"), condition.get("value")) == ("equals", 0)


def with_comparison(condition: Tree, operator: str) -> Tree:
    """A measure that is compared in another way."""
    value: Any = condition.get("value", "")
    if is_performed(condition) or is_not_performed(condition):
        value = 1 if operator == "equals" else 2
    if operator == "between":
        value = {"from": value if isinstance(value, int) else "", "to": ""}
    elif isinstance(value, dict) and "from" in value:
        value = value["from"]
    changed = {**condition, "operator": operator, "value": value}
    # Such a one would be shown as performed, or not performed, as if nothing had been chosen.
    if is_performed(changed):
        return {**changed, "value": 2}
    return {**changed, "value": 1} if is_not_performed(changed) else changed


# Windows

WINDOWS: dict[str, Tree] = {
    "ever": {},
    "last": A_MONTH,
    "period": {"period": "this_month"},
    "before_ago": A_QUARTER,
    "between_ago": {"from": A_QUARTER, "to": A_MONTH},
    "after": {"at": ""},
    "before": {"at": ""},
    "between": {"from": "", "to": ""},
}
"""Kind -> what it begins with."""


def with_window(window: Any, kind: str) -> Tree:
    """Another kind of window that keeps what both have."""
    had = window if isinstance(window, dict) else {}
    begin = WINDOWS[kind]
    kept = {
        key: had[key]
        for key in begin
        if key in had and isinstance(had[key], dict) == isinstance(begin[key], dict)
    }
    return {"kind": kind, **begin, **kept}
