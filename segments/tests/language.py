"""A catalog to refer to, and definitions made in one line."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo, Labels, SegmentInfo
from segments.conditions.nodes import FieldType, Group, Node
from segments.conditions.parse import InvalidDefinition, parse

WARSAW = ZoneInfo("Europe/Warsaw")


def definition(*children: Any, match: str = "all") -> dict[str, Any]:
    return {"kind": "group", "match": match, "children": list(children)}


def field(key: Any, operator: Any, *value: Any, **more: Any) -> dict[str, Any]:
    given = {"value": value[0]} if value else {}
    return {"kind": "field", "field": key, "operator": operator, **given, **more}


def attribute(key: str, type_: str, operator: str, *value: Any, **more: Any) -> dict[str, Any]:
    given = {"value": value[0]} if value else {}
    condition = {"kind": "attribute", "attribute": key, "type": type_, "operator": operator}
    return {**condition, **given, **more}


def event(key: Any = "Purchase", **more: Any) -> dict[str, Any]:
    return {"kind": "event", "event": key, **more}


def occurrence(key: str = "Purchase", **more: Any) -> dict[str, Any]:
    return {"kind": "occurrence", "event": key, "which": "last", **more}


def sequence(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "sequence", "steps": list(steps), **more}


def segment(key: str, **more: Any) -> dict[str, Any]:
    return {"kind": "segment", "segment": key, "member": True, **more}


def span(amount: Any, unit: str) -> dict[str, Any]:
    return {"amount": amount, "unit": unit}


def last(amount: int, unit: str) -> dict[str, Any]:
    return {"kind": "last", **span(amount, unit)}


EVERYONE = {"kind": "everyone"}

CATALOG = Catalog(
    zone=WARSAW,
    fields={
        "tier": FieldInfo(FieldType.TEXT, label="Status VIP"),
        "spent": FieldInfo(FieldType.NUMBER, label="Spent"),
        "limit": FieldInfo(FieldType.NUMBER, label="Limit"),
        "consent": FieldInfo(FieldType.BOOLEAN, label="Consent"),
        "birthday": FieldInfo(FieldType.DATE, label="Birthday"),
        "seen": FieldInfo(FieldType.DATETIME, label="Last visit"),
        "renewed": FieldInfo(FieldType.DATETIME, label="Renewal"),
        "interests": FieldInfo(FieldType.LIST, label="Interests"),
        "country_liked": FieldInfo(FieldType.TEXT, label="Favourite country"),
        "old": FieldInfo(FieldType.TEXT, is_archived=True, label="Old field"),
    },
    event_types={
        "Purchase": EventTypeInfo(),
        "Cart_add": EventTypeInfo(label="Added to cart"),
        "Refund": EventTypeInfo(),
        "Old_event": EventTypeInfo(is_archived=True),
    },
    segments={
        "vip": SegmentInfo(definition=definition(EVERYONE), label="VIP customers"),
        "friends": SegmentInfo(is_static=True, has_definition=False, label="Friends"),
        "empty": SegmentInfo(has_definition=False, label="Empty"),
        "gone": SegmentInfo(is_archived=True, label="Gone"),
    },
)

LABELS = Labels(
    fields={key: info.label for key, info in CATALOG.fields.items()},
    event_types={key: info.label for key, info in CATALOG.event_types.items()},
    segments={key: info.label for key, info in CATALOG.segments.items()},
    zone=WARSAW,
)


def parsed(*children: Any, catalog: Catalog = CATALOG) -> Group:
    return parse(definition(*children), catalog)


def node(child: Any) -> Node:
    """One condition, parsed."""
    return parsed(child).children[0]


def problems(given: Any, catalog: Catalog = CATALOG) -> list[tuple[str, str]]:
    """Path and code of everything that is wrong; nothing when all is right."""
    try:
        parse(given, catalog)
    except InvalidDefinition as invalid:
        return [(problem.path, problem.code) for problem in invalid.problems]
    return []


def problems_of(child: Any, catalog: Catalog = CATALOG) -> list[tuple[str, str]]:
    """The same for one condition; paths without the leading `children[0]`."""
    found = problems(definition(child), catalog)
    return [(path.removeprefix("children[0]").removeprefix("."), code) for path, code in found]
