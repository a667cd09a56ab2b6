"""Websites: made, shown with what to put on their pages, changed, revoked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.push.vapid import public_key
from events.models import EventType
from events.tracking.messages import SEEN
from events.tracking.pages import register_visits
from segmentflow import confirm
from segmentflow.api.websites import change_website, create_website, revoke_website
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import Website
from segmentflow.pages.settings_tabs import (
    GET_OR_POST,
    SECTION,
    UNPROCESSABLE,
    person,
    searched,
)
from segmentflow.pages.website_form import WebsiteForm, initial

LIST = "settings/website_list.html"
DETAIL = "settings/website_detail.html"
FORM = "settings/website_form.html"
WEBSITES_A_PAGE = 50
SEE = ("segmentflow.view_website",)
STATES = ("waiting", "sends", "revoked")


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def website_list(request: HtmxHttpRequest) -> HttpResponse:
    words, state = searched(request), request.GET.get("state", "")
    state = state if state in STATES else ""
    context = {
        "section": SECTION,
        "page": Paginator(_found(words, state), WEBSITES_A_PAGE).get_page(request.GET.get("page")),
        "q": words,
        "state": state,
        "is_narrowed": bool(words or state),
    }
    return render(request, page_or_part(request, LIST, "websites"), context)


def _found(words: str, state: str) -> QuerySet[Website]:
    """Those that work first, the newest first."""
    websites = Website.objects.all()
    if words:
        found = websites.filter(name__icontains=words) | websites.filter(key=words)
        websites = found | websites.filter(origins__icontains=words)
    if state:
        websites = websites.filter(revoked_at__isnull=state != "revoked")
    if state in ("waiting", "sends"):
        websites = websites.filter(last_sent_at__isnull=state == "waiting")
    return websites.order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-pk")


@require_http_methods(GET_OR_POST)
@needs(*SEE, "segmentflow.add_website")
def website_new(request: HtmxHttpRequest) -> HttpResponse:
    form = WebsiteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        register_visits()
        website = create_website(**form.values, created_by=person(request.user))
        return redirect("website_detail", website.pk)
    context = {"section": SECTION, "form": form}
    return render(request, FORM, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(GET_OR_POST)
@needs(*SEE, "segmentflow.change_website")
def website_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    website = get_object_or_404(Website, pk=pk)
    if website.revoked_at is not None:
        raise PermissionDenied("The key of this website is revoked. Make another website.")
    data = request.POST if request.method == "POST" else None
    form = WebsiteForm(data, website=website, initial=initial(website))
    if form.is_valid():
        change_website(website=website, **form.values)
        messages.success(request, "Saved.")
        return redirect("website_detail", website.pk)
    context = {"section": SECTION, "form": form, "website": website}
    return render(request, FORM, context, status=UNPROCESSABLE if form.errors else 200)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def website_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """What to put on its pages; the part about what arrives refreshes itself."""
    website = get_object_or_404(Website, pk=pk)
    type_ = EventType.objects.filter(key=SEEN["page"]).first()
    context: dict[str, Any] = {
        "section": SECTION,
        "website": website,
        "visit_type": type_,
        "is_refused_now": _is_refused_now(website),
        "push_key": public_key(now=current_time()),
        **_addresses(request),
    }
    return render(request, page_or_part(request, DETAIL, "state"), context)


def _is_refused_now(website: Website) -> bool:
    """Whether the last thing that was heard of it was a page from elsewhere."""
    if website.refused_at is None or website.revoked_at is not None:
        return False
    return website.last_sent_at is None or website.refused_at > website.last_sent_at


def _addresses(request: HtmxHttpRequest) -> dict[str, str]:
    script = request.build_absolute_uri("/t.js")
    parts = urlsplit(script)
    return {"script": script, "host": f"{parts.scheme}://{parts.netloc}"}


@require_http_methods(GET_OR_POST)
@needs(*SEE, "segmentflow.change_website")
def website_revoke(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    website = get_object_or_404(Website, pk=pk)
    if request.method == "POST":
        if revoke_website(website=website, now=current_time()):
            messages.success(request, f"“{website.name}” is revoked; its pages are refused now.")
        else:
            messages.info(request, f"“{website.name}” was revoked already.")
        return redirect("website_list")
    return confirm.ask(
        request,
        title=f"Revoke “{website.name}”",
        detail="Whatever its pages send from now on is refused and lost:",
        consequences=[
            f"Last visit: {_last(website)}",
            "Contacts and events that came from it stay.",
            "This cannot be undone. Another website has another key, which its pages then need.",
        ],
        button="Revoke website",
        back=reverse("website_detail", args=[website.pk]),
        is_refused=website.revoked_at is not None,
        section=SECTION,
    )


def _last(website: Website) -> str:
    return str(naturaltime(website.last_sent_at)) if website.last_sent_at else "never"
