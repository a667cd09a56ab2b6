"""Another type for a field: chosen, checked, begun, watched."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.files.writing import download
from contacts.models import Contact, Field, FieldTypes
from contacts.problems import Conflict, Problem, Refused
from contacts.retyping.converting import TARGETS
from contacts.retyping.hooks import objections
from contacts.retyping.models import FieldChange
from contacts.retyping.running import AT_WORK
from contacts.retyping.services import (
    begin_change,
    cancel_change,
    check_change,
    current_change,
    last_change,
)
from contacts.retyping.taking import has_unconverted, unconverted_lines
from contacts.usage import uses_by_key
from contacts.views.asked import SECTION, UNPROCESSABLE
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import User

PAGE: Final = "contacts/field_type.html"
RIGHTS: Final = ("contacts.view_field", "contacts.change_field", "contacts.view_contact")

State = FieldChange.State


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*RIGHTS)
def field_type(request: HtmxHttpRequest, key: str) -> HttpResponse:
    field = get_object_or_404(Field, key=key)
    if request.method != "POST":
        return _page(request, field)
    try:
        _do(request, field)
    except Refused as refused:
        return _page(request, field, refused.problems, status=UNPROCESSABLE)
    except Conflict as conflict:
        messages.error(request, str(conflict))
    return redirect("field_type", key)


def _do(request: HtmxHttpRequest, field: Field) -> None:
    now, action = current_time(), request.POST.get("action", "")
    change = current_change(field)
    if action == "check":
        check_change(
            field=field,
            type_=request.POST.get("type", ""),
            style=request.POST.get("style", ""),
            author=request.user if isinstance(request.user, User) else None,
            now=now,
        )
    elif change is None:
        raise Conflict("It has ended already.")
    elif action == "begin":
        begin_change(change=change, removes=request.POST.get("unfit") == "remove", now=now)
    elif action == "cancel":
        cancel_change(change=change, now=now)


def _page(
    request: HtmxHttpRequest, field: Field, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    change = current_change(field)
    context: dict[str, Any] = {"section": SECTION, "field": field, "change": change}
    if change is None or problems:
        context |= _choices(request, field, problems)
    else:
        context |= _state(field, change)
    return render(request, page_or_part(request, PAGE, "change"), context, status=status)


def _choices(
    request: HtmxHttpRequest, field: Field, problems: tuple[Problem, ...]
) -> dict[str, Any]:
    targets = TARGETS[field.type]
    asked = request.POST.get("type") or request.GET.get("to", "")
    chosen = asked if asked in targets else ""
    return {
        "change": None,
        "targets": [(type_, FieldTypes(type_).label) for type_ in targets],
        "chosen": chosen,
        "chosen_label": FieldTypes(chosen).label if chosen else "",
        "styles": list(targets[chosen].items()) if chosen else [],
        "style": request.POST.get("style", ""),
        "objections": objections(field.key, chosen) if chosen else [],
        "uses": uses_by_key("field", [field.key]).get(field.key, []),
        "problems": [problem.message for problem in problems],
        "last": last_change(field),
    }


def _state(field: Field, change: FieldChange) -> dict[str, Any]:
    found = objections(field.key, change.after) if change.state == State.READY else []
    return {
        "is_active": change.state in AT_WORK,
        "style_label": TARGETS[change.before][change.after].get(change.style, ""),
        "objections": found,
        "is_forbidden": any(not said.is_draft for said in found),
        "after_label": FieldTypes(change.after).label,
        "unfit": _with_contacts(change.problems) if change.state == State.READY else [],
    }


def _with_contacts(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the contacts that are still there, in place of their ids."""
    ids = {pk for one in problems for pk in one["contacts"]}
    known = Contact.objects.defer("attributes").in_bulk(ids)
    return [
        {**one, "contacts": [known[pk] for pk in one["contacts"] if pk in known]}
        for one in problems
    ]


@require_safe
@needs(*RIGHTS)
def field_type_values(request: HtmxHttpRequest, key: str, pk: int) -> HttpResponseBase:
    """The values that do not convert, or that were removed, as CSV."""
    change = get_object_or_404(FieldChange.objects.select_related("field"), pk=pk, field__key=key)
    if not has_unconverted(change):
        raise Http404("There are no such values any more.")
    said, now = "values that do not convert", current_time()
    record(action="downloaded", kind="field", key=key, name=change.field, said=said, now=now)
    return download(unconverted_lines(change), name=f"{key}-{pk}.csv", kind="csv")
