"""All segments: searched, sorted, refreshed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments import listed
from segments.history import size_changes
from segments.models import Segment
from segments.overlap.findings import findings
from segments.overlap.matrix import kept_matrix
from segments.views.shown import SECTION, SEE, searched

PAGE = "segments/segment_list.html"
SEGMENTS_A_PAGE = 50


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def segment_list(request: HtmxHttpRequest) -> HttpResponse:
    search, tag = searched(request), searched(request, "tag")
    status, sort = request.GET.get("status", ""), request.GET.get("sort", "")
    status = status if status in Segment.Status.values else ""
    sort = sort if sort in listed.SORTS else "name"
    changes = size_changes(days=listed.DAYS)
    ids = listed.ids_in_order(search=search, status=status, tag=tag, sort=sort, changes=changes)
    page = Paginator(ids, SEGMENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "rows": listed.rows(list(page), changes),
        "days": listed.DAYS,
        "q": search,
        "status": status,
        "statuses": Segment.Status.choices,
        "tag": tag,
        "tags": listed.tags_in_use(),
        "sort": sort,
        "is_narrowed": bool(search or status or tag),
    }
    template = page_or_part(request, PAGE, "segments")
    if template == PAGE:
        context["findings"] = findings(matrix=kept_matrix(), now=current_time())
    return render(request, template, context)
