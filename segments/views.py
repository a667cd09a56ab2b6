"""The segments' first pages: the list, and one segment with its members and activity."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments import selectors
from segments.export import members_csv
from segments.models import Segment

LIST = "segments/segment_list.html"
DETAIL = "segments/segment_detail.html"
SEGMENTS_A_PAGE = 50
MEMBERS_A_PAGE = 50
LATEST = 10
SECTION = "segments"


@require_safe
@vary_on_headers("HX-Request")
@needs("segments.view_segment")
def segment_list(request: HtmxHttpRequest) -> HttpResponse:
    search, status = request.GET.get("q", "").strip(), request.GET.get("status", "")
    found = selectors.segments_found(
        search=search.replace("\0", ""), status=status if status in Segment.Status.values else ""
    )
    page = Paginator(found, SEGMENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "segments": selectors.describe(page.object_list),
        "search": search,
        "status": status,
        "statuses": Segment.Status.choices,
        "is_searching": bool(search or status),
    }
    return render(request, page_or_part(request, LIST, "segments"), context)


@require_safe
@vary_on_headers("HX-Request")
@needs("segments.view_segment", "segments.view_membership", "contacts.view_contact")
def segment_detail(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = get_object_or_404(Segment, key=key)
    context = {
        "section": SECTION,
        "described": selectors.describe_one(segment),
        "latest": selectors.transitions(segment=segment, limit=LATEST, newest_first=True),
        **_members_page(segment, after=request.GET.get("after"), before=request.GET.get("before")),
    }
    return render(request, page_or_part(request, DETAIL, "live"), context)


@require_safe
@needs("segments.view_segment", "segments.view_membership", "contacts.view_contact")
def segment_csv(request: HtmxHttpRequest, key: str) -> HttpResponseBase:
    return members_csv(get_object_or_404(Segment, key=key))


def _members_page(segment: Segment, *, after: str | None, before: str | None) -> dict[str, Any]:
    """By contact id, not by number of the page: the last page costs what the first one does."""
    start, end = _contact_id(after), _contact_id(before)
    rows = selectors.members(
        segment=segment, after=start or 0, before=end, limit=MEMBERS_A_PAGE + 1
    )
    is_more = len(rows) > MEMBERS_A_PAGE
    if end is None:
        rows = rows[:MEMBERS_A_PAGE]
        return {
            "members": rows,
            "previous": rows[0]["id"] if rows and start else None,
            "next": rows[-1]["id"] if is_more else None,
            "is_first": not start,
        }
    rows = rows[-MEMBERS_A_PAGE:]
    return {
        "members": rows,
        "previous": rows[0]["id"] if is_more else None,
        "next": rows[-1]["id"] if rows else None,
        "is_first": not is_more,
    }


def _contact_id(text: str | None) -> int | None:
    """Anything that is no contact's id means the first page."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    return int(text)
