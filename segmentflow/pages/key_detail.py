"""One API key: how much it is used, its limits, another one in its place, and revoking it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow import confirm
from segmentflow.api.keys import change_key, revoke_key, rotate_key
from segmentflow.api.use import USES
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import ApiKey, KeyUse
from segmentflow.pages.key_form import LimitsForm, RotateForm, limits_of
from segmentflow.pages.keys import CREATED, SCOPE_LABELS, SEE, row_of, shown_once
from segmentflow.pages.settings_tabs import GET_OR_POST, SECTION, UNPROCESSABLE, person

DETAIL: Final = "settings/key_detail.html"
EDIT: Final = "settings/key_edit.html"
ROTATE: Final = "settings/key_rotate.html"
CHANGE: Final = (*SEE, "segmentflow.change_apikey")
DAYS: Final = 30
NEVER_AGAIN: Final = "This key is revoked. Make another one."


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    requests: int = 0
    events: int = 0
    refused: int = 0


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def key_detail(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The part about its use refreshes itself."""
    key, now = _key(pk), current_time()
    USES.add(now=now)
    days = used(key, now=now)
    context = {
        "section": SECTION,
        "key": key,
        "row": row_of(key, now=now),
        "replaced_by": key.replaced_by.first(),
        "days": [day for day in days[::-1] if day.requests or day.refused],
        "total": _total(days),
        "drawn": [day.requests for day in days],
    }
    return render(request, page_or_part(request, DETAIL, "use"), context)


def used(key: ApiKey, *, now: datetime) -> list[Day]:
    """Each of the last days (UTC), oldest first."""
    today = now.astimezone(UTC).date()
    since = today - timedelta(days=DAYS - 1)
    found = {
        use.day: Day(use.day, use.requests, use.events, use.refused)
        for use in KeyUse.objects.filter(key=key, day__gte=since)
    }
    days = [since + timedelta(days=number) for number in range(DAYS)]
    return [found.get(day) or Day(day) for day in days]


def _total(days: Sequence[Day]) -> Day:
    return Day(
        days[-1].day,
        sum(day.requests for day in days),
        sum(day.events for day in days),
        sum(day.refused for day in days),
    )


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def key_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """When it expires and how much it may send; what it may do never changes."""
    key = _working(pk)
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=limits_of(key))
    if form.is_valid():
        change_key(key=key, **form.limits, now=current_time())
        messages.success(request, f"“{key.name}” was saved.")
        return redirect("key_detail", pk)
    context = {"section": SECTION, "key": key, "form": form}
    return render(request, EDIT, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(GET_OR_POST)
@never_cache
@needs(*CHANGE, "segmentflow.add_apikey")
def key_rotate(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The answer to the form is the only page that ever shows the new key."""
    key = _working(pk)
    form = RotateForm(request.POST if request.method == "POST" else None, initial={"days": 7})
    if form.is_valid():
        row, made = rotate_key(
            key=key,
            days=form.cleaned_data["days"],
            created_by=person(request.user),
            now=current_time(),
        )
        old = ApiKey.objects.get(pk=pk)
        context: dict[str, Any] = {"section": SECTION, "old": old}
        return render(request, CREATED, context | shown_once(request, row, made))
    context = {"section": SECTION, "key": key, "form": form}
    return render(request, ROTATE, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def key_revoke(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    if request.method == "POST":
        if revoke_key(key, now=current_time()):
            messages.success(request, f"“{key.name}” is revoked and does not work any more.")
        else:
            messages.info(request, f"“{key.name}” was revoked already.")
        return redirect("key_list")
    return confirm.ask(
        request,
        title=f"Revoke the key “{key.name}”",
        detail=f"Programs that use the key {key.prefix}… will be refused at once:",
        consequences=[
            f"It may: {', '.join(SCOPE_LABELS[scope].lower() for scope in key.scopes)}",
            f"Last used: {_used(key)}",
            "This cannot be undone; make another key for programs that shall go on.",
        ],
        button="Revoke key",
        back=reverse("key_list"),
        is_refused=key.revoked_at is not None,
        section=SECTION,
    )


def _key(pk: int) -> ApiKey:
    return get_object_or_404(ApiKey.objects.select_related("created_by", "replaces"), pk=pk)


def _working(pk: int) -> ApiKey:
    key = _key(pk)
    if key.revoked_at is not None:
        raise PermissionDenied(NEVER_AGAIN)
    return key


def _used(key: ApiKey) -> str:
    return str(naturaltime(key.last_used_at)) if key.last_used_at else "never"
