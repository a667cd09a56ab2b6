"""Publishing a draft: first what will happen, then it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts.problems import Conflict, Refused
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.limits import TooSlow
from segments.builder.drafts import Stale, publish_draft
from segments.builder.views.shown import (
    NEEDS,
    UNPROCESSABLE,
    Drawing,
    buildable,
    drawing_for,
    overtaken,
)
from segments.conditions.difference import Difference, difference
from segments.conditions.nodes import Group
from segments.conditions.problems import InvalidDefinition
from segments.engine.moves import moves
from segments.models import Segment
from segments.selectors import parsed_versions
from segments.usage import uses_of_segment
from segments.versions import versions_of
from segments.views.shown import number_of, person

PAGE = "builder/builder_publish.html"


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing does to the members."""

    is_first: bool
    entering: int
    leaving: int
    after: int
    is_exact: bool


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*NEEDS)
def builder_publish(request: HtmxHttpRequest, key: str) -> HttpResponse:
    if request.method == "POST":
        return _publish(request, buildable(key))
    drawing = drawing_for(key)
    context = drawing.around() | _consequences(drawing)
    return render(request, page_or_part(request, PAGE, "publish"), context)


def _consequences(drawing: Drawing) -> dict[str, Any]:
    segment, group = drawing.opened.segment, drawing.reading.group
    if group is None or not drawing.reading.is_complete:
        return {"is_empty": not drawing.opened.tree["children"]}
    return {
        "preview": _preview(segment, group),
        "difference": _difference(segment, group, drawing),
        "uses": [use for use in uses_of_segment(segment.key) if not use.is_over],
    }


def _preview(segment: Segment, group: Group) -> Preview | None:
    """None when even an estimate takes too long."""
    try:
        found = moves(group, segment=segment, now=current_time())
    except TooSlow:
        return None
    return Preview(
        is_first=segment.live_version_id is None,
        entering=found.entering,
        leaving=found.leaving,
        after=found.entering + found.staying,
        is_exact=found.is_exact,
    )


def _difference(segment: Segment, group: Group, drawing: Drawing) -> Difference | None:
    """To the newest version; None when there is none, or when it cannot be read any more."""
    newest = versions_of(segment).first()
    old = parsed_versions({newest.pk: newest.pk}).get(newest.pk) if newest else None
    return difference(old, group, drawing.vocabulary.labels) if old else None


def _publish(request: HtmxHttpRequest, segment: Segment) -> HttpResponse:
    revision = number_of(request.POST.get("revision"))
    try:
        if revision is None:
            raise Refused([])
        segment = publish_draft(
            segment=segment, revision=revision, person=person(request), now=current_time()
        )
    except Stale as stale:
        return overtaken(request, stale)
    except InvalidDefinition:
        drawing = drawing_for(segment.key)
        context = drawing.around() | _consequences(drawing)
        return render(request, PAGE, context, status=UNPROCESSABLE)
    except Refused as refused:
        said = " ".join(problem.message for problem in refused.problems)
        messages.error(request, said or "Look at what will happen first, then publish.")
        return redirect("builder", segment.key)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return redirect("builder", segment.key)
    messages.success(request, f"“{segment.name}” is published. Its members are being found.")
    return redirect("segment_detail", segment.key)
