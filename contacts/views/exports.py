"""Contacts to take away: which fields, in which form, then the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.columns import all_columns, chosen_columns
from contacts.exporting import KINDS, export_lines, exportable
from contacts.files.writing import download
from contacts.narrowing import Choice, narrowings
from contacts.personal import everything, may_export
from contacts.selecting import Selection
from contacts.views.asked import (
    SECTION,
    SEE,
    UNPROCESSABLE,
    contact_of,
    ids_of,
    person,
    selection_of,
)
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs

PAGE = "contacts/contact_export.html"
ALWAYS: Final = ("external_id", "email", "first_name", "last_name")
"""Ticked from the start: whoever takes contacts away wants to know who they are."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE)
def contact_export(request: HtmxHttpRequest) -> HttpResponseBase:
    """The contacts of a list that is searched, narrowed and filtered as in this address.

    With `id`, these of them alone.
    """
    selection = selection_of(request)
    if "id" in request.GET:
        selection = replace(selection, ids=ids_of(request.GET.getlist("id")))
    problem = selection.filtered.problem if selection.filtered else ""
    columns = exportable()
    if request.method == "POST" and not problem:
        wanted = {*request.POST.getlist("column")}
        chosen = [name for name, _ in columns if name in wanted]
        kind = request.POST.get("kind", "")
        if chosen and kind in KINDS:
            lines = export_lines(kind=kind, columns=chosen, selection=selection)
            name = "-".join(["contacts", *_safe(selection.by)])
            _note(kind, chosen, selection)
            return download(lines, name=name, kind=kind)
    context = {
        "section": SECTION,
        "columns": columns,
        "ticked": _ticked(request),
        "kinds": KINDS.items(),
        "q": selection.words,
        "selection": selection,
        "choices": _choices(selection.by),
        "problem": problem,
        "is_refused": request.method == "POST" and not problem,
    }
    is_wrong = problem or context["is_refused"]
    return render(request, PAGE, context, status=UNPROCESSABLE if is_wrong else 200)


def _note(kind: str, columns: Sequence[str], selection: Selection) -> None:
    """What somebody looked for may be a person's name or address, so it is not kept."""
    which = "some that were ticked" if selection.ids is not None else "all of a list"
    changes: dict[str, list[Any]] = {
        "columns": [None, list(columns)],
        "of": [None, [f"{name} {value}" for name, value in selection.by.items()]],
        "searched": [None, bool(selection.words) or None],
    }
    said = f"{which}, as {kind.upper()}"
    record(action="exported", kind="contacts", said=said, changes=changes, now=current_time())


@require_safe
@needs(*SEE, "contacts.change_contact")
def contact_everything(request: HtmxHttpRequest, pk: int) -> HttpResponseBase:
    """All that is known about one person, as one file."""
    contact = contact_of(pk)
    if not may_export(request.user):
        raise PermissionDenied("Your role does not see everything that this file would hold.")
    said = "all that is known about the person"
    record(action="exported", kind="contact", key=pk, said=said, now=current_time())
    parts = everything(contact, now=current_time())
    return download(parts, name=f"contact-{pk}", kind="json")


def _ticked(request: HtmxHttpRequest) -> set[str]:
    """At first what tells contacts apart, and what the list shows; later what was sent."""
    if request.method == "POST":
        return {*request.POST.getlist("column")}
    chosen = chosen_columns(person=person(request), columns=all_columns())
    return {*ALWAYS, *(column.key for column in chosen)}


def _safe(by: Mapping[str, str]) -> list[str]:
    """What the name of a file may have of that."""
    return ["".join(filter(_is_plain, value))[:64] for value in by.values()]


def _is_plain(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "-_")


def _choices(by: Mapping[str, str]) -> list[tuple[str, Choice]]:
    """What the list is narrowed to, in words."""
    return [
        (narrowing.label, choice)
        for name, narrowing in narrowings().items()
        if name in by
        for choice in narrowing.choices(by[name])
        if choice.value == by[name]
    ]
