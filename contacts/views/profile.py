"""One contact: who it is, what it did, where it belongs; changed and erased."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.contact_form import ContactForm
from contacts.erasure import erase_contacts
from contacts.models import Contact
from contacts.personal import may_export
from contacts.profile import Panel, losses, panels_for
from contacts.showing import additional, details, identities, other_names
from contacts.standing import MOST, decisions_told, history, standings
from contacts.views.asked import SECTION, SEE, UNPROCESSABLE, contact_of
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, wants_part
from segmentflow.models import User
from segmentflow.templatetags.ui import count

PAGE = "contacts/contact_detail.html"
EDIT = "contacts/contact_edit.html"


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@needs(*SEE)
def contact_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    contact = contact_of(pk)
    assert isinstance(request.user, User)  # noqa: S101 - `needs` let nobody else in
    panels = panels_for(request.user)
    context = {"section": SECTION, "contact": contact, "may_export": may_export(request.user)}
    if wants_part(request):
        for panel in panels:
            if panel.name == request.htmx.target:
                return render(request, panel.template, context | _read(request, contact, panel))
        return render(request, f"{PAGE}#details", context | _values(contact))
    shown = [{"about": panel, **_read(request, contact, panel)} for panel in panels]
    context |= _values(contact)
    context["main"] = [one for one in shown if one["about"].is_main]
    context["aside"] = [one for one in shown if not one["about"].is_main]
    return render(request, PAGE, context)


def _read(request: HtmxHttpRequest, contact: Contact, panel: Panel) -> dict[str, Any]:
    return {"panel": panel.read(contact, request.GET.dict(), current_time())}


def _values(contact: Contact) -> dict[str, Any]:
    told = history(contact)
    return {
        "identities": identities(contact),
        "others": other_names(contact),
        "standings": standings(contact),
        "told": told,
        "decisions": len(told) if len(told) < MOST else decisions_told(contact),
        "details": details(contact),
        "additional": additional(contact),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "contacts.change_contact")
def contact_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    contact = contact_of(pk)
    form = ContactForm(request.POST if request.method == "POST" else None, contact=contact)
    if request.method == "POST" and form.save(now=current_time()):
        messages.success(request, "The contact was saved.")
        return redirect("contact_detail", pk)
    context = {"section": SECTION, "contact": contact, "form": form}
    return render(request, EDIT, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "contacts.delete_contact")
def contact_erase(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    contact = contact_of(pk)
    if request.method == "POST":
        if not erase_contacts(contact_ids=[pk]):
            raise Http404("There is no such contact any more.")
        messages.success(request, f"{contact} and everything known about them was erased.")
        return redirect("contact_list")
    return confirm.ask(
        request,
        title=f"Erase {contact}",
        detail=f"Everything known about {contact} will be erased:",
        consequences=[
            "Name, email and other identities, and the values of all fields",
            *_decisions_lost(contact),
            *losses(contact),
            "This cannot be undone.",
        ],
        offer=_offer(request, pk),
        button="Erase contact",
        back=reverse("contact_detail", args=[pk]),
        section=SECTION,
    )


def _decisions_lost(contact: Contact) -> list[str]:
    amount = decisions_told(contact)
    return [f"{count(amount, 'decision')} about consents, which are proof"] if amount else []


def _offer(request: HtmxHttpRequest, pk: int) -> tuple[str, str] | None:
    """Who asks to be forgotten often asks what was known, too."""
    assert isinstance(request.user, User)  # noqa: S101 - `needs` let nobody else in
    if not may_export(request.user):
        return None
    return "Export everything first", reverse("contact_everything", args=[pk])
