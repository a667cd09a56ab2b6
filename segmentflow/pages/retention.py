"""For how long events are kept, by type: what would be erased, and which segments would notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from events.keeping import foretell, keep_for, oldest_events, pause_erasing
from events.models import EventType, Retention
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part, wants_part
from segmentflow.models import TallySubject
from segmentflow.pages.retention_form import RetentionForm
from segmentflow.pages.settings_tabs import GET_OR_POST, SECTION, UNPROCESSABLE, searched
from segmentflow.tallies import totals
from segments.keeping.moves import current_retention
from segments.lookback import Looker, lookers

LIST = "settings/retention_list.html"
EDIT = "settings/retention_edit.html"
TYPES_A_PAGE = 50
SEE = ("events.view_retention", "events.view_eventtype")
CHANGE = (*SEE, "events.change_retention")
SORTS = ("name", "total", "oldest", "kept")


@dataclass(frozen=True, slots=True)
class Row:
    type: EventType
    total: int
    oldest: datetime | None
    retention: Retention | None
    lookers: list[Looker]

    @property
    def months(self) -> int | None:
        return self.retention.months if self.retention else None

    @property
    def beyond(self) -> list[Looker]:
        """The segments that look further back than events are kept."""
        return [one for one in self.lookers if one.is_beyond(self.months)]


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def retention_list(request: HtmxHttpRequest) -> HttpResponse:
    words, sort = searched(request), request.GET.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTS else "name"
    rows = _rows(words)
    rows.sort(key=lambda row: _place(row, sort.removeprefix("-")), reverse=sort.startswith("-"))
    page = Paginator(rows, TYPES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "rows": _with_lookers(list(page)),
        "q": words,
        "sort": sort,
        "moves": current_retention(),
    }
    return render(request, page_or_part(request, LIST, "types"), context)


def _rows(words: str) -> list[Row]:
    """By name, without the segments."""
    types = EventType.objects.defer("attributes").select_related("retention")
    if words:
        types = types.filter(Q(key__icontains=words) | Q(label__icontains=words))
    found = sorted(types, key=lambda one: str(one).casefold())
    counted, oldest = totals(TallySubject.EVENTS), oldest_events([one.pk for one in found])
    return [
        Row(one, counted.get(one.pk, 0), oldest.get(one.pk), getattr(one, "retention", None), [])
        for one in found
    ]


def _place(row: Row, sort: str) -> Any:
    match sort:
        case "total":
            return row.total
        case "oldest":
            return row.oldest or current_time()
        case "kept":
            return row.months or float("inf")
        case _:
            return str(row.type).casefold()


def _with_lookers(rows: list[Row]) -> list[Row]:
    found = lookers([row.type.key for row in rows]) if rows else {}
    return [
        Row(row.type, row.total, row.oldest, row.retention, found.get(row.type.key, []))
        for row in rows
    ]


@require_http_methods(GET_OR_POST)
@vary_on_headers("HX-Request")
@needs(*CHANGE)
def retention_edit(request: HtmxHttpRequest, pk: int) -> HttpResponseBase:
    """First what a choice would do (`?months=`), then, by POST, the choice itself."""
    event_type = get_object_or_404(EventType.objects.select_related("retention"), pk=pk)
    retention: Retention | None = getattr(event_type, "retention", None)
    given = request.POST if request.method == "POST" else request.GET
    asked = "months" in given
    initial = {"months": retention.months if retention else None}
    form = (
        RetentionForm(given)
        if asked or request.method == "POST"
        else RetentionForm(initial=initial)
    )
    if request.method == "POST" and form.is_valid():
        months = form.cleaned_data["months"]
        keep_for(event_type=event_type, months=months)
        messages.success(request, f"“{event_type}”: {_said(months)}")
        return redirect("retention_edit", pk=pk)
    [row] = _with_lookers(
        [
            Row(
                event_type,
                totals(TallySubject.EVENTS).get(pk, 0),
                oldest_events([pk]).get(pk),
                retention,
                [],
            )
        ]
    )
    is_sound = asked and form.is_valid()
    context = {
        "section": SECTION,
        "row": row,
        "form": form,
        "preview": _preview(row, form.cleaned_data["months"]) if is_sound else None,
    }
    # The part that refreshes itself has no form.
    status = UNPROCESSABLE if form.errors and not wants_part(request) else 200
    return render(request, page_or_part(request, EDIT, "state"), context, status=status)


def _said(months: int | None) -> str:
    if months is None:
        return "events are kept for ever."
    return f"events are kept for {months} month{'' if months == 1 else 's'}."


def _preview(row: Row, months: int | None) -> dict[str, Any]:
    """What would happen; None: kept for ever, so nothing does."""
    if months is None:
        return {"months": None}
    now, zone = current_time(), workspace_zone()
    foretold = foretell(event_type=row.type, months=months, now=now, zone=zone)
    beyond = [one for one in row.lookers if one.is_beyond(months)]
    return {
        "months": months,
        "before": foretold.before,
        "events": foretold.events,
        "beyond": beyond,
        "within": [one for one in row.lookers if one not in beyond],
    }


@require_POST
@needs(*CHANGE)
def retention_pause(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """With `on=1`, else it goes on."""
    event_type = get_object_or_404(EventType, pk=pk)
    pause_erasing(event_type=event_type, is_paused=request.POST.get("on") == "1")
    return redirect("retention_edit", pk=pk)
