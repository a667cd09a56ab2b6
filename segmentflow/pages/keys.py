"""API keys: made and shown once, listed, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow import confirm
from segmentflow.api.keys import create_key, revoke_key
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import ApiKey
from segmentflow.pages.key_form import KeyForm
from segmentflow.pages.settings_tabs import (
    GET_OR_POST,
    SECTION,
    UNPROCESSABLE,
    person,
    searched,
)

LIST = "settings/key_list.html"
NEW = "settings/key_new.html"
CREATED = "settings/key_created.html"
KEYS_A_PAGE = 50
SEE = ("segmentflow.view_apikey",)
SCOPE_LABELS = dict(ApiKey.Scope.choices)
TRIED = {
    ApiKey.Scope.READ: "/api/v1/segments",
    ApiKey.Scope.WRITE: "/api/v1/status",
}
"""What answers a key that may not send events."""


@dataclass(frozen=True, slots=True)
class Row:
    key: ApiKey
    scopes: list[str]
    """In words."""


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def key_list(request: HtmxHttpRequest) -> HttpResponse:
    words, state = searched(request), request.GET.get("state", "")
    state = state if state in ("revoked", "valid") else ""
    page = Paginator(_found(words, state), KEYS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "rows": [Row(key, [SCOPE_LABELS[scope] for scope in key.scopes]) for key in page],
        "q": words,
        "state": state,
        "is_narrowed": bool(words or state),
    }
    return render(request, page_or_part(request, LIST, "keys"), context)


def _found(words: str, state: str) -> QuerySet[ApiKey]:
    """Those that work first, the newest first."""
    keys = ApiKey.objects.select_related("created_by")
    if words:
        keys = keys.filter(name__icontains=words) | keys.filter(prefix__startswith=words)
    if state:
        keys = keys.filter(revoked_at__isnull=state == "valid")
    return keys.order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-pk")


@require_http_methods(GET_OR_POST)
@never_cache
@needs(*SEE, "segmentflow.add_apikey")
def key_new(request: HtmxHttpRequest) -> HttpResponse:
    """The answer to the form is the only page that ever shows the key."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        row, key = create_key(**form.cleaned_data, created_by=person(request.user))
        return render(request, CREATED, {"section": SECTION, **_shown(request, row, key)})
    context = {"section": SECTION, "form": form}
    return render(request, NEW, context, status=UNPROCESSABLE if form.errors else 200)


def _shown(request: HtmxHttpRequest, row: ApiKey, key: str) -> dict[str, Any]:
    scopes = [ApiKey.Scope(scope) for scope in row.scopes]
    sends = ApiKey.Scope.INGEST in scopes
    path = "/api/v1/events" if sends else TRIED[scopes[0]]
    return {
        "row": row,
        "key": key,
        "scopes": [scope.label for scope in scopes],
        "sends": sends,
        "url": request.build_absolute_uri(path),
    }


@require_http_methods(GET_OR_POST)
@needs(*SEE, "segmentflow.change_apikey")
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


def _used(key: ApiKey) -> str:
    return str(naturaltime(key.last_used_at)) if key.last_used_at else "never"
