"""What a segment was described as, from the first time to now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.builder.drafts import Stale
from segments.builder.restoring import open_version
from segments.models import Segment, SegmentVersion
from segments.services import Refused
from segments.versions import compared, described_versions, versions_of
from segments.views.shown import SEE_VERSIONS, number_of, person, segment_context, segment_of

PAGE = "segments/segment_versions.html"
COMPARE = "segments/version_compare.html"
VERSIONS_A_PAGE = 20
MOST_CHOICES = 500


@require_safe
@needs(*SEE_VERSIONS)
def segment_versions(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    found = versions_of(segment)
    page = Paginator(found, VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    # One more, to tell what the last one on the page changed.
    shown = found[max(0, page.start_index() - 1) : page.end_index() + 1]
    context = segment_context(segment) | {
        "page": page,
        "rows": described_versions(segment, list(shown)),
        "may_restore": segment.status != Segment.Status.ARCHIVED,
    }
    return render(request, PAGE, context)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_VERSIONS)
def version_compare(request: HtmxHttpRequest, key: str) -> HttpResponse:
    """Any two versions; the newest and the one before it while none are chosen."""
    segment = segment_of(key)
    choices = list(versions_of(segment)[:MOST_CHOICES])
    context = segment_context(segment) | {"choices": choices}
    if choices:
        new = _chosen(request, segment, "to") or choices[0]
        old = _chosen(request, segment, "from") or (choices[1:2] or choices)[0]
        context |= _comparison(old, new)
    return render(request, page_or_part(request, COMPARE, "comparison"), context)


def _chosen(request: HtmxHttpRequest, segment: Segment, name: str) -> SegmentVersion | None:
    """None when none is asked for; raises Http404 for one that there is not."""
    asked = request.GET.get(name, "")
    if not asked:
        return None
    return get_object_or_404(versions_of(segment), number=number_of(asked))


def _comparison(old: SegmentVersion, new: SegmentVersion) -> dict[str, Any]:
    found = compared(old, new)
    return {"old": old, "new": new, "difference": found.difference}


@require_POST
@needs(*SEE_VERSIONS, "segments.change_segment")
def segment_restore_version(request: HtmxHttpRequest, key: str, number: int) -> HttpResponse:
    """Into the builder; what publishing it would do is shown next."""
    segment = segment_of(key)
    version = get_object_or_404(segment.versions, number=number)
    try:
        open_version(version=version, person=person(request), now=current_time())
    except Refused as refused:
        messages.error(request, " ".join(problem.message for problem in refused.problems))
        return redirect("segment_versions", key)
    except Stale:
        said = "Somebody else was changing the draft at the same moment. Please try again."
        messages.error(request, said)
        return redirect("segment_versions", key)
    said = f"Version {number} is the draft now. Members change only when you publish it."
    messages.success(request, said)
    return redirect("builder_publish", key)
