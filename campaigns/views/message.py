"""The editor of a campaign's message."""

from __future__ import annotations

from typing import Any, Final

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from campaigns.message.previewing import contact_for
from campaigns.message.reading import content_of
from campaigns.message.saving import Saved, save_message
from campaigns.models import Campaign
from campaigns.services import Stale
from campaigns.views.framing import PICTURES
from campaigns.views.message_shown import OVERTAKEN, REVISION, UNPROCESSABLE, editor_context
from campaigns.views.preview import preview_context
from campaigns.views.shown import CHANGE, campaign_of
from contacts.problems import Conflict, Refused
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, wants_part
from segments.views.shown import number_of, person

PAGE: Final = "campaigns/message.html"
ANSWER: Final = "campaigns/message/_answer.html"
SEE_MESSAGE: Final = (*CHANGE, "contacts.view_contact")
DELETED: Final = "deleted_blocks"
"""In the session: the campaign's id, and what can be brought back."""


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@csp_update(PICTURES)  # type: ignore[arg-type] # it knows only views without arguments
@needs(*SEE_MESSAGE)
def message(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    if request.method == "POST":
        return _post(request, campaign)
    return _page(request, campaign)


def _post(request: HtmxHttpRequest, campaign: Campaign) -> HttpResponse:
    try:
        saved = save_message(
            campaign=campaign,
            revision=number_of(request.POST.get("revision")) or 0,
            posted=request.POST.dict(),
            deleted=deleted_of(request, campaign),
            by=person(request),
            now=current_time(),
        )
    except Stale as stale:
        return _overtaken(request, stale)
    except Refused as refused:
        return _refused(request, campaign, str(refused))
    except Conflict as conflict:
        return _refused(request, campaign, str(conflict), status=OVERTAKEN)
    return _saved(request, saved)


def _saved(request: HtmxHttpRequest, saved: Saved) -> HttpResponse:
    editing = saved.editing
    if saved.wrong:
        context = {"said": "Nothing was saved. What is wrong is marked below.", "is_wrong": True}
        return _drawn(request, saved, context, status=UNPROCESSABLE)
    if saved.refused:
        context = {"said": saved.refused, "is_wrong": True}
        return _drawn(request, saved, context, status=UNPROCESSABLE)
    _keep_deleted(request, saved)
    if not wants_part(request):
        if editing.said:
            messages.success(request, editing.said)
        place = f"#block-{editing.focus}" if editing.focus else ""
        return redirect(reverse("campaign_message", args=[saved.campaign.pk]) + place)
    return _drawn(request, saved, {"said": editing.said, "focus": editing.focus})


def _drawn(
    request: HtmxHttpRequest, saved: Saved, more: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = editor_context(
        saved.campaign,
        content=saved.editing.content,
        wrong=saved.wrong,
        deleted=saved.editing.deleted,
        contact=_contact(request, saved.campaign),
        user=person(request),
    )
    return _answer(request, saved.campaign, {**context, **more}, status)


def _overtaken(request: HtmxHttpRequest, stale: Stale) -> HttpResponse:
    """Somebody else was faster: the editor as it is now, what they did, and what was not stored."""
    context = _context(request, stale.campaign)
    return _answer(request, stale.campaign, {**context, "notice": stale}, OVERTAKEN)


def _refused(
    request: HtmxHttpRequest, campaign: Campaign, said: str, status: int = UNPROCESSABLE
) -> HttpResponse:
    context = _context(request, campaign)
    return _answer(request, campaign, {**context, "said": said, "is_wrong": True}, status)


def _answer(
    request: HtmxHttpRequest, campaign: Campaign, context: dict[str, Any], status: int
) -> HttpResponse:
    is_part = wants_part(request)
    context |= {"is_part": True} if is_part else preview_context(request, campaign)
    answer = render(request, ANSWER if is_part else PAGE, context, status=status)
    answer[REVISION] = str(campaign.revision)
    return answer


def _page(request: HtmxHttpRequest, campaign: Campaign) -> HttpResponse:
    context = _context(request, campaign) | preview_context(request, campaign)
    answer = render(request, PAGE, context)
    answer["Cache-Control"] = "no-store"  # going back shows what was saved since
    return answer


def _context(request: HtmxHttpRequest, campaign: Campaign) -> dict[str, Any]:
    return editor_context(
        campaign,
        content=content_of(campaign),
        deleted=deleted_of(request, campaign),
        contact=_contact(request, campaign),
        user=person(request),
    )


def _contact(request: HtmxHttpRequest, campaign: Campaign) -> Any:
    asked = request.POST.get("contact") or request.GET.get("contact")
    return contact_for(campaign, number_of(asked))


def deleted_of(request: HtmxHttpRequest, campaign: Campaign) -> list[dict[str, Any]]:
    kept = request.session.get(DELETED) or {}
    found: list[dict[str, Any]] = kept.get("blocks", []) if kept.get("of") == campaign.pk else []
    return found


def _keep_deleted(request: HtmxHttpRequest, saved: Saved) -> None:
    """Stored only when it changes."""
    if saved.editing.deleted != deleted_of(request, saved.campaign):
        request.session[DELETED] = {"of": saved.campaign.pk, "blocks": saved.editing.deleted}
