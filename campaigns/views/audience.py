"""Who receives a draft and who does not: counted, and listed reason by reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.audience.judging import people
from campaigns.counting import count_patiently, count_quickly, shares
from campaigns.models import Campaign
from campaigns.reasons import LABELS, Reason
from campaigns.views.shown import SECTION, SEE, SEE_PEOPLE, campaign_of, number_of
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, wants_part

PAGE = "campaigns/campaign_audience.html"
PANEL = "campaigns/_audience.html"
PEOPLE = "campaigns/campaign_people.html"
RECEIVING = "receiving"
PEOPLE_A_PAGE = 50


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def campaign_audience(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The panel: at first only what takes no longer than a moment."""
    campaign = campaign_of(pk)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect("campaign_detail", campaign.pk)
    is_part = wants_part(request)
    is_patient = "patient" in request.GET
    count = count_patiently if is_patient else count_quickly
    audience = count(campaign=campaign, now=current_time())
    context = {
        "section": SECTION,
        "campaign": campaign,
        "audience": audience,
        "shares": shares(audience) if audience else [],
        "is_patient": is_patient,
    }
    return render(request, PANEL if is_part else PAGE, context)


@require_safe
@needs(*SEE_PEOPLE)
def campaign_people(request: HtmxHttpRequest, pk: int, reason: str) -> HttpResponse:
    """Everybody who receives it, or whom one reason leaves out."""
    campaign, wanted = campaign_of(pk), _reason(reason)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect("campaign_detail", campaign.pk)
    now, after = current_time(), number_of(request.GET.get("after"))
    found = people(campaign=campaign, reason=wanted, now=now, after=after, limit=PEOPLE_A_PAGE + 1)
    audience = count_quickly(campaign=campaign, now=now)
    context: dict[str, Any] = {
        "section": SECTION,
        "campaign": campaign,
        "title": LABELS[wanted] if wanted else "Receives it",
        "reason": wanted,
        "people": found[:PEOPLE_A_PAGE],
        "is_first": after is None,
        "next": found[PEOPLE_A_PAGE - 1].contact_id if len(found) > PEOPLE_A_PAGE else None,
        "audience": audience,
    }
    if audience:
        context["count"] = audience.left_out.get(wanted, 0) if wanted else audience.receiving
    return render(request, PEOPLE, context)


def _reason(text: str) -> Reason | None:
    if text == RECEIVING:
        return None
    try:
        return Reason(text)
    except ValueError:
        raise Http404 from None
