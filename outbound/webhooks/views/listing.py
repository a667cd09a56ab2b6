"""The list of webhooks."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from outbound.webhooks.selectors import STANDINGS, found
from outbound.webhooks.views.shown import SECTION, SEE
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.views.shown import searched

LIST: Final = "outbound/webhook_list.html"


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def webhook_list(request: HtmxHttpRequest) -> HttpResponse:
    words, state = searched(request), request.GET.get("state", "")
    state = state if state in {one.name for one in STANDINGS} else ""
    context = {
        "section": SECTION,
        "rows": found(words=words, state=state),
        "q": words,
        "state": state,
        "standings": STANDINGS,
        "is_narrowed": bool(words or state),
    }
    return render(request, page_or_part(request, LIST, "webhooks"), context)
