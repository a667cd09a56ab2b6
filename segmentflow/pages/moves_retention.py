"""For how long the log of who entered and left segments is kept, and what would be erased."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part, wants_part
from segmentflow.pages.retention_form import MovesForm
from segmentflow.pages.settings_tabs import GET_OR_POST, SECTION, UNPROCESSABLE
from segments.keeping.moves import (
    current_retention,
    foretell_moves,
    keep_moves_for,
    logged_since,
    pause_erasing_moves,
)

PAGE = "settings/retention_moves.html"
CHANGE = (
    *("events.view_retention", "segments.view_moveretention"),
    "segments.change_moveretention",
)


@require_http_methods(GET_OR_POST)
@vary_on_headers("HX-Request")
@needs(*CHANGE)
def moves_retention(request: HtmxHttpRequest) -> HttpResponseBase:
    """First what a choice would do (`?months=`), then, by POST, the choice itself."""
    given = request.POST if request.method == "POST" else request.GET
    is_asked, kept = "months" in given or request.method == "POST", current_retention()
    form = MovesForm(given) if is_asked else MovesForm(initial={"months": kept.months})
    if request.method == "POST" and form.is_valid():
        months = form.cleaned_data["months"]
        keep_moves_for(months=months)
        messages.success(request, _said(months))
        return redirect("moves_retention")
    is_sound = is_asked and form.is_valid()
    context = {
        "section": SECTION,
        "form": form,
        "kept": kept,
        "logged_since": logged_since(),
        "preview": _preview(form.cleaned_data["months"]) if is_sound else None,
    }
    # The part that refreshes itself has no form.
    status = UNPROCESSABLE if is_asked and form.errors and not wants_part(request) else 200
    return render(request, page_or_part(request, PAGE, "state"), context, status=status)


@require_POST
@needs(*CHANGE)
def moves_retention_pause(request: HtmxHttpRequest) -> HttpResponse:
    """With `on=1`, else it goes on."""
    pause_erasing_moves(is_paused=request.POST.get("on") == "1")
    return redirect("moves_retention")


def _said(months: int | None) -> str:
    if months is None:
        return "Moves are kept for ever."
    return f"Moves are kept for {months} month{'' if months == 1 else 's'}."


def _preview(months: int | None) -> dict[str, Any]:
    """What would happen; without months nothing does."""
    if months is None:
        return {"months": None}
    found = foretell_moves(months=months, now=current_time(), zone=workspace_zone())
    return {"months": months, "before": found.before, "moves": max(0, found.moves)}
