"""The SQL of every operator of section 2; what each takes and how it reads is in `operators.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from segments.conditions import calendar
from segments.conditions.nodes import (
    Comparison,
    Duration,
    FieldType,
    FieldValue,
    Period,
    Range,
    Scalar,
)
from segments.conditions.operators import OPERATORS
from segments.conditions.sql import moments
from segments.conditions.sql.fragment import INFINITY, Fragment, negated
from segments.conditions.sql.moments import Moment
from segments.conditions.sql.values import Typed, as_text, own_value

CASTS = {
    FieldType.TEXT: "text",
    FieldType.NUMBER: "numeric",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
}
SYMBOLS = {
    "equals": "=",
    "greater_than": ">",
    "at_least": ">=",
    "less_than": "<",
    "at_most": "<=",
}


def compare(moment: Moment, check: Comparison, value: Typed) -> Fragment:
    """An operator applied to a value; a missing one is no match of any positive operator."""
    operator = OPERATORS[check.operator]
    if operator.negates is not None:
        positive = Comparison(operator.negates, check.type, check.value, check.case_sensitive)
        return negated(compare(moment, positive, value))
    if isinstance(check.value, Duration | Period):
        value = Typed(moment.joins.once(value.sql), value.type)
        fragment = _relative(moment, check, value)
    else:
        fragment = Fragment(_STATIC[check.operator](moment, check, value))
    until = fragment.until
    if until is not None:
        until = f"CASE WHEN {value.sql} IS NULL THEN {INFINITY} ELSE {until} END"
    # IS TRUE, so that a missing value (NULL) is false and its negation true.
    return Fragment(f"({fragment.truth} IS TRUE)", until, as_text(value))


def compare_number(moment: Moment, operator: str, left: str, right: Scalar | Range) -> str:
    """SQL for a number compared with a constant, a range or the contact's own number."""
    check = Comparison(operator, FieldType.NUMBER, right)
    return compare(moment, check, Typed(left, FieldType.NUMBER)).truth


def _operand(moment: Moment, check: Comparison, value: Scalar) -> str:
    if isinstance(value, FieldValue):
        return own_value(moment, value).sql
    return moment.binder.add(value, CASTS[check.type])


def _folded(check: Comparison, sql: str) -> str:
    """Texts compare without regard to case unless the condition says otherwise."""
    if check.type not in (FieldType.TEXT, FieldType.LIST) or check.case_sensitive:
        return sql
    return f"lower({sql})"


def _scalar(check: Comparison) -> Scalar:
    assert isinstance(check.value, str | date | FieldValue) or check.type == FieldType.NUMBER  # noqa: S101 (parse has checked it; for mypy)
    return check.value  # type: ignore[return-value]


def _texts(moment: Moment, check: Comparison) -> str:
    values = check.value
    assert isinstance(values, tuple)  # noqa: S101 (parse has checked it; for mypy)
    if check.type == FieldType.NUMBER:
        return moment.binder.add(list(values), "numeric[]")
    bound = moment.binder.add(list(values), "text[]")
    return f"ARRAY(SELECT {_folded(check, 'wanted')} FROM unnest({bound}) AS wanted)"


def _symbol(moment: Moment, check: Comparison, value: Typed) -> str:
    left = _folded(check, value.sql)
    right = _folded(check, _operand(moment, check, _scalar(check)))
    return f"({left} {SYMBOLS[check.operator]} {right})"


def _in(moment: Moment, check: Comparison, value: Typed) -> str:
    return f"({_folded(check, value.sql)} = ANY({_texts(moment, check)}))"


def _text_function(template: str) -> Callable[[Moment, Comparison, Typed], str]:
    def sql(moment: Moment, check: Comparison, value: Typed) -> str:
        left = _folded(check, value.sql)
        right = _folded(check, _operand(moment, check, _scalar(check)))
        return template.format(left=left, right=right)

    return sql


def _range(moment: Moment, check: Comparison, value: Typed) -> str:
    limits = check.value
    assert isinstance(limits, Range)  # noqa: S101 (parse has checked it; for mypy)
    if check.type != FieldType.DATETIME:
        start, end = _operand(moment, check, limits.start), _operand(moment, check, limits.end)
        return f"({value.sql} BETWEEN {start} AND {end})"
    return _between_instants(moment, value.sql, limits.start, limits.end)


