"""For whoever is signed in: that they were here, and that they have what they need to go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_otp import DEVICE_ID_SESSION_KEY

from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.signin import policy, sessions
from segmentflow.views import permission_denied

FOR_NOBODY: Final = ("/t.js", "/push", "/m/", "/s/", "/v1/", "/docs", "/favicon.ico")
"""Answers the same whoever asks; many of them are kept by browsers for everybody."""
WAY_IN: Final = (
    "/account/second-factor",
    "/account/passkeys",
    "/sign-out",
    "/theme",
    "/admin/logout",
)
"""What somebody needs who has to set up a second factor first."""
POLLS: Final = "X-Polling"
"""Of a page that asks by itself: nobody need be there (static/js/live.js)."""


class SignedInMiddleware:
    """After those that know who it is and what htmx asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if not has_session or request.path.startswith(FOR_NOBODY):
            return self.get_response(request)
        try:
            answer = _instead(request)
        except (OperationalError, InterfaceError):
            # The view says what is the matter, if it needs the database at all.
            answer = None
        return answer or self.get_response(request)


def _instead(request: HttpRequest) -> HttpResponseBase | None:
    session = request.session
    if SESSION_KEY not in session:
        return None
    if POLLS not in request.headers:
        sessions.note_seen(request, now=current_time())
    if DEVICE_ID_SESSION_KEY in session or request.path.startswith(WAY_IN):
        return None
    needed = policy.needing()
    user = request.user if needed else None
    if not isinstance(user, User) or not policy.has_to_have(user, needed):
        return None
    return _lead_to_setting_up(request)


def _lead_to_setting_up(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        said = "Set up a second factor in the browser first: your workspace asks for it."
        return permission_denied(request, PermissionDenied(said))
    way = reverse("second_factor")
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(way)
    return redirect(way)
