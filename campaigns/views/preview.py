"""The message as a contact would get it, and a test of it."""

from __future__ import annotations

from typing import Any, Final

from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.message.previewing import contact_for, found_contacts, preview_of
from campaigns.message.sizes import size_words
from campaigns.message.testing import send_test
from campaigns.models import Campaign
from campaigns.views.framing import PICTURES, framed
from campaigns.views.message_shown import UNPROCESSABLE, campaign_context, usual_address
from campaigns.views.shown import CHANGE, SEE, campaign_of
from contacts.problems import Refused
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.views.shown import number_of, person, searched

PAGE: Final = "campaigns/preview.html"
TEST: Final = "campaigns/test.html"
SEE_PREVIEW: Final = (*SEE, "contacts.view_contact")
MAY_TEST: Final = (*CHANGE, "campaigns.send_campaign", "contacts.view_contact")


@require_safe
@vary_on_headers("HX-Request")
@csp_update(PICTURES)  # type: ignore[arg-type] # it knows only views without arguments
@needs(*SEE_PREVIEW)
def preview(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    context = {**campaign_context(campaign), **preview_context(request, campaign)}
    return render(request, page_or_part(request, PAGE, "preview"), context)


@require_safe
@needs(*SEE_PREVIEW)
def preview_html(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """An email alone, for a frame."""
    campaign = campaign_of(pk)
    found = preview_of(campaign=campaign, contact=_chosen(request, campaign), now=current_time())
    return framed(request, found.email.html if found.email else "")


def preview_context(request: HtmxHttpRequest, campaign: Campaign) -> dict[str, Any]:
    words = searched(request)
    shown = preview_of(campaign=campaign, contact=_chosen(request, campaign), now=current_time())
    frame = reverse("campaign_preview_html", args=[campaign.pk])
    contact_id = shown.contact.pk if shown.contact else ""
    return {
        "preview": shown,
        "preview_frame": f"{frame}?contact={contact_id}&revision={campaign.revision}",
        "preview_words": words,
        "preview_found": found_contacts(words),
        "preview_size": size_words(shown.sms.text) if shown.sms else None,
    }


def _chosen(request: HtmxHttpRequest, campaign: Campaign) -> Any:
    asked = request.POST.get("contact") or request.GET.get("contact")
    return contact_for(campaign, number_of(asked))


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*MAY_TEST)
def test_send(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    contact = _chosen(request, campaign)
    address = request.POST.get("address", usual_address(campaign, contact, person(request)))
    context = {
        **campaign_context(campaign),
        "contact": contact,
        "address": address,
        "test_address": address,
    }
    if request.method == "POST":
        try:
            if contact is None:
                context["problem"] = "There is no contact yet, so there is nobody to send it as."
            else:
                context["tested"] = send_test(
                    campaign=campaign,
                    contact=contact,
                    address=address,
                    by=person(request),
                    now=current_time(),
                    clock=current_time,
                )
        except Refused as refused:
            context["problem"] = str(refused)
    status = UNPROCESSABLE if "problem" in context else 200
    return render(request, page_or_part(request, TEST, "test"), context, status=status)
