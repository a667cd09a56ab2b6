"""The last look before a campaign starts: what will happen, and what keeps it from happening."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from campaigns.audience.judging import Audience
from campaigns.counting import count_patiently, count_quickly, shares
from campaigns.delivery.starting import NotReady, start
from campaigns.models import Campaign
from campaigns.readiness import problems_of
from campaigns.selectors import row_of
from campaigns.steps import placed, steps_of
from campaigns.views.shown import SECTION, SEE, campaign_of, number_of, person
from campaigns.words import contacts, what_happens
from contacts.problems import Conflict
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs

PAGE = "campaigns/campaign_start.html"
MOST_OFF: Final = 0.05
"""How much the number of those who receive it may have changed since it was shown."""
FEW: Final = 10
"""So many more or fewer are no change to speak of."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "campaigns.send_campaign")
def campaign_start(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect("campaign_detail", campaign.pk)
    now = current_time()
    is_patient = request.method == "POST" or "patient" in request.GET
    audience = (count_patiently if is_patient else count_quickly)(campaign=campaign, now=now)
    if request.method != "POST":
        return render(request, PAGE, _context(campaign, audience, is_counted=is_patient))
    if said := _changed_meanwhile(request, campaign, audience):
        return render(request, PAGE, _context(campaign, audience) | {"asks": said}, status=409)
    try:
        start(campaign=campaign, now=now, by=person(request))
    except NotReady:
        return render(request, PAGE, _context(campaign, audience), status=422)
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        messages.success(request, _begun(campaign_of(pk)))
    return redirect("campaign_detail", campaign.pk)


def _context(
    campaign: Campaign, audience: Audience | None, *, is_counted: bool = True
) -> dict[str, Any]:
    """`is_counted` is false while the page has still to ask for the numbers."""
    problems = problems_of(campaign=campaign, now=current_time())
    row = row_of(campaign)
    return {
        "section": SECTION,
        "campaign": campaign,
        "row": row,
        "steps": steps_of(campaign, problems, here="review"),
        "errors": placed(campaign, [one for one in problems if not one.is_warning]),
        "warnings": placed(campaign, [one for one in problems if one.is_warning]),
        "audience": audience,
        "is_counted": audience is not None or is_counted,
        "shares": shares(audience) if audience else [],
        "sentence": what_happens(
            campaign=campaign,
            included=[target.segment.name for target in row.included],
            receiving=audience.receiving if audience else None,
            targeted=audience.targeted if audience else None,
        ),
        "button": _button(campaign, audience),
    }


def _button(campaign: Campaign, audience: Audience | None) -> str:
    match campaign.kind:
        case Campaign.Kind.ENTERING:
            return "Start it"
        case Campaign.Kind.AT:
            return "Schedule it"
        case _:
            return f"Send to {contacts(audience.receiving)}" if audience else "Send it"


def _changed_meanwhile(
    request: HtmxHttpRequest, campaign: Campaign, audience: Audience | None
) -> str:
    """Why what is asked for is not what was shown; empty when it is."""
    if number_of(request.POST.get("revision")) != campaign.revision:
        return "The campaign was changed since you opened this page. Please look at it again."
    shown = number_of(request.POST.get("receiving"))
    if campaign.kind != Campaign.Kind.NOW or audience is None or shown is None:
        return ""
    if abs(audience.receiving - shown) <= max(FEW, shown * MOST_OFF):
        return ""
    return f"When you opened this page {contacts(shown)} would have received it; now it is {contacts(audience.receiving)}. Please confirm again."


def _begun(campaign: Campaign) -> str:
    match campaign.status:
        case Campaign.Status.SCHEDULED:
            return f"“{campaign.name}” is scheduled."
        case Campaign.Status.LIVE:
            return f"“{campaign.name}” is live: it is sent to whoever enters from now on."
        case _:
            return f"“{campaign.name}” is being sent."
