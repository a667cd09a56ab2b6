"""Contacts to take away: which fields, in which form, then the file."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.exporting import KINDS, export_lines, exportable
from contacts.files.writing import download
from contacts.narrowing import Choice, narrowings
from contacts.personal import everything, may_export
from contacts.views.asked import SECTION, SEE, UNPROCESSABLE, contact_of, searched
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs

PAGE = "contacts/contact_export.html"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE)
def contact_export(request: HtmxHttpRequest) -> HttpResponseBase:
    """The contacts of a list that is searched and narrowed as in this address."""
    words = searched(request)
    by = {name: value for name in narrowings() if (value := searched(request, name))}
    columns = exportable()
    if request.method == "POST":
        wanted = {*request.POST.getlist("column")}
        chosen = [name for name, _ in columns if name in wanted]
        kind = request.POST.get("kind", "")
        if chosen and kind in KINDS:
            lines = export_lines(kind=kind, columns=chosen, words=words, by=by)
            return download(lines, name="-".join(["contacts", *_safe(by)]), kind=kind)
    context = {
        "section": SECTION,
        "columns": columns,
        "kinds": KINDS.items(),
        "q": words,
        "choices": _choices(by),
        "is_refused": request.method == "POST",
    }
    return render(request, PAGE, context, status=UNPROCESSABLE if context["is_refused"] else 200)


@require_safe
@needs(*SEE, "contacts.change_contact")
def contact_everything(request: HtmxHttpRequest, pk: int) -> HttpResponseBase:
    """All that is known about one person, as one file."""
    contact = contact_of(pk)
    if not may_export(request.user):
        raise PermissionDenied("Your role does not see everything that this file would hold.")
    parts = everything(contact, now=current_time())
    return download(parts, name=f"contact-{pk}", kind="json")


def _safe(by: dict[str, str]) -> list[str]:
    """What the name of a file may have of that."""
    return ["".join(filter(_is_plain, value))[:64] for value in by.values()]


def _is_plain(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "-_")


def _choices(by: dict[str, str]) -> list[tuple[str, Choice]]:
    """What the list is narrowed to, in words."""
    return [
        (narrowing.label, choice)
        for name, narrowing in narrowings().items()
        if name in by
        for choice in narrowing.choices(by[name])
        if choice.value == by[name]
    ]
