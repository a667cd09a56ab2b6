"""Where one is signed in, and signing out there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User
from segmentflow.pages.account import SECTION
from segmentflow.pages.settings_tabs import person
from segmentflow.signin.sessions import end_session, end_sessions, places_of

PAGE = "account/sessions.html"


@require_safe
@needs()
def session_list(request: HtmxHttpRequest) -> HttpResponse:
    user = person(request.user)
    places = places_of(user, now=current_time(), this=request.session.session_key)
    context = {
        "section": SECTION,
        "places": places,
        "others": sum(not place.is_this for place in places),
        "idle_words": in_words(settings.SESSION_IDLE),
        "whole_words": in_words(settings.SESSION_WHOLE),
    }
    return render(request, PAGE, context)


@require_POST
@needs()
def session_end(request: HtmxHttpRequest, ref: str) -> HttpResponse:
    user = person(request.user)
    try:
        was_there = end_session(user=user, ref=UUID(ref))
    except ValueError:
        was_there = False
    if not was_there:
        raise Http404
    note_ended(user, 1)
    messages.success(request, "Signed out there.")
    return redirect("session_list")


@require_POST
@needs()
def sessions_end(request: HtmxHttpRequest) -> HttpResponse:
    user = person(request.user)
    count = end_sessions(user=user, keep=request.session.session_key)
    if count:
        note_ended(user, count)
    messages.success(request, "You are signed in nowhere else.")
    return redirect("session_list")


def in_words(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours >= 48:
        return f"{hours / 24:.3g} days"
    return "1 hour" if hours == 1 else f"{hours:.3g} hours"


def note_ended(user: User, count: int) -> None:
    said = "1 session" if count == 1 else f"{count} sessions"
    record(action="signed out", kind="session", key=user.pk, name=user.get_username(), said=said)
