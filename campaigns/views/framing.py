"""Messages in frames of ours: what they may do there, and what the pages around them need."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpResponse

from segmentflow.htmx import HtmxHttpRequest

POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:;"
    " style-src 'unsafe-inline' https:; font-src https: data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'"
)
"""Of a message that is shown in a frame: pictures, and nothing that runs or knows where it is."""
PICTURES: Final = {"img-src": ["*"]}
"""What a page's policy allows besides: the pictures of a notification may be anywhere."""
OURS: Final = ("/m/", "/s/")
NEW_TAB: Final = '<base target="_blank">'


def framed(request: HtmxHttpRequest, html: str) -> HttpResponse:
    """An email as mail programs show it, for a frame of ours. Its links open beside the page."""
    answer = HttpResponse(_with_base(nearby(request, html)))
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, no-store"
    return answer


def nearby(request: HtmxHttpRequest, text: str) -> str:
    """Addresses of ours that stand in messages, by the host that this page was asked for by: they
    work here also where PUBLIC_URL does not (yet)."""
    for path in OURS:
        text = text.replace(f"{settings.PUBLIC_URL}{path}", request.build_absolute_uri(path))
    return text


def _with_base(html: str) -> str:
    """Before anything else, so that it holds for all links."""
    start = html.lower().find("<head")
    end = html.find(">", start) + 1 if start >= 0 else 0
    if start < 0 or not end:
        return f"{NEW_TAB}{html}"
    return f"{html[:end]}{NEW_TAB}{html[end:]}"
