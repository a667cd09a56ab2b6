"""Event types: how much of each there is, what they carry, and what people call them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.problems import Conflict
from contacts.usage import uses_by_key
from events import listed
from events.feed import newest_events
from events.forms import EventTypeForm, NewEventTypeForm
from events.models import EventType
from events.sampled import Sample, sample_events
from events.unknown import are_refused, refused_types
from events.views.asked import SECTION, searched
from events.views.shown import shown_events
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part, wants_part

LIST = "events/event_type_list.html"
DETAIL = "events/event_type_detail.html"
NEW = "events/event_type_new.html"
SEE = ("events.view_eventtype",)
SEE_EVENTS = ("events.view_event", "contacts.view_contact")
CHANGE = "events.change_eventtype"
TYPES_A_PAGE = 50
LATEST = 10
MOST_REFUSED = 20
RANGES = {"30": 30, "90": 90, "365": 365}
USUAL_RANGE = 30
GET_OR_POST = ["GET", "HEAD", "POST"]


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def event_type_list(request: HtmxHttpRequest) -> HttpResponse:
    search, sort = searched(request), request.GET.get("sort", "")
    sort = sort if sort.removeprefix("-") in listed.SORTS else "name"
    archived = request.GET.get("state") == "archived"
    found = listed.in_order(listed.matching_types(search=search, archived=archived), sort)
    page = Paginator(found, TYPES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "rows": listed.with_details(list(page), today=_today()),
        "days": listed.DAYS,
        "q": search,
        "archived": archived,
        "sort": sort,
        "is_narrowed": bool(search or archived),
        "refused": refused_types()[:MOST_REFUSED],
        "are_refused": are_refused(),
    }
    return render(request, page_or_part(request, LIST, "types"), context)


@require_http_methods(GET_OR_POST)
@vary_on_headers("HX-Request")
@needs(*SEE, *SEE_EVENTS)
def event_type_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    event_type = get_object_or_404(EventType.objects.select_related("filling"), pk=pk)
    if wants_part(request):
        return render(request, page_or_part(request, DETAIL, "filling"), _filling(event_type))
    sample = sample_events(event_type)
    form = EventTypeForm(instance=event_type, sample=sample)
    if request.method == "POST":
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied("Only admins change event types.")
        form = EventTypeForm(request.POST, instance=event_type, sample=sample)
        if form.is_valid():
            messages.success(request, f"“{form.apply()}” is saved.")
            return redirect("event_type_detail", pk=pk)
        event_type = EventType.objects.select_related("filling").get(
            pk=pk
        )  # the form has written into the other one
    context = {**_detail(request, event_type, sample), "form": form}
    return render(request, DETAIL, context, status=422 if form.errors else 200)


@require_http_methods(GET_OR_POST)
@needs("events.add_eventtype")
def event_type_new(request: HtmxHttpRequest) -> HttpResponse:
    form = NewEventTypeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            event_type = form.apply()
        except Conflict as conflict:  # somebody has just sent the first one
            form.add_error("key", str(conflict))
        else:
            messages.success(request, f"“{event_type}” is registered.")
            return redirect("event_type_detail", pk=event_type.pk)
    context = {"section": SECTION, "form": form, "are_refused": are_refused()}
    return render(request, NEW, context, status=422 if form.errors else 200)


def _filling(event_type: EventType) -> dict[str, Any]:
    """How far the value attribute has been copied."""
    return {
        "type": event_type,
        "filling": getattr(event_type, "filling", None),
        "total": listed.stored_events(event_type),
    }


def _detail(request: HtmxHttpRequest, event_type: EventType, sample: Sample) -> dict[str, Any]:
    days = RANGES.get(request.GET.get("days", ""), USUAL_RANGE)
    today = _today()
    return {
        "section": SECTION,
        **_filling(event_type),
        "sample": sample,
        "number_percent": sample.number_percent(event_type.value_attribute),
        "ranges": RANGES.values(),
        "days": days,
        "volume": listed.volume(event_type, first=today - timedelta(days=days - 1), last=today),
        "attributes": listed.discovered(event_type, sample),
        "uses": uses_by_key("event", [event_type.key]).get(event_type.key, []),
        "events": shown_events(newest_events(types=[event_type.pk], limit=LATEST)),
    }


def _today() -> date:
    return current_time().astimezone(workspace_zone()).date()
