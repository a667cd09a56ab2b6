"""Setting up an authenticator app, turning it off, and recovery codes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp import login as note_device

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User
from segmentflow.pages import notices
from segmentflow.pages.account import SECTION
from segmentflow.pages.security import about_passkeys
from segmentflow.pages.security_forms import AppForm, OffForm, PasswordAgainForm
from segmentflow.pages.settings_tabs import GET_OR_POST, UNPROCESSABLE, person
from segmentflow.signin import factors, lockout, policy
from segmentflow.signin.sessions import end_sessions

NEW = "account/second_factor.html"
OFF = "account/second_factor_off.html"
CODES = "account/recovery_codes.html"
SHOWN = "account/recovery_codes_shown.html"
KEY = "new_app"
"""In the session: the key of an app that is being set up."""
WRONG_CODE = "This code does not fit. Each is valid for half a minute: try the next one."


@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
@needs()
def second_factor(request: HtmxHttpRequest) -> HttpResponse:
    """An app, in the place of one that was there before."""
    user = person(request.user)
    key = request.session.setdefault(KEY, factors.new_key())
    form = AppForm(request.POST if request.method == "POST" else None, request=request, user=user)
    if form.is_valid():
        now = current_time()
        device = factors.add_app(user=user, key=key, code=form.cleaned_data["code"], now=now)
        if device is not None:
            del request.session[KEY]
            note_device(request, device)
            end_sessions(user=user, keep=request.session.session_key)
            notices.tell(request, user, notices.APP_ON)
            return _show_codes(request, user)
        form.add_error("code", WRONG_CODE)
    context = _frame(request, user) | {
        "form": form,
        "factors": factors.factors_of(user),
        "key": factors.key_as_text(key),
        "picture": factors.key_as_picture(user, key),
        **about_passkeys(request),
    }
    return render(request, NEW, context, status=UNPROCESSABLE if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
@needs()
def second_factor_off(request: HtmxHttpRequest) -> HttpResponse:
    user = person(request.user)
    has = factors.factors_of(user)
    if has.app is None:
        return redirect("security")
    form = OffForm(request.POST if request.method == "POST" else None, request=request, user=user)
    if form.is_valid() and _is_code_of(user, form, request):
        factors.remove_app(user=user, now=current_time())
        keep_verified(request, user)
        end_sessions(user=user, keep=request.session.session_key)
        notices.tell(request, user, notices.APP_OFF)
        messages.success(request, "The authenticator app is off.")
        return redirect("security")
    is_needed = policy.has_to_have(user, policy.needing()) and not has.passkeys
    context = _frame(request, user) | {"form": form, "is_needed": is_needed}
    return render(request, OFF, context, status=UNPROCESSABLE if form.errors else 200)


def _is_code_of(user: User, form: OffForm, request: HtmxHttpRequest) -> bool:
    """Wrong ones count as they do when somebody signs in."""
    checked = factors.check_code(user=user, code=form.cleaned_data["code"])
    if checked.device is None:
        form.add_error("code", what_is_wrong(checked))
        if checked.wait_until is None:
            lockout.note_failure(request, user=user)
    return checked.device is not None


def what_is_wrong(checked: factors.Checked) -> str:
    if checked.wait_until is None:
        return "This code does not fit, or was used before."
    seconds = max(1, round((checked.wait_until - current_time()).total_seconds()))
    return f"There were wrong codes just now. Try again in {seconds} seconds."


def keep_verified(request: HtmxHttpRequest, user: User) -> None:
    """After one was removed, this session stands on another that is left, or on none."""
    request.session.pop(DEVICE_ID_SESSION_KEY, None)
    left = factors.factors_of(user)
    for device in (left.app, *left.passkeys):
        if device is not None:
            note_device(request, device)
            return


@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
@needs()
def recovery_codes(request: HtmxHttpRequest) -> HttpResponse:
    user = person(request.user)
    has = factors.factors_of(user)
    if not has.is_there:
        return redirect("second_factor")
    form = PasswordAgainForm(
        request.POST if request.method == "POST" else None, request=request, user=user
    )
    if form.is_valid():
        notices.tell(request, user, notices.CODES)
        return _show_codes(request, user)
    context = _frame(request, user) | {"form": form, "factors": has}
    return render(request, CODES, context, status=UNPROCESSABLE if form.errors else 200)


def _show_codes(request: HtmxHttpRequest, user: User) -> HttpResponse:
    """The only page that ever shows them."""
    codes = factors.make_recovery_codes(user=user, now=current_time())
    return render(request, SHOWN, _frame(request, user) | {"codes": codes})


def _frame(request: HtmxHttpRequest, user: User) -> dict[str, Any]:
    """Whoever has to set one up first sees no ways to other pages."""
    is_held = DEVICE_ID_SESSION_KEY not in request.session and policy.has_to_have(
        user, policy.needing()
    )
    layout = "account/held.html" if is_held else "base.html"
    return {"section": SECTION, "layout": layout, "is_held": is_held}
