"""Search over everything that has a name: segments, contacts and campaigns."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.models import Campaign
from campaigns.selectors import campaigns_found
from contacts.models import Contact
from contacts.search import contacts_found
from segmentflow.htmx import HtmxHttpRequest, needs, wants_part
from segmentflow.models import User
from segments.models import Segment
from segments.selectors import segments_found

PAGE = "search.html"
PART = "shared/_search_results.html"
SHOWN = 8
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Results:
    """The first few of each kind; empty where the person may not see them."""

    segments: list[Segment]
    campaigns: list[Campaign]
    contacts: list[Contact]
    has_more_contacts: bool


@require_safe
@vary_on_headers("HX-Request")
@needs()
def search(request: HtmxHttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    assert isinstance(request.user, User)  # noqa: S101 - `needs` let nobody else in
    context = {
        "section": "search",
        "q": words,
        "results": find(words=words, user=request.user) if words else None,
    }
    return render(request, PART if wants_part(request) else PAGE, context)


def find(*, words: str, user: User) -> Results:
    segments: list[Segment] = []
    campaigns: list[Campaign] = []
    contacts: list[Contact] = []
    if user.has_perm("segments.view_segment"):
        segments = list(segments_found(search=words)[:SHOWN])
    if user.has_perm("campaigns.view_campaign"):
        campaigns = list(campaigns_found(search=words).order_by("-updated_at")[:SHOWN])
    if user.has_perm("contacts.view_contact"):
        contacts = list(contacts_found(words).order_by("-pk")[: SHOWN + 1])
    return Results(segments, campaigns, contacts[:SHOWN], len(contacts) > SHOWN)
