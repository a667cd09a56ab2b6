"""A draft: begun, and the page on which whom it is for and when are said, saved as one goes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from campaigns import services
from campaigns.counting import count_quickly, shares
from campaigns.forms import CampaignForm, NewCampaignForm
from campaigns.models import Campaign
from campaigns.readiness import problems_of
from campaigns.selectors import row_of
from campaigns.services import Stale
from campaigns.steps import steps_of
from campaigns.views.shown import CHANGE, SECTION, SEE, campaign_of, number_of, person
from contacts.problems import Conflict, Refused
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, wants_part
from segments.models import Segment

PAGE = "campaigns/campaign_edit.html"
NEW = "campaigns/campaign_new.html"
SAVED = "campaigns/_saved.html"
NO_REVISION = -1


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "campaigns.add_campaign")
def campaign_new(request: HtmxHttpRequest) -> HttpResponse:
    segment = _segment(request.POST.get("segment") or request.GET.get("segment", ""))
    form = NewCampaignForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            campaign = services.create_campaign(
                **form.cleaned_data,
                include=[segment] if segment else [],
                by=person(request),
                now=current_time(),
            )
        except Conflict as conflict:
            form.add_error(None, str(conflict))
        else:
            return redirect("campaign_edit", campaign.pk)
    context = {"section": SECTION, "form": form, "segment": segment}
    return render(request, NEW, context, status=422 if form.is_bound else 200)


def _segment(key: str) -> Segment | None:
    found = Segment.objects.exclude(status=Segment.Status.ARCHIVED)
    return found.filter(key=key.replace("\0", "")).first()


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*CHANGE)
def campaign_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(pk)
    if request.method == "POST":
        return _changed(request, campaign)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect("campaign_detail", campaign.pk)
    answer = render(request, PAGE, editor_context(campaign))
    answer["Cache-Control"] = "no-store"  # going back shows what was saved since
    return answer


def _changed(request: HtmxHttpRequest, campaign: Campaign) -> HttpResponse:
    form = CampaignForm(request.POST, campaign=campaign)
    form.is_valid()
    revision = number_of(request.POST.get("revision"))
    try:
        campaign = services.change_campaign(
            campaign=campaign,
            revision=NO_REVISION if revision is None else revision,
            changes=form.changes() | _targets(request, campaign),
            by=person(request),
            now=current_time(),
        )
    except Stale as stale:
        return _overtaken(request, stale)
    except Refused as refused:
        for problem in refused.problems:
            form.add_error(problem.path if problem.path in form.fields else None, problem.message)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return redirect("campaign_detail", campaign.pk)
    return _saved(request, campaign, form)


def _targets(request: HtmxHttpRequest, campaign: Campaign) -> dict[str, list[str]]:
    """What a button does with a segment: its value is such as `include:vips`."""
    do, _, key = request.POST.get("do", "").partition(":")
    if do not in ("include", "exclude", "remove") or not key:
        return {}
    state = services.state_of(campaign)
    kept = {name: [one for one in state[name] if one != key] for name in services.TARGETS}
    if do != "remove":
        kept[do].append(key)
    return kept


def _saved(request: HtmxHttpRequest, campaign: Campaign, form: CampaignForm) -> HttpResponse:
    """On to the next step when that was asked for and all was stored."""
    is_part, status = wants_part(request), 422 if form.errors else 200
    if not form.errors and (not is_part or request.POST.get("do") == "review"):
        answer = _onwards(request, campaign)
    else:
        context = editor_context(campaign, form=form, counts=not is_part)
        answer = render(request, SAVED if is_part else PAGE, context, status=status)
    answer.headers["Campaign-Revision"] = str(campaign.revision)
    return answer


def _onwards(request: HtmxHttpRequest, campaign: Campaign) -> HttpResponse:
    if request.POST.get("do") == "review":
        start = reverse("campaign_start", args=[campaign.pk])
        return HttpResponseClientRedirect(start) if wants_part(request) else redirect(start)
    messages.success(request, "Saved.")
    return redirect("campaign_edit", campaign.pk)


def _overtaken(request: HtmxHttpRequest, stale: Stale) -> HttpResponse:
    """The editor as it is now, with what others did and what was not stored."""
    context = editor_context(stale.campaign) | {"notice": stale}
    template = f"{PAGE}#editor" if wants_part(request) else PAGE
    answer = render(request, template, context, status=409)
    answer.headers["Campaign-Revision"] = str(stale.campaign.revision)
    return answer


def editor_context(
    campaign: Campaign, *, form: CampaignForm | None = None, counts: bool = True
) -> dict[str, Any]:
    now = current_time()
    problems = problems_of(campaign=campaign, now=now)
    audience = count_quickly(campaign=campaign, now=now) if counts else None
    row = row_of(campaign)
    chosen = {target.segment_id for target in (*row.included, *row.excluded)}
    return {
        "section": SECTION,
        "campaign": campaign,
        "form": form or CampaignForm(campaign=campaign),
        "row": row,
        "choices": [segment for segment in _choices() if segment.pk not in chosen],
        "steps": steps_of(campaign, problems, here=""),
        "problems": problems,
        "audience": audience,
        "shares": shares(audience) if audience else [],
    }


def _choices() -> list[Segment]:
    return list(Segment.objects.exclude(status=Segment.Status.ARCHIVED).order_by("name", "pk"))
