"""What is written differently and means the same has one form; what means something else has not."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from segments.conditions.alike import form_of
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo, SegmentInfo
from segments.conditions.nodes import FieldType
from segments.conditions.parse import parse

CATALOG = Catalog(
    zone=ZoneInfo("UTC"),
    fields={
        "tier": FieldInfo(FieldType.TEXT),
        "points": FieldInfo(FieldType.NUMBER),
        "tags": FieldInfo(FieldType.LIST),
        "since": FieldInfo(FieldType.DATE),
    },
    event_types={"Purchase": EventTypeInfo()},
    segments={"vips": SegmentInfo(has_definition=True)},
)


def form(*children, match="all", name=""):
    group = {"kind": "group", "match": match, "children": list(children)}
    return form_of(parse(group | ({"name": name} if name else {}), CATALOG))


def group(match, *children):
    return {"kind": "group", "match": match, "children": list(children)}


def tier(operator, value=None, **more):
    given = {} if value is None else {"value": value}
    return {"kind": "field", "field": "tier", "operator": operator} | given | more


def points(operator, value):
    return {"kind": "field", "field": "points", "operator": operator, "value": value}


def tags(operator, *values):
    return {"kind": "field", "field": "tags", "operator": operator, "value": list(values)}


def bought(operator="at_least", value=1, **more):
    return {"kind": "event", "event": "Purchase", "operator": operator, "value": value} | more


def last(amount, unit):
    return {"window": {"kind": "last", "amount": amount, "unit": unit}}


GOLD, SET = tier("equals", "Gold"), tier("is_set")
SAME = {
    "order": ([GOLD, bought()], [bought(), GOLD]),
    "repetition": ([GOLD, bought()], [GOLD, bought(), GOLD]),
    "needless group": ([GOLD, bought()], [group("all", group("any", GOLD)), bought()]),
    "case": ([GOLD], [tier("equals", "GOLD")]),
    "one of one": ([GOLD], [tier("in", ["gold"])]),
    "order of values": ([tier("in", ["a", "b"])], [tier("in", ["B", "A"])]),
    "negation": ([tier("not_equals", "Gold")], [group("none", GOLD)]),
    "twice no": ([GOLD], [group("none", group("none", GOLD))]),
    "neither": ([group("none", GOLD, SET)], [group("none", group("any", SET, GOLD))]),
    "numbers": ([points("equals", 1)], [points("equals", 1.0)]),
    "none of one": ([tags("contains_none", "a")], [group("none", tags("contains_all", "A"))]),
    "more than": ([bought("greater_than", 2)], [bought("at_least", 3)]),
    "not any": ([bought("equals", 0)], [group("none", bought())]),
    "no more": ([bought("at_most", 2)], [bought("less_than", 3)]),
    "weeks": ([bought(**last(2, "week"))], [bought(**last(14, "day"))]),
    "everybody too": ([GOLD, {"kind": "everyone"}], [GOLD]),
    "not in": (
        [{"kind": "segment", "segment": "vips", "member": False}],
        [group("none", {"kind": "segment", "segment": "vips", "member": True})],
    ),
}
DIFFERENT = {
    "value": ([GOLD], [tier("equals", "Silver")]),
    "letters that count": ([GOLD], [tier("equals", "Gold", case_sensitive=True)]),
    "letters of patterns": ([tier("matches", "[A-Z]")], [tier("matches", "[a-z]")]),
    "all and any": ([group("all", GOLD, bought())], [group("any", GOLD, bought())]),
    "window": ([bought()], [bought(**last(14, "day"))]),
    "hours and days": ([bought(**last(24, "hour"))], [bought(**last(1, "day"))]),
    "all and any of two": ([tags("contains_all", "a", "b")], [tags("contains_any", "a", "b")]),
    "sums": (
        [bought("greater_than", 2, measure={"of": "sum", "attribute": "amount"})],
        [bought("at_least", 3, measure={"of": "sum", "attribute": "amount"})],
    ),
    "no and yes": ([GOLD], [group("none", GOLD)]),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_the_same_has_one_form(one, other):
    assert form(*one) == form(*other, name="Named")
    assert hash(form(*one)) == hash(form(*other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_has_another_form(one, other):
    assert form(*one) != form(*other)
