"""Exports are set up, changed, asked for, paused and deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from contacts.problems import Conflict, Refused
from outbound.exports import services
from outbound.exports.forms import ExportForm, initial
from outbound.exports.models import Export
from outbound.exports.views.pages import CHANGE, SEE, export_of
from outbound.exports.wanted import wanted_of
from segmentflow import confirm
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs
from segments.models import Segment
from segments.views.shown import person, searched

FORM = "outbound/export_form.html"
UNPROCESSABLE = 422
GET_OR_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_OR_POST)
@needs(*SEE, "outbound.add_export")
def export_new(request: HtmxHttpRequest) -> HttpResponse:
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        zone=workspace_zone().key,
        initial=initial(None) | {"segment": searched(request, "segment")},
    )
    if form.is_valid():
        try:
            export = services.create_export(
                segment=form.cleaned_data["segment"],
                wanted=form.wanted,
                author=person(request),
                now=current_time(),
            )
        except (Refused, Conflict) as problem:
            _say(form, problem)
        else:
            messages.success(request, "The export is set up.")
            return redirect("export_detail", export.pk)
    asked_for = Segment.objects.filter(key=searched(request, "segment")).first()
    return _form(request, form, {"segment_key": asked_for.key if asked_for else ""})


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def export_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    export = export_of(pk)
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        zone=workspace_zone().key,
        export=export,
        initial=initial(wanted_of(export)),
    )
    if form.is_valid():
        try:
            services.change_export(export=export, wanted=form.wanted, now=current_time())
        except (Refused, Conflict) as problem:
            _say(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("export_detail", pk)
    return _form(request, form, {"export": export})


def _say(form: ExportForm, problem: Refused | Conflict) -> None:
    if isinstance(problem, Refused):
        form.refuse(problem)
    else:
        form.add_error(None, str(problem))


def _form(request: HtmxHttpRequest, form: ExportForm, context: dict[str, Any]) -> HttpResponse:
    status = UNPROCESSABLE if form.errors else 200
    return render(request, FORM, {"section": "segments", "form": form, **context}, status=status)


@require_POST
@needs(*CHANGE)
def export_run(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    try:
        services.run_now(export=export_of(pk), by=person(request), now=current_time())
    except Conflict as problem:
        messages.info(request, str(problem))
    else:
        messages.success(request, "The file is written as soon as a worker is free.")
    return redirect("export_detail", pk)


@require_POST
@needs(*CHANGE)
def export_pause(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    services.pause_export(export=export_of(pk), now=current_time())
    messages.success(request, "Paused. It runs only when somebody asks for it.")
    return redirect("export_detail", pk)


@require_POST
@needs(*CHANGE)
def export_resume(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    try:
        services.resume_export(export=export_of(pk), now=current_time())
    except Conflict as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "It runs at its times again.")
    return redirect("export_detail", pk)


@require_http_methods(GET_OR_POST)
@needs(*SEE, "outbound.delete_export")
def export_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    export = export_of(pk)
    if request.method == "POST":
        services.delete_export(export=export)
        messages.success(request, f"The export “{export.name}” was deleted.")
        return redirect("segment_exports", export.segment.key)
    is_file = export.place == Export.Place.FOLDER
    return confirm.ask(
        request,
        title=f"Delete the export “{export.name}”",
        detail="It is not written any more:",
        consequences=[
            "The log of its runs is deleted as well.",
            *(["Files that lie in the folder stay there."] if is_file else []),
        ],
        button="Delete export",
        back=reverse("export_detail", args=[pk]),
        section="segments",
    )
