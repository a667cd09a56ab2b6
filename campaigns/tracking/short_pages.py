"""`/s/…`: the short addresses of text messages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from campaigns.tracking.events import Reaction
from campaigns.tracking.short import find_short
from campaigns.tracking.tokens import Signed
from campaigns.tracking.views import record, to_destination, unknown


@require_safe
def short_link(request: HttpRequest, code: str) -> HttpResponse:
    """Nobody learns whether a code was never there, or its contact was erased."""
    led = find_short(code)
    if led is None:
        return unknown()
    if not led.url.startswith(f"{settings.PUBLIC_URL}/m/"):  # ours count where they lead
        record(request, Signed(led.key), Reaction.CLICK, led.url)
    return to_destination(led.url)
