"""Drafts of each sort, to look at in the builder: empty, incomplete, and of every kind of condition."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contacts.fields import create_field
from segments.services import create_segment

Tree = dict[str, Any]

FIELDS = {"Points": "number", "Club": "boolean", "Interests": "list", "Seen_at": "datetime"}
A_WEEK: Tree = {"kind": "last", "amount": 7, "unit": "day"}


def _all(*children: Tree, match: str = "all", **values: str) -> Tree:
    return {"kind": "group", "match": match, **values, "children": list(children)}


def _field(key: str, operator: str, *value: Any, **values: Any) -> Tree:
    given = {"value": value[0]} if value else {}
    return {"kind": "field", "field": key, "operator": operator, **given, **values}


def _attribute(key: str, type_: str, operator: str, value: Any) -> Tree:
    comparison = {"operator": operator, "value": value}
    return {"kind": "attribute", "attribute": key, "type": type_, **comparison}


INCOMPLETE = _all(
    _field("Status_VIP", "in", []),
    _field("Points", "between", {"from": "many", "to": ""}),
    _field("No_such_field", "is_set"),
    {"kind": "event", "event": "Purchase", "measure": {"of": "sum"}, "operator": "at_least"},
    _all(match="any", name="Nothing in it"),
)
FIELD_KINDS = _all(
    _field("Status_VIP", "in", ["Gold", "Silver"], case_sensitive=True),
    _field("first_name", "equals", {"field": "last_name"}),
    _field("Points", "between", {"from": 1, "to": 1000}),
    _field("Club", "is_true"),
    _field("Birthday", "anniversary_in_next", {"amount": 7, "unit": "day"}),
    _field("Seen_at", "after", "2024-05-01T12:00:00+00:00"),
    _field("Interests", "contains_any", ["travel"]),
    match="any",
    name="What they are like",
)
EVENT_KINDS = _all(
    {
        "kind": "event",
        "event": "Purchase",
        "measure": {"of": "sum", "attribute": "amount"},
        "operator": "greater_than",
        "value": 2000,
        "window": {"kind": "between", "from": "2024-01-01", "to": "2024-12-31"},
        "where": _all(
            _attribute("category", "text", "equals", "shoes"),
            _all(
                _attribute("amount", "number", "at_least", 20),
                _attribute("category", "text", "contains", "b"),
                match="any",
            ),
        ),
    },
    {
        "kind": "occurrence",
        "event": "Purchase",
        "which": "last",
        "window": {"kind": "before_ago", "amount": 90, "unit": "day"},
        "check": _all(_attribute("amount", "number", "less_than", 50)),
    },
    {
        "kind": "sequence",
        "window": A_WEEK,
        "steps": [
            {"event": "Cart_add"},
            {"event": "Purchase", "within": {"amount": 1, "unit": "day"}, "performed": False},
        ],
    },
    match="none",
)
EVERY_KIND = _all(
    FIELD_KINDS,
    EVENT_KINDS,
    {"kind": "segment", "segment": "vips", "member": False},
    {"kind": "random", "percent": 10, "salt": "spring"},
    {"kind": "everyone"},
)


def make_drafts(*, now: datetime) -> None:
    """Beside the world of tests/site."""
    for key, type_ in FIELDS.items():
        create_field(raw={"key": key, "type": type_}, now=now)
    for key, tree in (("empty", _all()), ("incomplete", INCOMPLETE), ("every-kind", EVERY_KIND)):
        create_segment(
            key=key,
            name=key.capitalize(),
            definition=tree,
            status="draft",
            author=None,
            now=now,
        )
