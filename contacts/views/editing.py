"""What is changed on a profile where it stands: a value, a consent, a name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from contacts.consent_form import ConsentForm
from contacts.contact_form import ContactForm
from contacts.editing import Clash, owner_of, save_value, shown
from contacts.models import Channel, Contact, Identity, IdentityKind
from contacts.naming import remove_name
from contacts.problems import Conflict, quoted
from contacts.showing import shown_value
from contacts.standing import standings
from contacts.views.asked import SECTION, SEE, UNPROCESSABLE, contact_of
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part, wants_part
from segmentflow.models import User
from segmentflow.users import name_of

VALUE = "contacts/contact_value.html"
CONSENT = "contacts/contact_consent.html"
CHANGE = (*SEE, "contacts.change_contact")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*CHANGE)
def contact_value(request: HtmxHttpRequest, pk: int, name: str) -> HttpResponse:
    """The control for one value; with htmx in its place, else as a small page."""
    contact = contact_of(pk)
    posted = request.POST if request.method == "POST" else None
    form = ContactForm(posted, contact=contact, only=name)
    if name not in form.fields:
        raise Http404("There is no such field.")
    context: dict[str, Any] = {"section": SECTION, "contact": contact, "name": name}
    if posted is not None:
        try:
            if save_value(form=form, name=name, now=current_time()):
                return _saved(request, contact_of(pk), name)
        except Clash as clash:
            context["clash"] = _clash(contact, name, clash)
            # Whoever saves once more has seen what is stored now.
            again = posted.copy()
            again[form[name].html_initial_name] = clash.stored
            form = ContactForm(again, contact=contact, only=name)
        except Conflict as conflict:
            raise Http404(str(conflict)) from conflict
        context["owner"] = owner_of(form, name)
    elif wants_part(request) and "shown" in request.GET:
        return render(request, f"{VALUE}#shown", context | {"value": shown_value(contact, name)})
    context |= {"form": form, "one": form[name], "shown": shown(form, name)}
    status = UNPROCESSABLE if posted is not None else 200
    return render(request, page_or_part(request, VALUE, "editor"), context, status=status)


def _saved(request: HtmxHttpRequest, contact: Contact, name: str) -> HttpResponse:
    value = shown_value(contact, name)
    if not wants_part(request):
        messages.success(request, f"{value.label if value else name} was saved.")
        return redirect("contact_detail", contact.pk)
    context = {"contact": contact, "value": value, "is_saved": True}
    return render(request, f"{VALUE}#shown", context)


def _clash(contact: Contact, name: str, clash: Clash) -> dict[str, Any]:
    return {"value": shown_value(contact_of(contact.pk), name), "stored": clash.stored}


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*CHANGE)
def contact_consent(request: HtmxHttpRequest, pk: int, channel: str) -> HttpResponse:
    if channel not in Channel.values:
        raise Http404("There is no such channel.")
    contact, way = contact_of(pk), Channel(channel)
    posted = request.POST if request.method == "POST" else None
    form = ConsentForm(posted, contact=contact, channel=way)
    assert isinstance(request.user, User)  # noqa: S101 - `needs` let nobody else in
    if posted is not None and form.save(by=name_of(request.user), now=current_time()):
        if wants_part(request):
            return render(request, f"{CONSENT}#shown", _standing(contact, way))
        messages.success(request, f"The consent for {way.label} was recorded.")
        return redirect("contact_detail", pk)
    if posted is None and wants_part(request) and "shown" in request.GET:
        return render(request, f"{CONSENT}#shown", _standing(contact, way))
    context = {"section": SECTION, "form": form, **_standing(contact, way)}
    status = UNPROCESSABLE if posted is not None else 200
    return render(request, page_or_part(request, CONSENT, "editor"), context, status=status)


def _standing(contact: Contact, channel: Channel) -> dict[str, Any]:
    [standing] = [one for one in standings(contact) if one.channel == channel]
    return {"contact": contact, "standing": standing}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*CHANGE)
def contact_name_remove(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Of the names by which a contact is found besides its main ones."""
    contact = contact_of(pk)
    asked = request.POST if request.method == "POST" else request.GET
    kind, value = asked.get("kind", ""), asked.get("value", "").replace("\0", "")
    found = Identity.objects.filter(contact=contact, kind=kind, value=value)
    if kind not in IdentityKind.values or not found.exists():
        raise Http404("This contact is not known by that.")
    label = IdentityKind(kind).label
    if request.method == "POST":
        try:
            remove_name(contact_id=pk, key=(kind, value))
            messages.success(request, f"{contact} is no longer known by {quoted(value)}.")
        except Conflict as conflict:
            messages.error(request, str(conflict))
        return redirect("contact_detail", pk)
    return confirm.ask(
        request,
        title=f"Remove {quoted(value)}",
        detail=f"{contact} will no longer be known by this {label.lower()}.",
        consequences=[
            "What is sent to it from then on reaches whoever has it then, or a new contact.",
            "What was sent to it before stays here.",
        ],
        button="Remove",
        back=reverse("contact_detail", args=[pk]),
        section=SECTION,
        fields={"kind": kind, "value": value},
    )
