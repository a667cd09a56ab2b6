"""What the definitions of templates are put together from."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]


def all_of(*children: JSON, name: str = "") -> JSON:
    named = {"name": name} if name else {}
    return {"kind": "group", "match": "all", **named, "children": list(children)}


def any_of(*children: JSON, name: str = "") -> JSON:
    return all_of(*children, name=name) | {"match": "any"}


def none_of(*children: JSON, name: str = "") -> JSON:
    return all_of(*children, name=name) | {"match": "none"}


def field(key: str, operator: str, value: Any = None) -> JSON:
    given = {} if value is None else {"value": value}
    return {"kind": "field", "field": key, "operator": operator, **given}


def performed(event: str, **more: Any) -> JSON:
    return {"kind": "event", "event": event, **more}


def never(event: str, **more: Any) -> JSON:
    return performed(event, **more, operator="equals", value=0)


def at_least(times: int, event: str, **more: Any) -> JSON:
    return performed(event, **more, operator="at_least", value=times)


def spent(more_than: int, window: JSON) -> JSON:
    return performed(
        "Purchase",
        window=window,
        measure={"of": "sum", "attribute": "amount"},
        operator="greater_than",
        value=more_than,
    )


def last_one(event: str, window: JSON) -> JSON:
    return {"kind": "occurrence", "event": event, "which": "last", "window": window}


def where(attribute: str, operator: str, value: str) -> JSON:
    condition = {
        "kind": "attribute",
        "attribute": attribute,
        "type": "text",
        "operator": operator,
        "value": value,
    }
    return all_of(condition)


def duration(amount: int, unit: str) -> JSON:
    return {"amount": amount, "unit": unit}


def last(amount: int, unit: str) -> JSON:
    return {"kind": "last", **duration(amount, unit)}


def before_ago(amount: int, unit: str) -> JSON:
    return {"kind": "before_ago", **duration(amount, unit)}


def between_ago(longer: JSON, shorter: JSON) -> JSON:
    return {"kind": "between_ago", "from": longer, "to": shorter}
