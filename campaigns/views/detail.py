"""A campaign that has started: how far it is and what came of it; and whom it was sent to."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.models import Campaign, Message
from campaigns.progress import progress_of
from campaigns.recipients import KINDS, REASONS, Cursor, recipients
from campaigns.selectors import row_of
from campaigns.views.shown import (
    SECTION,
    SEE,
    SEE_MESSAGES,
    campaign_of,
    number_of,
    searched,
)
from campaigns.words import what_happens
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page

PAGE = "campaigns/campaign_detail.html"
DRAFT = "campaigns/campaign_draft.html"
RECIPIENTS = "campaigns/campaign_recipients.html"
RECIPIENTS_A_PAGE: Final = 50
Status = Campaign.Status
RUNNING: Final = (Status.SENDING, Status.LIVE)
STOPPABLE: Final = (*RUNNING, Status.SCHEDULED)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def campaign_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    if campaign.status == Status.DRAFT and request.user.has_perm("campaigns.change_campaign"):
        return redirect("campaign_edit", campaign.pk)
    row = row_of(campaign)
    context: dict[str, Any] = {
        "section": SECTION,
        "campaign": campaign,
        "row": row,
        "sentence": what_happens(
            campaign=campaign, included=[target.segment.name for target in row.included]
        ),
    }
    if campaign.status == Status.DRAFT:
        return render(request, DRAFT, context)
    context |= {
        "progress": progress_of(campaign),
        "is_running": campaign.status in RUNNING,
        "can_stop": campaign.status in STOPPABLE,
        "seconds": 2 if campaign.status in RUNNING else 10,
    }
    return render(request, page_or_part(request, PAGE, "now"), context)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_MESSAGES)
def campaign_recipients(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    kind, reason = request.GET.get("kind", ""), request.GET.get("reason", "")
    kind = kind if kind in KINDS else ""
    reason = reason if reason in REASONS else ""
    words = searched(request)

    def read(cursor: str | None, backwards: bool, limit: int) -> list[Message]:  # noqa: FBT001 - as keyset.Read says
        place = _cursor(cursor)
        where = {"before" if backwards and place else "after": place}
        return recipients(
            campaign=campaign, kind=kind, reason=reason, words=words, limit=limit, **where
        )

    page: Page[Message] = keyset_page(
        request.GET,
        read=read,
        cursor=lambda row: f"{row.contact_id}-{row.occasion}",
        size=RECIPIENTS_A_PAGE,
    )
    context = {
        "section": SECTION,
        "campaign": campaign,
        "page": page,
        "q": words,
        "kind": kind,
        "kinds": [(name, one.label) for name, one in KINDS.items()],
        "reason": reason,
        "reasons": list(REASONS.items()),
        "is_narrowed": bool(words or kind or reason),
    }
    return render(request, page_or_part(request, RECIPIENTS, "recipients"), context)


def _cursor(text: str | None) -> Cursor | None:
    contact, _, occasion = (text or "").partition("-")
    first, second = number_of(contact), number_of(occasion)
    return None if first is None or second is None else (first, second)
