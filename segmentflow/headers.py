"""What every answer tells browsers, besides the policy of django-csp and Django's own headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

EMBEDDED: Final = ("/t.js", "/push.js", "/push-worker.js", "/m/", "/v1/", "/s/")
"""What websites and mails of others load, which `same-origin` would forbid them."""
UNUSED: Final = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
PERMISSIONS: Final = ", ".join(
    [
        *(f"{name}=()" for name in UNUSED),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)


class HeadersMiddleware:
    """Before the one that serves static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        answer.headers.setdefault("Permissions-Policy", PERMISSIONS)
        is_embedded = request.path.startswith(EMBEDDED)
        answer.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_embedded else "same-origin"
        )
        # Nearly everything here is about people: who may keep it says so where it is made.
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer
