"""The result beside the canvas, and the values that controls suggest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segments.builder.result import result_of
from segments.builder.suggesting import NOTHING, suggestions_for
from segments.builder.views.shown import NEEDS, Drawing, drawing_for
from segments.conditions.edit import EditError
from segments.conditions.nodes import Group
from segments.engine.counting import (
    Cancelled,
    Counted,
    TooSlow,
    cancel_counts,
    count_exactly,
    count_quickly,
)
from segments.models import Segment
from segments.views.shown import searched

RESULT = "builder/_result.html"
VALUES = "builder/_values.html"


@require_safe
@needs(*NEEDS)
def builder_result(request: HtmxHttpRequest, key: str) -> HttpResponse:
    """At first what takes no longer than a moment; with `exact`, however long that takes."""
    drawing = drawing_for(key)
    if "exact" in request.GET:
        found = _counted_exactly(request, drawing)
        if found is None:
            return HttpResponse(status=204)  # the page asks again
    else:
        cancel_count_of(request, drawing.opened.segment)
        found = counted_quickly(drawing)
    about = {"segment": drawing.opened.segment, "opened": drawing.opened}
    return render(request, RESULT, found | about)


one_at_a_time = BoundedSemaphore()
"""Exact counts take long: they may hold one of a web process's threads, never all of them."""


def _counted_exactly(request: HtmxHttpRequest, drawing: Drawing) -> dict[str, Any] | None:
    """None when it was given up for a newer change, or while another one is being made."""
    if not one_at_a_time.acquire(blocking=False):
        return None
    token = _token(request, drawing.opened.segment)
    try:
        return _counted(drawing, partial(count_exactly, now=current_time(), token=token))
    except Cancelled:
        return None
    except TooSlow:
        return counted_quickly(drawing) | {"is_refined": True}
    finally:
        one_at_a_time.release()


def counted_quickly(drawing: Drawing) -> dict[str, Any]:
    """The context of the result, as far as it is known within a moment."""
    try:
        return _counted(drawing, partial(count_quickly, now=current_time()))
    except TooSlow:
        return {"is_too_slow": True}


def _counted(drawing: Drawing, count: Callable[[Group], Counted]) -> dict[str, Any]:
    result = result_of(
        tree=drawing.opened.tree,
        reading=drawing.reading,
        labels=drawing.vocabulary.labels,
        count=count,
        now=current_time(),
    )
    return {"result": result, "is_uncountable": result is None}


def cancel_count_of(request: HtmxHttpRequest, segment: Segment) -> None:
    """What this person still counts for an older state of the draft is of no use."""
    cancel_counts(token=_token(request, segment))


def _token(request: HtmxHttpRequest, segment: Segment) -> str:
    session = sha256((request.session.session_key or "").encode()).hexdigest()[:12]
    return f"{segment.pk}-{session}"


@require_safe
@needs(*NEEDS, "contacts.view_contact")
def builder_values(request: HtmxHttpRequest, key: str) -> HttpResponse:
    """Real values for one control of one condition, the most frequent first."""
    drawing = drawing_for(key)
    node, name = request.GET.get("node", ""), request.GET.get("name", "")
    try:
        found = suggestions_for(
            tree=drawing.opened.tree,
            node_id=node,
            name=name,
            words=searched(request),
            vocabulary=drawing.vocabulary,
        )
    except EditError as error:
        raise Http404(str(error)) from None
    except TooSlow:
        found = NOTHING
    return render(request, VALUES, {"suggestions": found})
