"""What a segment was described as, from the first time to now."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segments.copying import restore_version
from segments.models import Segment
from segments.services import InvalidDefinition, Refused
from segments.versions import described_versions, versions_of
from segments.views.shown import SEE_VERSIONS, person, segment_context, segment_of

PAGE = "segments/segment_versions.html"
VERSIONS_A_PAGE = 20


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


@require_POST
@needs(*SEE_VERSIONS, "segments.change_segment")
def segment_restore_version(request: HtmxHttpRequest, key: str, number: int) -> HttpResponse:
    segment = segment_of(key)
    version = get_object_or_404(segment.versions, number=number)
    try:
        changed = restore_version(version=version, author=person(request), now=current_time())
    except (InvalidDefinition, Refused) as refused:
        said = " ".join(problem.message for problem in refused.problems)
        messages.error(request, f"Version {number} cannot be published any more. {said}")
        return redirect("segment_versions", key)
    messages.success(request, _restored(changed, number))
    return redirect("segment_versions", key)


def _restored(segment: Segment, number: int) -> str:
    if segment.status == Segment.Status.LIVE:
        return f"Version {number} was published again. The members are being found."
    return f"Version {number} waits, and is published when the segment goes live."
