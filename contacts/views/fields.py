"""The fields: those every contact has, and those that admins define."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.built_in import CREATED_AT, SHOWN, BuiltIn
from contacts.field_form import ChangedFieldForm, NewFieldForm
from contacts.fields import delete_field, move_field, place_field
from contacts.filled import Amount, filled, holders
from contacts.models import Field
from contacts.problems import Conflict
from contacts.retyping.converting import as_text
from contacts.retyping.models import FieldChange
from contacts.retyping.running import ENDED
from contacts.retyping.services import current_change, past_changes
from contacts.templatetags.contacts import roughly
from contacts.usage import Use, uses_by_key, uses_of
from contacts.views.asked import SECTION, UNPROCESSABLE, searched
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part, wants_part

PAGE = "contacts/field_list.html"
NEW = "contacts/field_new.html"
EDIT = "contacts/field_edit.html"
SEE = ("contacts.view_field",)
STEPS = {"up": -1, "down": 1}
PLACE_DIGITS: Final = 6
MOST_HISTORY: Final = 10


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def field_list(request: HtmxHttpRequest) -> HttpResponse:
    return render(request, page_or_part(request, PAGE, "fields"), _list_context(searched(request)))


@dataclass(frozen=True, slots=True)
class Row:
    """A field of the list."""

    field: Field | BuiltIn
    uses: Sequence[Use]
    filled: Amount | None = None
    change: FieldChange | None = None
    is_archived: bool = False


def _list_context(words: str = "") -> dict[str, Any]:
    fields, built_in = list(Field.objects.all()), (*SHOWN, CREATED_AT)
    keys = [field.key for field in fields]
    uses = uses_by_key("field", [*keys, *(field.key for field in built_in)])
    amounts = filled(keys) if keys else {}
    changes = {one.field_id: one for one in FieldChange.objects.exclude(state__in=ENDED)}
    rows = [
        Row(
            field,
            uses.get(field.key, []),
            amounts[field.key],
            changes.get(field.pk),
            field.archived_at is not None,
        )
        for field in fields
        if _is_found(field, words)
    ]
    return {
        "section": SECTION,
        "q": words,
        "rows": [row for row in rows if not row.is_archived],
        "archived": [row for row in rows if row.is_archived],
        "built_in": [Row(one, uses.get(one.key, [])) for one in built_in if _is_found(one, words)],
    }


def _is_found(field: Field | BuiltIn, words: str) -> bool:
    said = f"{field.key} {field.label} {field.description}".casefold()
    return all(word in said for word in words.casefold().split())


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
    choices = field.choices
    if request.method == "POST" and (saved := form.save(now=current_time())):
        messages.success(request, f"“{saved}” was saved.")
        _say_still_held(request, saved, [one for one in choices if one not in saved.choices])
        return redirect("field_list")
    context = {
        "section": SECTION,
        "field": field,
        "uses": uses_by_key("field", [key]).get(key, []),
        "filled": filled([key])[key],
        "holders": holders(key=key, type_=field.type, choices=field.choices)
        if field.choices
        else [],
        "change": current_change(field),
        "history": past_changes(field)[:MOST_HISTORY],
        "form": form,
    }
    return render(request, EDIT, context, status=UNPROCESSABLE if form.errors else 200)


def _say_still_held(request: HtmxHttpRequest, field: Field, removed: Sequence[Any]) -> None:
    """A choice that is no longer offered stays with those who have it."""
    if not removed:
        return
    held = holders(key=field.key, type_=field.type, choices=removed)
    for one in held[: len(removed)]:
        if one.amount.count:
            contacts = "contact has" if one.amount.count == 1 else "contacts have"
            messages.warning(
                request,
                f"“{as_text(one.value)}” is no longer offered. {roughly(one.amount).capitalize()}"
                f" {contacts} it and will keep it; programs may still send it.",
            )


@require_POST
@needs(*SEE, "contacts.change_field")
def field_move(request: HtmxHttpRequest, key: str) -> HttpResponse:
    field = get_object_or_404(Field, key=key)
    place = request.POST.get("place", "")
    if place.isascii() and place.isdecimal() and len(place) < PLACE_DIGITS:
        place_field(field=field, place=int(place))
    elif step := STEPS.get(request.POST.get("direction", "")):
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
        detail="It cannot be deleted because these use it. Change or archive them first:"
        if users
        else "The field and every value that contacts have for it will be deleted.",
        consequences=users or _consequences(key),
        button="Delete field",
        back=reverse("field_list"),
        is_refused=bool(users),
        section=SECTION,
    )


def _consequences(key: str) -> list[str]:
    drafts = [use for use in uses_by_key("field", [key]).get(key, []) if use.is_draft]
    return [
        *(f"“{draft.name}” names it in a draft, which has to be mended then." for draft in drafts),
        "This cannot be undone. An archived field keeps its values.",
    ]


def _deleted(request: HtmxHttpRequest, field: Field) -> HttpResponse:
    try:
        delete_field(field=field)
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        messages.success(request, f"The field “{field}” was deleted.")
    return redirect("field_list")
