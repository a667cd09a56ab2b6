"""API keys: listed, made and shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.api.keys import create_key, is_expired
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import ApiKey
from segmentflow.pages.key_form import KeyForm, proposed
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
    ApiKey.Scope.AUDIT: "/api/v1/audit",
}
"""What answers a key that may not send events."""
SOON: Final = timedelta(days=14)
"""So long before it expires the list says so."""
STATES: Final = ("valid", "soon", "expired", "revoked")


@dataclass(frozen=True, slots=True)
class Row:
    key: ApiKey
    scopes: list[str]
    """In words."""
    is_expired: bool
    expires_soon: bool

    @property
    def last_moment(self) -> datetime | None:
        """In which it still works: of one that expires at midnight, that of the day before."""
        ends = self.key.expires_at
        return ends - timedelta(microseconds=1) if ends else None


def row_of(key: ApiKey, *, now: datetime) -> Row:
    ends = key.expires_at
    is_soon = ends is not None and key.revoked_at is None and now < ends <= now + SOON
    return Row(
        key,
        [SCOPE_LABELS[scope] for scope in key.scopes],
        is_expired=is_expired(key, now=now),
        expires_soon=is_soon,
    )


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def key_list(request: HtmxHttpRequest) -> HttpResponse:
    words, state, now = searched(request), request.GET.get("state", ""), current_time()
    state = state if state in STATES else ""
    page = Paginator(_found(words, state, now), KEYS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": SECTION,
        "page": page,
        "rows": [row_of(key, now=now) for key in page],
        "expiring": ApiKey.objects.filter(_in_state("soon", now)).count(),
        "q": words,
        "state": state,
        "is_narrowed": bool(words or state),
    }
    return render(request, page_or_part(request, LIST, "keys"), context)


def _found(words: str, state: str, now: datetime) -> QuerySet[ApiKey]:
    """Those that work first, the newest first."""
    keys = ApiKey.objects.select_related("created_by")
    if words:
        keys = keys.filter(name__icontains=words) | keys.filter(prefix__startswith=words)
    if state:
        keys = keys.filter(_in_state(state, now))
    return keys.order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-pk")


def _in_state(state: str, now: datetime) -> Q:
    match state:
        case "revoked":
            return Q(revoked_at__isnull=False)
        case "expired":
            return Q(revoked_at=None, expires_at__lte=now)
        case "soon":
            return Q(revoked_at=None, expires_at__gt=now, expires_at__lte=now + SOON)
        case _:
            works = Q(expires_at=None) | Q(expires_at__gt=now)
            return Q(revoked_at=None) & works


@require_http_methods(GET_OR_POST)
@never_cache
@needs(*SEE, "segmentflow.add_apikey")
def key_new(request: HtmxHttpRequest) -> HttpResponse:
    """The answer to the form is the only page that ever shows the key."""
    form = KeyForm(request.POST if request.method == "POST" else None, initial=proposed())
    if form.is_valid():
        row, key = create_key(**form.values, created_by=person(request.user))
        return render(request, CREATED, {"section": SECTION, **shown_once(request, row, key)})
    context = {"section": SECTION, "form": form}
    return render(request, NEW, context, status=UNPROCESSABLE if form.errors else 200)


def shown_once(request: HtmxHttpRequest, row: ApiKey, key: str) -> dict[str, Any]:
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
