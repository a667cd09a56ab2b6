"""Send your first event: code to paste, and a light that turns green."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HTMX_STOP_POLLING

from events import sending
from events.views.asked import SECTION
from events.views.feed import SEE
from segmentflow.api.keys import create_key
from segmentflow.api.limits import USUAL_EVENTS, USUAL_REQUESTS
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import ApiKey, User

PAGE = "events/send_events.html"
MAKE_KEYS = "segmentflow.add_apikey"
API = "/api/v1/events"
LONGEST_NAME = 100


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
@needs(*SEE)
def send_events(request: HtmxHttpRequest) -> HttpResponse:
    """The part that refreshes asks for one token; every visit gets another."""
    token = request.GET.get("token", "")
    token = token if sending.is_token(token) else sending.new_token()
    key = _new_key(request) if request.method == "POST" else ""
    context: dict[str, Any] = {
        "section": SECTION,
        "token": token,
        "key": key,
        **_arrival(token),
        **_snippets(request, token, key),
    }
    template = page_or_part(request, PAGE, "arrival")
    is_over = template != PAGE and context["arrived"]
    return render(request, template, context, status=HTMX_STOP_POLLING if is_over else 200)


def _new_key(request: HtmxHttpRequest) -> str:
    user = request.user
    if not user.has_perm(MAKE_KEYS):
        raise PermissionDenied("Only admins make keys.")
    name = f"First event by {user.get_username()}"[:LONGEST_NAME]
    by = user if isinstance(user, User) else None
    _, key = create_key(
        name=name,
        scopes=[ApiKey.Scope.INGEST],
        created_by=by,
        requests_per_second=USUAL_REQUESTS,
        events_per_second=USUAL_EVENTS,
    )
    return key


def _arrival(token: str) -> dict[str, Any]:
    event = sending.arrived_event(token)
    seconds = (current_time() - event.received_at).total_seconds() if event else 0
    return {"arrived": event, "seconds": max(0.0, seconds)}


def _snippets(request: HtmxHttpRequest, token: str, key: str) -> dict[str, Any]:
    type_ = sending.type_to_send()
    if type_ is None:
        return {"snippets": []}
    return {
        "type": type_,
        "contact_sent": sending.CONTACT,
        "snippets": sending.snippets(
            url=request.build_absolute_uri(API),
            key=key or sending.NO_KEY,
            event=sending.event_to_send(token=token, type_=type_),
        ),
    }
