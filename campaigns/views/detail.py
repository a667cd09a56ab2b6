"""One campaign: its draft for those who may not change it, else how far it is and what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.models import Campaign
from campaigns.selectors import row_of
from campaigns.views.report import PARTS, report_context
from campaigns.views.shown import SECTION, SEE, campaign_of
from campaigns.words import what_happens
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part

PAGE = "campaigns/campaign_detail.html"
DRAFT = "campaigns/campaign_draft.html"
Status = Campaign.Status


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@needs(*SEE)
def campaign_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    if campaign.status == Status.DRAFT:
        if request.user.has_perm("campaigns.change_campaign"):
            return redirect("campaign_edit", campaign.pk)
        return render(request, DRAFT, _whole(campaign))
    part = request.htmx.target if request.htmx.target in PARTS else PARTS[0]
    template = page_or_part(request, PAGE, part)
    context = {"section": SECTION, "campaign": campaign}
    if template == PAGE:
        part = ""
        context |= _whole(campaign)
    context |= report_context(request, campaign, part=part, now=current_time())
    return render(request, template, context)


def _whole(campaign: Campaign) -> dict[str, Any]:
    row = row_of(campaign)
    names = [target.segment.name for target in row.included]
    return {
        "section": SECTION,
        "campaign": campaign,
        "row": row,
        "sentence": what_happens(campaign=campaign, included=names),
    }
