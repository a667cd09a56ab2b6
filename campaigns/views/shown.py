"""What the pages of one campaign have in common."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from campaigns.models import Campaign
from segmentflow.htmx import HtmxHttpRequest

SECTION: Final = "campaigns"
SEE: Final = ("campaigns.view_campaign",)
CHANGE: Final = ("campaigns.view_campaign", "campaigns.change_campaign")
UNPROCESSABLE: Final = 422
OVERTAKEN: Final = 409
REVISION: Final = "Campaign-Revision"
"""Header of answers: static/js/campaigns/saving.js sends the newest one back."""
POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:;"
    " style-src 'unsafe-inline' https:; font-src https: data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'"
)
"""Of a message that is shown in a frame: pictures, and nothing that runs or knows where it is."""
NEW_TAB: Final = '<base target="_blank">'


def campaign_of(pk: int) -> Campaign:
    return get_object_or_404(Campaign, pk=pk)


def campaign_context(campaign: Campaign) -> dict[str, Any]:
    return {"section": SECTION, "campaign": campaign}


def framed(request: HtmxHttpRequest, html: str) -> HttpResponse:
    """An email as mail programs show it, for a frame of ours. Its links open beside the page."""
    answer = HttpResponse(_with_base(nearby(request, html)))
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, no-store"
    return answer


def nearby(request: HtmxHttpRequest, text: str) -> str:
    """Our own addresses below /m/, by the host that this page was asked for by: they work here
    also where PUBLIC_URL does not (yet)."""
    here = request.build_absolute_uri("/m/")
    return text.replace(f"{settings.PUBLIC_URL}/m/", here)


def _with_base(html: str) -> str:
    """Before anything else, so that it holds for all links."""
    start = html.lower().find("<head")
    end = html.find(">", start) + 1 if start >= 0 else 0
    if start < 0 or not end:
        return f"{NEW_TAB}{html}"
    return f"{html[:end]}{NEW_TAB}{html[end:]}"
