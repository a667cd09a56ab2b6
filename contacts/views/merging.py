"""Two contacts who are one person: the other one is looked for, and what will happen is shown."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.changing import merge_by_hand
from contacts.merging import foretold
from contacts.models import Contact
from contacts.problems import Conflict
from contacts.search import contacts_found
from contacts.showing import compared
from contacts.views.asked import SECTION, SEE, contact_of, searched
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part

CHOOSE = "contacts/contact_merge.html"
ASK = "contacts/contact_merge_with.html"
MAY = (*SEE, "contacts.change_contact", "contacts.delete_contact")
MOST_FOUND = 20


@require_safe
@vary_on_headers("HX-Request")
@needs(*MAY)
def merge_choose(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Whoever has the same name comes first to mind."""
    contact = contact_of(pk)
    words = searched(request)
    if "q" not in request.GET:
        words = f"{contact.first_name} {contact.last_name}".strip()
    found = contacts_found(words) if words else Contact.objects.none()
    context = {"section": SECTION, "contact": contact, "q": words, "found": _others(found, pk)}
    return render(request, page_or_part(request, CHOOSE, "found"), context)


def _others(found: QuerySet[Contact], pk: int) -> list[Contact]:
    return list(found.exclude(pk=pk).order_by("-pk")[:MOST_FOUND])


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*MAY)
def merge_ask(request: HtmxHttpRequest, keep: int, lose: int) -> HttpResponse:
    if keep == lose:
        raise Http404("A contact cannot be merged with itself.")
    kept, lost = contact_of(keep), contact_of(lose)
    if request.method == "POST":
        return _merged(request, kept, lost)
    context = {
        "section": SECTION,
        "contact": kept,
        "other": lost,
        "values": compared(kept, lost),
        "foretold": foretold(keep=keep, lose=lose),
    }
    return render(request, ASK, context)


def _merged(request: HtmxHttpRequest, kept: Contact, lost: Contact) -> HttpResponse:
    try:
        merge_by_hand(keep=kept.pk, lose=lost.pk, now=current_time())
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return redirect("contact_list")
    messages.success(request, f"{lost} was merged into {kept}.")
    return redirect("contact_detail", kept.pk)
