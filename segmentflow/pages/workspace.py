"""What holds for the whole workspace: its time zone, the demonstration data, what runs here."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from contacts.problems import Conflict, Refused
from events.unknown import are_refused
from segmentflow import __version__, confirm
from segmentflow.clock import current_time, workspace_zone
from segmentflow.demo.control import (
    ask_to_load,
    ask_to_remove,
    demo_state,
    switch_stream,
)
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import TallySubject, Workspace
from segmentflow.pages.second_factor_form import SecondFactorForm
from segmentflow.pages.settings_tabs import GET_OR_POST, SECTION, UNPROCESSABLE
from segmentflow.pages.unknown_types_form import UnknownTypesForm
from segmentflow.pages.zone_form import ZoneForm
from segmentflow.signin import policy
from segmentflow.tallies import total, totals
from segmentflow.workspace import set_unknown_types
from segments.models import Rebuild
from segments.zone import change_zone, is_changing

PAGE = "settings/workspace.html"
SEE = ("segmentflow.view_workspace",)
CHANGE = (*SEE, "segmentflow.change_workspace")


@require_http_methods(GET_OR_POST)
@vary_on_headers("HX-Request")
@needs(*SEE)
def workspace(request: HtmxHttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        return _set_zone(request)
    return _page(request)


@require_POST
@needs(*CHANGE)
def unknown_types(request: HtmxHttpRequest) -> HttpResponse:
    form = UnknownTypesForm(request.POST)
    if not form.is_valid():
        return _page(request, types_form=form, status=UNPROCESSABLE)
    chosen = Workspace.UnknownTypes(form.cleaned_data["unknown_types"])
    set_unknown_types(chosen)
    refused = chosen == Workspace.UnknownTypes.REFUSE
    messages.success(
        request, f"Events of unknown types are {'refused' if refused else 'registered'}."
    )
    return redirect("workspace")


@require_POST
@needs(*CHANGE)
def second_factor_for(request: HtmxHttpRequest) -> HttpResponse:
    """Whoever has to have one and has none sets it up at the next page they open."""
    form = SecondFactorForm(request.POST)
    if not form.is_valid():
        return _page(request, factor_form=form, status=UNPROCESSABLE)
    policy.require_of(form.cleaned_data["roles"])
    messages.success(request, "Saved who needs a second factor.")
    return redirect("workspace")


@needs(*CHANGE)
def _set_zone(request: HtmxHttpRequest) -> HttpResponse:
    form = ZoneForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    name = form.cleaned_data["time_zone"]
    try:
        count = change_zone(name=name)
    except Refused as refused:  # the database knows fewer zones than we do
        form.add_error("time_zone", str(refused))
        return _page(request, form, status=UNPROCESSABLE)
    rebuilt = "1 live segment is" if count == 1 else f"{count} live segments are"
    followed = f" {rebuilt} being computed anew." if count else ""
    messages.success(request, f"The time zone is {name}.{followed}")
    return redirect("workspace")


def _page(
    request: HtmxHttpRequest,
    form: ZoneForm | None = None,
    *,
    types_form: UnknownTypesForm | None = None,
    factor_form: SecondFactorForm | None = None,
    status: int = 200,
) -> HttpResponse:
    kinds = Workspace.UnknownTypes
    chosen = kinds.REFUSE if are_refused() else kinds.REGISTER
    needed = policy.needing()
    context = {
        "section": SECTION,
        "form": form or ZoneForm(initial={"time_zone": workspace_zone().key}),
        "types_form": types_form or UnknownTypesForm(initial={"unknown_types": chosen}),
        "unknown_types": chosen.label,
        "factor_form": factor_form or SecondFactorForm(initial={"roles": list(needed)}),
        "second_factor_for": [label for value, label in policy.CHOICES if value in needed],
        "zone": workspace_zone().key,
        "local_time": current_time().astimezone(workspace_zone()),
        "is_changing": is_changing(),
        "building": Rebuild.objects.filter(state=Rebuild.State.BUILDING).count(),
        "demo": demo_state(),
        **_installation(),
    }
    return render(request, page_or_part(request, PAGE, "now"), context, status=status)


def _installation() -> dict[str, Any]:
    return {
        "version": __version__,
        "database": database_version(),
        "contacts_total": total(TallySubject.CONTACTS),
        "events_total": sum(totals(TallySubject.EVENTS).values()),
    }


def database_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT split_part(current_setting('server_version'), ' ', 1)")
        version: str = cursor.fetchone()[0]
        return version


@require_POST
@needs(*CHANGE)
def demo_load(request: HtmxHttpRequest) -> HttpResponse:
    try:
        ask_to_load()
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        messages.success(request, "The demonstration data is coming in.")
    return redirect("workspace")


@require_POST
@needs(*CHANGE)
def demo_stream(request: HtmxHttpRequest) -> HttpResponse:
    """On with `on=1`, else off."""
    switch_stream(on=request.POST.get("on") == "1")
    return redirect("workspace")


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def demo_remove(request: HtmxHttpRequest) -> HttpResponse:
    back = reverse("workspace")
    if request.method == "POST":
        ask_to_remove()
        messages.success(request, "The demonstration data is being removed.")
        return redirect(back)
    return confirm.ask(
        request,
        title="Remove the demonstration data",
        detail="Everything that came with it goes, and nothing else. This cannot be undone.",
        consequences=[
            "The invented contacts with their events and their places in segments.",
            "The segments, fields and event types that came with them, unless something of yours"
            " uses them.",
        ],
        button="Remove demonstration data",
        back=back,
        is_refused=not demo_state().is_loaded,
        section=SECTION,
    )
