"""One segment: what it is, how it developed, who is in it, who came and went."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page
from segments import activity, selectors
from segments.builder.drafts import open_draft
from segments.export import members_csv
from segments.models import Segment
from segments.ranges import RANGES, drawn, range_of
from segments.usage import uses_of_segment
from segments.views.shown import (
    SEE_ACTIVITY,
    SEE_MEMBERS,
    number_of,
    searched,
    segment_context,
    segment_of,
)

PAGE = "segments/segment_detail.html"
PARTS = ("now", "members", "latest")
"""Parts that refresh by themselves; the target of a request says which one is asked for."""
MEMBERS_A_PAGE = 25
LATEST = 10
BUILT = (Segment.Status.LIVE, Segment.Status.PAUSED)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@needs(*SEE_MEMBERS, *SEE_ACTIVITY)
def segment_detail(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    part = request.htmx.target if request.htmx.target in PARTS else PARTS[0]
    template = page_or_part(request, PAGE, part)
    context = segment_context(segment) | {"is_part": template != PAGE}
    if template in (PAGE, f"{PAGE}#members"):
        context |= _members(request, segment)
    if template in (PAGE, f"{PAGE}#latest"):
        context["latest"] = _latest(segment)
    if template == PAGE:
        context |= _development(request, segment)
        context["uses"] = uses_of_segment(segment.key)
        context["has_unpublished_changes"] = _has_unpublished_changes(request, segment)
    return render(request, template, context)


def _has_unpublished_changes(request: HtmxHttpRequest, segment: Segment) -> bool:
    """For those who can publish them."""
    is_built = segment.kind == Segment.Kind.DYNAMIC and segment.status in BUILT
    may = request.user.has_perm("segments.change_segment")
    return is_built and may and open_draft(segment=segment).is_changed


@require_safe
@needs(*SEE_MEMBERS)
def segment_csv(request: HtmxHttpRequest, key: str) -> HttpResponseBase:
    return members_csv(segment_of(key), now=current_time())


def _members(request: HtmxHttpRequest, segment: Segment) -> dict[str, Any]:
    words = searched(request)

    def read(cursor: str | None, backwards: bool, limit: int) -> list[dict[str, Any]]:  # noqa: FBT001 - as keyset.Read says
        place = number_of(cursor)
        if not backwards or place is None:
            return selectors.members(segment=segment, words=words, after=place or 0, limit=limit)
        return selectors.members(segment=segment, words=words, before=place, limit=limit)[::-1]

    page: Page[dict[str, Any]] = keyset_page(
        request.GET, read=read, cursor=lambda row: str(row["id"]), size=MEMBERS_A_PAGE
    )
    return {"q": words, "page": page}


def _latest(segment: Segment) -> list[activity.Entry]:
    newest = activity.newest_transitions(
        segments=[segment], narrowing=activity.Narrowing(), limit=LATEST
    )
    return activity.entries(newest)


def _development(request: HtmxHttpRequest, segment: Segment) -> dict[str, Any]:
    zone, asked = workspace_zone(), range_of(request.GET.get("range", ""))
    [development] = drawn(asked, [segment], now=current_time(), zone=zone)
    return {"ranges": RANGES, "development": development, "zone": zone.key}
