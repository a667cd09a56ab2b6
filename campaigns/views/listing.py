"""All campaigns."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.models import Campaign
from segmentflow.htmx import HtmxHttpRequest, needs

PAGE = "campaigns/campaign_list.html"


@require_safe
@needs("campaigns.view_campaign")
def campaign_list(request: HtmxHttpRequest) -> HttpResponse:
    return render(request, PAGE, {"section": "campaigns", "campaigns": Campaign.objects.all()})
