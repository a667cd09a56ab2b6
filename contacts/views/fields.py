"""The fields: those every contact has, and those that admins define."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.built_in import CREATED_AT, SHOWN
from contacts.field_form import ChangedFieldForm, NewFieldForm
from contacts.fields import delete_field, move_field
from contacts.models import Field
from contacts.problems import Conflict
from contacts.usage import uses_by_key, uses_of
from contacts.views.asked import SECTION, UNPROCESSABLE
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part, wants_part

PAGE = "contacts/field_list.html"
NEW = "contacts/field_new.html"
EDIT = "contacts/field_edit.html"
SEE = ("contacts.view_field",)
STEPS = {"up": -1, "down": 1}


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def field_list(request: HtmxHttpRequest) -> HttpResponse:
    return render(request, page_or_part(request, PAGE, "fields"), _list_context())


def _list_context() -> dict[str, Any]:
    fields, built_in = list(Field.objects.all()), (*SHOWN, CREATED_AT)
    keys = [*(field.key for field in fields), *(field.key for field in built_in)]
    uses = uses_by_key("field", keys)
    return {
        "section": SECTION,
        "fields": [(field, uses.get(field.key, [])) for field in fields],
        "built_in": [(field, uses.get(field.key, [])) for field in built_in],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "contacts.add_field")
def field_new(request: HtmxHttpRequest) -> HttpResponse:
    form = NewFieldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (field := form.save(now=current_time())):
        messages.success(request, f"“{field}” can now be sent, and used in segments.")
        return redirect("field_list")
    context = {"section": SECTION, "form": form}
    return render(request, NEW, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "contacts.change_field")
def field_edit(request: HtmxHttpRequest, key: str) -> HttpResponse:
    field = get_object_or_404(Field, key=key)
    form = ChangedFieldForm(request.POST if request.method == "POST" else None, field=field)
    if request.method == "POST" and (saved := form.save(now=current_time())):
        messages.success(request, f"“{saved}” was saved.")
        return redirect("field_list")
    context = {
        "section": SECTION,
        "field": field,
        "uses": uses_by_key("field", [key]).get(key, []),
        "form": form,
    }
    return render(request, EDIT, context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@needs(*SEE, "contacts.change_field")
def field_move(request: HtmxHttpRequest, key: str) -> HttpResponse:
    field = get_object_or_404(Field, key=key)
    if step := STEPS.get(request.POST.get("direction", "")):
        move_field(field=field, step=step)
    if wants_part(request):
        return render(request, f"{PAGE}#fields", _list_context())
    return redirect("field_list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "contacts.delete_field")
def field_delete(request: HtmxHttpRequest, key: str) -> HttpResponse:
    field = get_object_or_404(Field, key=key)
    if request.method == "POST":
        return _deleted(request, field)
    users = uses_of("field", key)
    return confirm.ask(
        request,
        title=f"Delete the field “{field}”",
        detail="Segments use it, so it cannot be deleted. Change or archive them first:"
        if users
        else "The field and every value that contacts have for it will be deleted.",
        consequences=[f"“{user}”" for user in users]
        or ["This cannot be undone. An archived field keeps its values."],
        button="Delete field",
        back=reverse("field_list"),
        is_refused=bool(users),
        section=SECTION,
    )


def _deleted(request: HtmxHttpRequest, field: Field) -> HttpResponse:
    try:
        delete_field(field=field)
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        messages.success(request, f"The field “{field}” was deleted.")
    return redirect("field_list")
