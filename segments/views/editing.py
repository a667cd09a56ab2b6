"""Changing what is said about a segment besides its definition."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segments import services
from segments.forms import DetailsForm
from segments.views.shown import SEE, person, segment_context, segment_of

PAGE = "segments/segment_edit_details.html"
UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "segments.change_segment")
def segment_edit_details(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    form = DetailsForm(request.POST or None, segment=segment)
    if request.method == "POST" and form.is_valid():
        services.update_segment(
            segment=segment, **form.cleaned_data, author=person(request), now=current_time()
        )
        messages.success(request, "The details were saved.")
        return redirect("segment_detail", key)
    context = segment_context(segment) | {"form": form}
    return render(request, PAGE, context, status=UNPROCESSABLE if form.errors else 200)
