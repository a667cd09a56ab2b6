"""How users sign in, for admins: locks, sessions, and second factors that were lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from segmentflow import confirm
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User
from segmentflow.pages import notices
from segmentflow.pages.sessions import note_ended
from segmentflow.pages.settings_tabs import GET_OR_POST, SECTION, person
from segmentflow.signin import factors, lockout, policy, sessions
from segmentflow.users import may_touch

CHANGE = ("segmentflow.view_user", "segmentflow.change_user")


def about_signing_in(user: User) -> dict[str, Any]:
    """For the page of a user."""
    return {
        "factors": factors.factors_of(user),
        "places": sessions.places_of(user, now=current_time()),
        "locks": lockout.locks_of(user),
        "is_needed": policy.has_to_have(user, policy.needing()),
    }


def _touched(request: HtmxHttpRequest, pk: int) -> User:
    user = get_object_or_404(User, pk=pk)
    if not may_touch(by=person(request.user), user=user):
        raise PermissionDenied("Only superusers change superusers.")
    return user


@require_POST
@needs(*CHANGE)
def user_unlock(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    user = _touched(request, pk)
    lockout.unlock(user)
    record(action="unlocked", kind="user", key=user.pk, name=user.get_username())
    messages.success(request, f"“{user.get_username()}” may try to sign in again.")
    return redirect("user_edit", user.pk)


@require_POST
@needs(*CHANGE)
def user_sign_out(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Everywhere; of one's own sessions all but this one."""
    user = _touched(request, pk)
    is_self = user.pk == person(request.user).pk
    count = sessions.end_sessions(user=user, keep=request.session.session_key if is_self else None)
    if count:
        note_ended(user, count)
    messages.success(request, f"“{user.get_username()}” was signed out everywhere.")
    return redirect("user_edit", user.pk)


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def user_reset_factor(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """One's own is turned off with password and code (second_factor.py)."""
    user = _touched(request, pk)
    if user.pk == person(request.user).pk:
        return redirect("security")
    back = reverse("user_edit", args=[user.pk])
    if request.method == "POST":
        factors.reset_factors(user=user, now=current_time())
        sessions.end_sessions(user=user)
        notices.tell(request, user, notices.RESET)
        messages.success(request, f"“{user.get_username()}” signs in with the password alone now.")
        return redirect(back)
    return confirm.ask(
        request,
        title=f"Reset the second factor of “{user.get_username()}”",
        detail="For whoever lost phone, passkeys and recovery codes. First make sure, not by mail, that it is"
        " really this person who asks: afterwards the password alone lets in.",
        consequences=[
            "Authenticator app, passkeys and recovery codes are forgotten.",
            "This person is signed out everywhere.",
        ],
        button="Reset second factor",
        back=back,
        is_refused=not factors.has_factor(user),
        section=SECTION,
    )
