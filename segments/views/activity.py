"""Everybody who entered or left a segment, the newest first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page
from segments.activity import Narrowing, counted, entries, newest_transitions
from segments.models import Segment, Transition
from segments.views.shown import (
    SEE_ACTIVITY,
    day_of,
    number_of,
    searched,
    segment_context,
    segment_of,
)

PAGE = "segments/segment_activity.html"
ENTRIES_A_PAGE = 50
MOVES = {"entered": True, "left": False}


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_ACTIVITY)
def segment_activity(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment, narrowing = segment_of(key), _narrowing(request)
    page = _page(request, segment, narrowing)
    context = {
        **segment_context(segment),
        "page": page,
        "entries": entries(page.rows),
        "counted": counted(segment=segment, narrowing=narrowing),
        "narrowing": narrowing,
        "moved": {True: "entered", False: "left", None: ""}[narrowing.entered],
    }
    return render(request, page_or_part(request, PAGE, "activity"), context)


def _narrowing(request: HtmxHttpRequest) -> Narrowing:
    return Narrowing(
        entered=MOVES.get(request.GET.get("moved", "")),
        first=day_of(request, "first"),
        last=day_of(request, "last"),
        words=searched(request),
    )


def _page(request: HtmxHttpRequest, segment: Segment, narrowing: Narrowing) -> Page[Transition]:
    def read(cursor: str | None, backwards: bool, limit: int) -> list[Transition]:  # noqa: FBT001 - as keyset.Read says
        place = number_of(cursor)
        side = {"after" if backwards else "before": place}
        return newest_transitions(segment=segment, narrowing=narrowing, limit=limit, **side)

    return keyset_page(request.GET, read=read, cursor=lambda row: str(row.seq), size=ENTRIES_A_PAGE)
