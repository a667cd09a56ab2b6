"""Sizes of up to five segments in one chart; which ones stands in the address."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Lower
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs
from segments.comparing import MOST, Line, compared
from segments.models import Segment
from segments.ranges import RANGES, range_of
from segments.views.shown import SECTION, SEE

PAGE = "segments/segment_compare.html"
SHOWN = (("size", "Size"), ("change", "Change in %"))


@require_safe
@needs(*SEE)
def segment_compare(request: HtmxHttpRequest) -> HttpResponse:
    keys = list(dict.fromkeys(key for key in request.GET.getlist("segment") if key))
    known = {one.key: one for one in Segment.objects.order_by(Lower("name"), "pk")}
    wanted = [known[key] for key in keys if key in known]
    chosen, range_ = wanted[:MOST], range_of(request.GET.get("range", ""))
    is_change = request.GET.get("as") == "change"
    lines = compared(chosen, range_, now=current_time(), zone=(zone := workspace_zone()))
    context = {
        "section": SECTION,
        "lines": lines,
        "links": [_without(request.GET, line.segment.key) for line in lines],
        "rows": _rows(lines, is_change=is_change),
        "drawn": lines[0].drawn if lines else None,
        "zone": zone.key,
        "ranges": RANGES,
        "chosen": range_.key,
        "shown": SHOWN,
        "is_change": is_change,
        "others": [] if len(chosen) == MOST else _others(known, chosen),
        "most": MOST,
        "left_out": wanted[MOST:],
        "unknown": len(keys) - len(wanted),
    }
    return render(request, PAGE, context)


def _rows(lines: list[Line], *, is_change: bool) -> list[dict[str, Any]]:
    """For each point in time the value of every line."""
    if not lines:
        return []
    values = zip(*(line.values(is_change=is_change) for line in lines), strict=True)
    points = lines[0].drawn.points
    return [{"point": one, "values": row} for one, row in zip(points, values, strict=True)]


def _others(known: dict[str, Segment], chosen: list[Segment]) -> list[Segment]:
    """Those that may be added, by name; the archive is not offered."""
    return [
        one for one in known.values() if one not in chosen and one.status != Segment.Status.ARCHIVED
    ]


def _without(asked: QueryDict, key: str) -> str:
    parameters = asked.copy()
    parameters.setlist("segment", [one for one in asked.getlist("segment") if one != key])
    return parameters.urlencode()
