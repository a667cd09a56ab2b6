"""Everybody who entered or left a segment, or any segment, the newest first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.files.writing import csv_lines, download
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page
from segmentflow.limits import TooSlow
from segments.activity import Narrowing, all_entries, counted, entries, newest_transitions
from segments.auditing import note_taken_away
from segments.causing import cause_choices, cause_of
from segments.keeping.moves import logged_since
from segments.models import Segment, Transition
from segments.views.shown import (
    SECTION,
    SEE_ACTIVITY,
    day_of,
    number_of,
    searched,
    segment_context,
    segment_of,
)

PAGE = "segments/segment_activity.html"
ALL_PAGE = "segments/activity_list.html"
ENTRIES_A_PAGE = 50
MOVES = {"entered": True, "left": False}
COLUMNS = (
    *("at", "segment", "segment_name", "moved"),
    *("contact_id", "external_id", "email", "why", "cause"),
)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_ACTIVITY)
def segment_activity(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    context = segment_context(segment) | _shown(request, [segment])
    return render(request, page_or_part(request, PAGE, "activity"), context)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_ACTIVITY)
def activity_list(request: HtmxHttpRequest) -> HttpResponse:
    everything, asked = _every_segment(), request.GET.get("segment", "")
    chosen = next((one for one in everything if one.key == asked), None)
    context = _shown(request, [chosen] if chosen else everything) | {
        "section": SECTION,
        "every_segment": everything,
        "chosen": chosen,
    }
    return render(request, page_or_part(request, ALL_PAGE, "activity"), context)


@require_safe
@needs(*SEE_ACTIVITY)
def activity_csv(request: HtmxHttpRequest, key: str = "") -> HttpResponseBase:
    """What the page shows, all of it; of all segments, one segment after the other."""
    asked = key or request.GET.get("segment", "")
    segments = [get_object_or_404(Segment, key=asked)] if asked else _every_segment()
    _note(segments if asked else [])
    found = all_entries(segments=segments, narrowing=_narrowing(request))
    rows = (
        [
            entry.at.isoformat(),
            entry.segment.key,
            entry.segment.name,
            "entered" if entry.entered else "left",
            entry.contact.pk,
            entry.contact.external_id,
            entry.contact.email,
            entry.why,
            json.dumps(entry.cause, ensure_ascii=False),
        ]
        for entry in found
    )
    name = f"{asked}-activity" if asked else "activity"
    return download(csv_lines(COLUMNS, rows), name=name, kind="csv")


def _note(segments: Sequence[Segment]) -> None:
    """The audit log tells who took it away; none stands for all of them."""
    said, now = "who entered and left, as CSV", current_time()
    if not segments:
        record(action="exported", kind="contacts", said=f"{said}, of all segments", now=now)
    for segment in segments:
        note_taken_away(segment, said, now=now)


def _every_segment() -> list[Segment]:
    return sorted(Segment.objects.all(), key=lambda one: (one.name.casefold(), one.pk))


def _shown(request: HtmxHttpRequest, segments: Sequence[Segment]) -> dict[str, Any]:
    narrowing = _narrowing(request)
    context = {
        "counted": counted(segments=segments, narrowing=narrowing),
        "narrowing": narrowing,
        "moved": {True: "entered", False: "left", None: ""}[narrowing.entered],
        "causes": cause_choices([one.pk for one in segments], narrowing.cause),
        "logged_since": logged_since(),
    }
    try:
        page = _page(request, segments, narrowing)
    except TooSlow:
        return context | {"is_too_slow": True}
    return context | {"page": page, "entries": entries(page.rows)}


def _narrowing(request: HtmxHttpRequest) -> Narrowing:
    return Narrowing(
        entered=MOVES.get(request.GET.get("moved", "")),
        first=day_of(request, "first"),
        last=day_of(request, "last"),
        words=searched(request),
        cause=cause_of(request.GET.get("cause", "")),
    )


def _page(
    request: HtmxHttpRequest, segments: Sequence[Segment], narrowing: Narrowing
) -> Page[Transition]:
    def read(cursor: str | None, backwards: bool, limit: int) -> list[Transition]:  # noqa: FBT001 - as keyset.Read says
        place = number_of(cursor)
        before, after = (None, place) if backwards else (place, None)
        return newest_transitions(
            segments=segments, narrowing=narrowing, before=before, after=after, limit=limit
        )

    return keyset_page(request.GET, read=read, cursor=lambda row: str(row.seq), size=ENTRIES_A_PAGE)
