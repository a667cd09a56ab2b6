"""Whom a campaign was sent to and whom not: a list, a file, and sending again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.again import STATES as AGAIN
from campaigns.again import WHILE as AGAIN_WHILE
from campaigns.again import again, count_again
from campaigns.auditing import note
from campaigns.models import Campaign, Message
from campaigns.recipients import REASONS, STATES, Cursor, copies_of, recipients
from campaigns.report.export import recipients_csv
from campaigns.views.shown import (
    SECTION,
    SEE_MESSAGES,
    SEND,
    campaign_of,
    number_of,
    person,
    searched,
)
from campaigns.words import messages_of
from contacts.problems import Conflict
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page

PAGE: Final = "campaigns/campaign_recipients.html"
A_PAGE: Final = 50
SEND_AGAIN: Final = (*SEND, *SEE_MESSAGES)


@dataclass(frozen=True, slots=True)
class Asked:
    """What narrows the list; what is unknown narrows nothing."""

    state: str
    reason: str
    words: str


def _asked(request: HtmxHttpRequest) -> Asked:
    state, reason = request.GET.get("state", ""), request.GET.get("reason", "")
    return Asked(
        state if state in STATES else "", reason if reason in REASONS else "", searched(request)
    )


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE_MESSAGES)
def campaign_recipients(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign, asked = campaign_of(pk), _asked(request)

    def read(cursor: str | None, backwards: bool, limit: int) -> list[Message]:  # noqa: FBT001 - as keyset.Read says
        place = _cursor(cursor)
        return recipients(
            campaign=campaign,
            state=asked.state,
            reason=asked.reason,
            words=asked.words,
            limit=limit,
            **{"before" if backwards and place else "after": place},
        )

    page: Page[Message] = keyset_page(
        request.GET, read=read, cursor=lambda row: f"{row.contact_id}-{row.occasion}", size=A_PAGE
    )
    copies = copies_of(page.rows) if request.user.has_perm("campaigns.view_outboxmessage") else {}
    context = {
        "section": SECTION,
        "campaign": campaign,
        "page": page,
        "rows": [(row, copies.get((row.contact_id, row.occasion))) for row in page.rows],
        "q": asked.words,
        "state": asked.state,
        "states": [(name, one.label) for name, one in STATES.items()],
        "reason": asked.reason,
        "reasons": list(REASONS.items()),
        "is_narrowed": bool(asked.words or asked.state or asked.reason),
        "file_query": urlencode({"state": asked.state, "reason": asked.reason, "q": asked.words}),
        "can_send_again": campaign.status in AGAIN_WHILE,
    }
    return render(request, page_or_part(request, PAGE, "recipients"), context)


def _cursor(text: str | None) -> Cursor | None:
    contact, _, occasion = (text or "").partition("-")
    first, second = number_of(contact), number_of(occasion)
    return None if first is None or second is None else (first, second)


@require_safe
@needs(*SEE_MESSAGES)
def campaign_recipients_csv(request: HtmxHttpRequest, pk: int) -> HttpResponseBase:
    """All of the list, as it is narrowed."""
    asked, campaign = _asked(request), campaign_of(pk)
    note("exported", campaign, said="its recipients, as CSV", now=current_time())
    return recipients_csv(campaign, state=asked.state, reason=asked.reason, words=asked.words)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*SEND_AGAIN)
def campaign_again(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Send again what perhaps was sent or has failed: to one contact, or to all."""
    campaign = campaign_of(pk)
    given = request.POST if request.method == "POST" else request.GET
    state = given.get("state", "unclear")
    if state not in AGAIN:
        raise Http404("Nothing of that kind is sent again.")
    key = _key(given.get("contact"), given.get("occasion"))
    if request.method == "POST":
        return _sent_again(request, campaign, state, key)
    amount = count_again(campaign=campaign, state=state, key=key)
    can = campaign.status in AGAIN_WHILE and amount > 0
    return confirm.ask(
        request,
        title=f"Send {messages_of(amount)} of “{campaign.name}” again",
        detail=_warning(state, amount) if can else "There is nothing that can be sent again now.",
        button="Send again",
        back=_list(campaign, state),
        is_refused=not can,
        section=SECTION,
        fields={"state": state}
        | ({"contact": str(key[0]), "occasion": str(key[1])} if key else {}),
    )


def _key(contact: str | None, occasion: str | None) -> Cursor | None:
    """None: all of them. A contact that cannot be means nobody."""
    if contact is None:
        return None
    first, second = number_of(contact), number_of(occasion or "0")
    if first is None or second is None:
        raise Http404("There is no such message.")
    return first, second


def _warning(state: str, amount: int) -> str:
    if state == "failed":
        return "Whoever may not have it any more is left out. What was wrong may still be wrong."
    if amount == 1:
        return "It is not known whether this contact got it. They may get it twice."
    return "It is not known whether these contacts got it. Some of them may get it twice."


def _sent_again(
    request: HtmxHttpRequest, campaign: Campaign, state: str, key: Cursor | None
) -> HttpResponse:
    try:
        amount = again(
            campaign=campaign, state=state, now=current_time(), by=person(request), key=key
        )
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        said = f"{messages_of(amount)} will be sent again."
        messages.success(request, said) if amount else messages.info(request, NOTHING)
    return redirect("campaign_detail", campaign.pk)


NOTHING: Final = "Nothing was left that could be sent again."


def _list(campaign: Campaign, state: str) -> str:
    return f"{reverse('campaign_recipients', args=[campaign.pk])}?state={state}"
