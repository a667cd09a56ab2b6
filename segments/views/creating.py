"""A new segment: named first, described in the builder then."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segments import services
from segments.copying import free_key_for
from segments.forms import NewSegmentForm
from segments.models import Segment
from segments.views.shown import SECTION, SEE, person

PAGE = "segments/segment_new.html"
UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "segments.add_segment", "segments.change_segment")
def segment_new(request: HtmxHttpRequest) -> HttpResponse:
    form = NewSegmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        segment = services.create_segment(
            key=free_key_for(form.cleaned_data["name"]),
            **form.cleaned_data,
            status=Segment.Status.DRAFT,
            author=person(request),
            now=current_time(),
        )
        return redirect("builder", segment.key)
    context = {"section": SECTION, "form": form}
    return render(request, PAGE, context, status=UNPROCESSABLE if form.errors else 200)