def _between_instants(moment: Moment, time: str, start: Scalar, end: Scalar) -> str:
    assert isinstance(start, date)  # noqa: S101 (a datetime is a date; parse has checked it)
    assert isinstance(end, date)  # noqa: S101
    bind = moment.binder.add
    from_start = f"{time} >= {bind(moment.instant(start), 'timestamptz')}"
    if isinstance(end, datetime):
        return f"({from_start} AND {time} <= {bind(end, 'timestamptz')})"
    return (
        f"({from_start} AND {time} < {bind(calendar.end_of_day(end, moment.zone), 'timestamptz')})"
    )


def _date(operator: str) -> Callable[[Moment, Comparison, Typed], str]:
    """`on`, `before`, `after`: a plain date compared with an instant is the whole local day."""
    symbol = {"on": "=", "before": "<", "after": ">"}[operator]

    def sql(moment: Moment, check: Comparison, value: Typed) -> str:
        wanted = _scalar(check)
        if check.type == FieldType.DATE or not _is_day(wanted):
            return f"({value.sql} {symbol} {_operand(moment, check, wanted)})"
        start, end = _day_limits(moment, wanted)
        return {
            "on": f"({value.sql} >= {start} AND {value.sql} < {end})",
            "before": f"({value.sql} < {start})",
            "after": f"({value.sql} >= {end})",
        }[operator]

    return sql


def _is_day(wanted: Scalar) -> bool:
    """A date without a time, written out or the contact's own."""
    if isinstance(wanted, FieldValue):
        return wanted.type == FieldType.DATE
    return isinstance(wanted, date) and not isinstance(wanted, datetime)


def _day_limits(moment: Moment, wanted: Scalar) -> tuple[str, str]:
    """SQL for the first instant of a day and the first one after it."""
    if isinstance(wanted, FieldValue):
        day = own_value(moment, wanted).sql
        return moment.first_instant(day), moment.first_instant(f"({day} + 1)")
    assert isinstance(wanted, date)  # noqa: S101 (parse has checked it; for mypy)
    limits = (moment.instant(wanted), calendar.end_of_day(wanted, moment.zone))
    start, end = (moment.binder.add(limit, "timestamptz") for limit in limits)
    return start, end


def _any_element(moment: Moment, check: Comparison, value: Typed) -> str:
    elements = (
        f"SELECT {_folded(check, 'item')} FROM jsonb_array_elements_text({value.sql}) AS item"
    )
    return f"(ARRAY({elements}) && {_texts(moment, check)})"


def _all_elements(moment: Moment, check: Comparison, value: Typed) -> str:
    elements = (
        f"SELECT {_folded(check, 'item')} FROM jsonb_array_elements_text({value.sql}) AS item"
    )
    return f"(ARRAY({elements}) @> {_texts(moment, check)})"


_STATIC: dict[str, Callable[[Moment, Comparison, Typed], str]] = {
    "is_set": lambda _moment, _check, value: f"({value.sql} IS NOT NULL)",
    "is_true": lambda _moment, _check, value: f"({value.sql})",
    "is_false": lambda _moment, _check, value: f"(NOT {value.sql})",
    **dict.fromkeys(SYMBOLS, _symbol),
    "in": _in,
    "contains": _text_function("(strpos({left}, {right}) > 0)"),
    "starts_with": _text_function("starts_with({left}, {right})"),
    "ends_with": _text_function("(right({left}, length({right})) = {right})"),
    "matches": _text_function("({left} ~ {right})"),
    "between": _range,
    "contains_any": _any_element,
    "contains_all": _all_elements,
    **{operator: _date(operator) for operator in ("on", "before", "after")},
}

_RELATIVE_TIME = {
    "in_last": moments.in_last,
    "in_next": moments.in_next,
    "more_than_ago": moments.more_than_ago,
    "more_than_ahead": moments.more_than_ahead,
}
_RELATIVE_DAY = {
    "in_last": moments.day_in_last,
    "in_next": moments.day_in_next,
    "more_than_ago": moments.day_more_than_ago,
    "more_than_ahead": moments.day_more_than_ahead,
}


def _relative(moment: Moment, check: Comparison, value: Typed) -> Fragment:
    day = value.sql
    if check.type == FieldType.DATETIME:
        day = f"({value.sql} AT TIME ZONE {moment.zone_sql})::date"
    if isinstance(check.value, Period):
        return moments.in_period(moment, check.value.key, day)
    assert isinstance(check.value, Duration)  # noqa: S101 (the caller has seen it)
    if check.operator == "anniversary_in_next":
        return moments.anniversary_in_next(moment, check.value.amount, moment.joins.once(day))
    if check.type == FieldType.DATE:
        return _RELATIVE_DAY[check.operator](moment, check.value, value.sql)
    return _RELATIVE_TIME[check.operator](moment, check.value, value.sql)
