"""The built-in outbox: what was sent, as its recipients would read it."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.channels.models import OutboxMessage
from campaigns.models import Campaign
from campaigns.outbox import messages_found, names_of, page_of
from campaigns.views.framing import framed, nearby
from campaigns.views.shown import SECTION, SEE
from contacts.models import Channel, Contact
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import keyset_page
from segments.views.shown import number_of, searched

LIST: Final = "campaigns/outbox_list.html"
DETAIL: Final = "campaigns/outbox_message.html"
READ: Final = (*SEE, "campaigns.view_outboxmessage", "contacts.view_contact")


@require_safe
@vary_on_headers("HX-Request")
@needs(*READ)
def outbox_list(request: HtmxHttpRequest) -> HttpResponse:
    words, channel = searched(request), request.GET.get("channel", "")
    campaign_id = number_of(request.GET.get("campaign"))
    found = messages_found(words=words, channel=channel, campaign=campaign_id)

    def read(cursor: str | None, backwards: bool, limit: int) -> list[OutboxMessage]:  # noqa: FBT001 - as keyset.Read says
        return page_of(found, cursor=number_of(cursor), backwards=backwards, limit=limit)

    page = keyset_page(request.GET, read=read, cursor=lambda row: str(row.pk))
    names = names_of(page.rows)
    context = {
        "section": SECTION,
        "page": page,
        "rows": [(row, names.get(row.campaign_id or 0, "")) for row in page.rows],
        "q": words,
        "channel": channel,
        "channels": Channel.choices,
        "of": Campaign.objects.filter(pk=campaign_id).first() if campaign_id else None,
        "is_narrowed": bool(words or channel or campaign_id),
    }
    return render(request, page_or_part(request, LIST, "messages"), context)


@require_safe
@needs(*READ)
def outbox_message(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(OutboxMessage, pk=pk)
    contacts = Contact.objects.defer("attributes")
    context = {
        "section": SECTION,
        "message": message,
        "text": nearby(request, message.text),
        "url": nearby(request, message.url),
        "campaign": Campaign.objects.filter(pk=message.campaign_id or 0).first(),
        "contact": contacts.filter(pk=message.contact_id or 0).first(),
    }
    return render(request, DETAIL, context)


@require_safe
@needs(*READ)
def outbox_html(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """An email alone, for a frame. Its pixel is loaded, so that it is opened."""
    return framed(request, get_object_or_404(OutboxMessage, pk=pk).html)
