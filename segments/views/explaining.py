"""Why a contact is in a segment or not, what time alone will change, and why it came and went."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.models import Contact
from contacts.search import contacts_found
from events.profile import timeline_from
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.catalog import current_labels
from segments.explained import (
    FOLLOWED,
    SUPPOSED,
    foretold,
    reason,
    turned_told,
    verdict_of,
    verdict_then,
)
from segments.insight import explainable, insight
from segments.models import Segment, Transition
from segments.moved import story_of
from segments.views.shown import SEE_ACTIVITY, SEE_MEMBERS, searched, segment_context, segment_of

PAGE = "segments/segment_explain.html"
MOVE = "segments/segment_move.html"
PARTS = ("found", "explained")
"""The target of a request says which one is asked for."""
SEE_WHY = (*SEE_MEMBERS, *SEE_ACTIVITY)
FOUND = 8


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@needs(*SEE_WHY)
def segment_explain(
    request: HtmxHttpRequest, key: str, contact_id: int | None = None
) -> HttpResponse:
    """For one contact, or, without one, the search for it."""
    segment, words = segment_of(key), searched(request)
    contact = _contact(contact_id) if contact_id is not None else None
    part = request.htmx.target if request.htmx.target in PARTS else PARTS[0]
    template = page_or_part(request, PAGE, part)
    context = segment_context(segment) | {"q": words, "contact": contact}
    if words and template != f"{PAGE}#explained":
        context["found"] = list(contacts_found(words).defer("attributes").order_by("-pk")[:FOUND])
    if contact and template != f"{PAGE}#found":
        context |= _explained(segment, contact)
    if template == PAGE:
        context["choices"] = explainable().exclude(pk=segment.pk)
    return render(request, template, context)


@require_safe
@needs(*SEE_WHY)
def explain_choose(request: HtmxHttpRequest, contact_id: int) -> HttpResponse:
    """From a form that names the segment to its page; nothing chosen leads back."""
    key = request.GET.get("segment", "")
    if not key:
        return redirect("contact_detail", _contact(contact_id).pk)
    segment = get_object_or_404(Segment, key=key.replace("\0", ""))
    return redirect("segment_explain", segment.key, contact_id)


@require_safe
@needs(*SEE_WHY, "events.view_event", "events.view_eventtype")
def segment_move(request: HtmxHttpRequest, key: str, contact_id: int, seq: int) -> HttpResponse:
    """One time that the contact entered or left."""
    segment, contact = segment_of(key), _contact(contact_id)
    moved = Transition.objects.select_related("segment")
    row = get_object_or_404(moved, segment=segment, contact=contact, seq=seq)
    story, labels = story_of(row, contact=contact), current_labels()
    at = story.passed.at if story.passed else row.at
    context = segment_context(segment) | {
        "contact": contact,
        "story": story,
        "turned": turned_told(story.passed, labels=labels) if story.passed else [],
        "verdict": verdict_then(story.then, labels=labels, at=at) if story.then else None,
        "timeline": timeline_from(story.events[0].entry) if story.events else "",
    }
    return render(request, MOVE, context)


def _contact(contact_id: int) -> Contact:
    return get_object_or_404(Contact.objects.defer("attributes"), pk=contact_id)


def _explained(segment: Segment, contact: Contact) -> dict[str, Any]:
    now, labels = current_time(), current_labels()
    found = insight(segment=segment, contact=contact, now=now)
    context: dict[str, Any] = {"insight": found}
    if one := found.explanation:
        context |= {
            "reason": reason(one, labels=labels, now=now),
            "verdict": verdict_of(one, labels=labels, now=now),
            "foretold": foretold(one, labels, FOLLOWED if found.is_followed else SUPPOSED),
        }
    return context
