"""What people do with a campaign as a whole: copy, delete, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import services
from campaigns.delivery import steering
from campaigns.models import Campaign
from campaigns.progress import progress_of
from campaigns.views.shown import SECTION, SEE, SEND, campaign_of, person
from campaigns.words import contacts, messages_of
from contacts.problems import Conflict
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs

Status = Campaign.Status


@require_POST
@needs(*SEE, "campaigns.add_campaign")
def campaign_duplicate(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    try:
        copy = services.duplicate_campaign(
            campaign=campaign, by=person(request), now=current_time()
        )
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return redirect("campaign_detail", campaign.pk)
    messages.success(request, f"This is a copy of “{campaign.name}”. It is a draft.")
    return redirect("campaign_detail", copy.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "campaigns.delete_campaign")
def campaign_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    if request.method == "POST":
        return _deleted(request, campaign)
    refusal = services.refusal_of_deleting(campaign)
    return confirm.ask(
        request,
        title=f"Delete campaign “{campaign.name}”",
        detail=refusal or "This cannot be undone.",
        button="Delete campaign",
        back=reverse("campaign_detail", args=[campaign.pk]),
        consequences=[] if refusal else _what_goes(campaign),
        is_refused=bool(refusal),
        section=SECTION,
    )


def _what_goes(campaign: Campaign) -> list[str]:
    if campaign.status == Status.DRAFT:
        return ["Nothing of it was sent. Its message and its settings are forgotten."]
    return [
        f"What is known of its {messages_of(progress_of(campaign).total)} is forgotten: who got it, opened it, clicked.",
        "The events of it stay with the contacts, and so do their decisions about consent.",
    ]


def _deleted(request: HtmxHttpRequest, campaign: Campaign) -> HttpResponse:
    try:
        services.delete_campaign(campaign=campaign)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return redirect("campaign_detail", campaign.pk)
    messages.success(request, f"“{campaign.name}” was deleted.")
    return redirect("campaign_list")


@require_POST
@needs(*SEND)
def campaign_pause(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    return _steered(
        request,
        campaign,
        lambda: steering.pause(campaign=campaign, now=current_time(), by=person(request)),
        f"“{campaign.name}” is paused. What was handed over already cannot be called back.",
    )


@require_POST
@needs(*SEND)
def campaign_resume(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    return _steered(
        request,
        campaign,
        lambda: steering.resume(campaign=campaign, now=current_time(), by=person(request)),
        f"“{campaign.name}” goes on.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEND)
def campaign_cancel(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    if request.method == "POST":
        return _steered(
            request,
            campaign,
            lambda: steering.cancel(campaign=campaign, now=current_time(), by=person(request)),
            f"“{campaign.name}” is cancelled.",
        )
    refusal = _refusal_of_cancelling(campaign)
    return confirm.ask(
        request,
        title=f"Cancel campaign “{campaign.name}”",
        detail=refusal or "A cancelled campaign cannot go on; it can be duplicated.",
        button="Cancel campaign",
        back=reverse("campaign_detail", args=[campaign.pk]),
        consequences=[] if refusal else _what_stops(campaign),
        instead="Keep it",
        is_refused=bool(refusal),
        section=SECTION,
    )


def _refusal_of_cancelling(campaign: Campaign) -> str:
    if campaign.status == Status.DRAFT:
        return "It has not started. A draft can be deleted."
    return "It has ended already." if campaign.status in (Status.DONE, Status.CANCELLED) else ""


def _what_stops(campaign: Campaign) -> list[str]:
    progress = progress_of(campaign)
    said = []
    if progress.to_come:
        said.append(
            f"{contacts(progress.to_come)} {_is(progress.to_come)} still to get it and will not."
        )
    if campaign.kind == Campaign.Kind.ENTERING:
        said.append("Whoever enters from now on gets nothing.")
    elif campaign.status == Status.SCHEDULED and not progress.to_come:
        said.append("Nobody gets it.")
    if progress.sent:
        said.append(
            f"{messages_of(progress.sent)} {_is(progress.sent)} sent already and cannot be called back."
        )
    return said


def _is(amount: int) -> str:
    return "is" if amount == 1 else "are"


def _steered(
    request: HtmxHttpRequest, campaign: Campaign, act: Callable[[], object], said: str
) -> HttpResponse:
    try:
        act()
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        messages.success(request, said)
    return redirect("campaign_detail", campaign.pk)
