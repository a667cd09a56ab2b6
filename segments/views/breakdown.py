"""The members of a segment by the values of a field."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from contacts.models import FieldTypes
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.limits import TooSlow
from segments.breakdown.counting import PATIENT, QUICK
from segments.breakdown.fields import USUAL, Asked, built_in_fields, own_fields
from segments.breakdown.telling import Group, break_down
from segments.keeping.moves import logged_since
from segments.ranges import RANGES, begin_of, range_of
from segments.views.shown import SEE_ACTIVITY, SEE_MEMBERS, segment_context, segment_of

PAGE = "segments/segment_breakdown.html"


@require_safe
@needs(*SEE_MEMBERS, *SEE_ACTIVITY)
def segment_breakdown(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment, range_ = segment_of(key), range_of(request.GET.get("range", ""))
    built_in, own = built_in_fields(), own_fields()
    known = {one.key: one for one in (*own, *built_in)}
    field = known.get(request.GET.get("field", ""), known[USUAL])
    now, zone = current_time(), workspace_zone()
    since = begin_of(range_, segment, now=now, zone=zone)
    limits, logged = PATIENT if request.GET.get("exact") else QUICK, logged_since()
    context = segment_context(segment) | {
        "built_in": built_in,
        "own": own,
        "field": field,
        "ranges": RANGES,
        "chosen": range_.key,
        "since": since,
        "logged_since": logged if logged and since < logged else None,
    }
    try:
        found = break_down(segment, field, since=since, zone=zone.key, limits=limits)
        rows = [(group, _list_of(key, field, group)) for group in found.groups]
        context |= {"breakdown": found, "rows": rows}
    except TooSlow:
        context["is_too_slow"] = True
    return render(request, PAGE, context)


def _list_of(key: str, field: Asked, group: Group) -> str:
    """Parameters of the list of contacts that shows the members of a group; empty without one."""
    condition = _condition(field, group)
    if condition is None:
        return ""
    where = json.dumps([{"kind": "field", "field": field.key, **condition}])
    return urlencode({"segment": key, "where": where})


def _condition(field: Asked, group: Group) -> dict[str, Any] | None:
    if group.kind == "none":
        return {"operator": "is_not_set"}
    if group.kind != "value":
        return None
    match field.type:
        case FieldTypes.BOOLEAN:
            return {"operator": f"is_{group.value}"}
        case FieldTypes.LIST:
            return {"operator": "contains_any", "value": [group.value]}
        case FieldTypes.NUMBER:
            number = float(group.value)
            return {"operator": "equals", "value": int(number) if number.is_integer() else number}
        case _:
            return {"operator": "equals", "value": group.value}
