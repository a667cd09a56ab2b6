"""Passkeys: made, named, removed, and signed in with. Browsers and these views speak JSON."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as note_device
from django_otp_webauthn import views as library
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.models import WebAuthnCredential
from django_otp_webauthn.utils import rewrite_exceptions

from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User
from segmentflow.pages import notices
from segmentflow.pages.account import SECTION
from segmentflow.pages.second_factor import keep_verified
from segmentflow.pages.security_forms import (
    WRONG_PASSWORD,
    PasskeyNameForm,
    PasswordAgainForm,
    is_password_of,
)
from segmentflow.pages.settings_tabs import GET_OR_POST, UNPROCESSABLE, person
from segmentflow.signin import entering, factors, sessions
from segmentflow.signin.passkeys import Ceremony

EDIT = "account/passkey.html"
REMOVE = "account/passkey_remove.html"
NAME = "new_passkey"
"""In the session: how the one is to be called that is being made."""
MOST = 20


class NotYet(OTPWebAuthnApiError):  # type: ignore[misc] # the library has no types
    """What has to be put right in the form first."""

    status_code = UNPROCESSABLE
    default_code = "not_yet"


class BeginMaking(Ceremony, library.BeginCredentialRegistrationView):  # type: ignore[misc] # the same
    """Takes the passkey's name and the password of whoever makes it."""

    def check_can_register(self) -> None:
        user = person(self.request.user)
        form = PasskeyNameForm(self.request.data)
        if not form.is_valid():
            raise NotYet("Give it a name of at most 64 characters.")
        if WebAuthnCredential.objects.filter(user=user).count() >= MOST:
            raise NotYet(f"Nobody has more than {MOST} passkeys. Remove one first.")
        password = self.request.data.get("current_password")
        if not isinstance(password, str) or not is_password_of(user, password, self.request):
            raise NotYet(WRONG_PASSWORD)
        self.request.session[NAME] = form.cleaned_data["name"]


class FinishMaking(Ceremony, library.CompleteCredentialRegistrationView):  # type: ignore[misc] # the same
    reads_answers = True

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        user, state, now = person(self.request.user), self.get_state(), current_time()
        name = self.request.session.pop(NAME, "Passkey")
        with rewrite_exceptions():
            passkey = self.get_helper().register_complete(
                user=user, state=state, data=self.request.data
            )
        WebAuthnCredential.objects.filter(pk=passkey.pk).update(name=name)
        if not self.request.user.is_verified():
            note_device(self.request, passkey)
        sessions.end_sessions(user=user, keep=self.request.session.session_key)
        record(
            action="set up",
            kind=factors.KIND,
            key=user.pk,
            name=user.get_username(),
            said=f"passkey “{name}”",
            now=now,
        )
        notices.tell(self.request, user, notices.PASSKEY_ON)
        messages.success(self.request, f"The passkey “{name}” can be used now.")
        return JsonResponse({"id": passkey.pk, "redirect_url": reverse("security")})


class BeginSigningIn(Ceremony, library.BeginCredentialAuthenticationView):  # type: ignore[misc] # the same
    """Before or instead of the password: any passkey of ours; after it, one of that person's."""

    def get_user(self) -> User | None:
        found = entering.waiting(self.request, now=current_time())
        return found.user if found else None

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        data, state = self.get_helper().authenticate_begin(
            user=self.get_user(), require_user_verification=True
        )
        self.request.session["otp_webauthn_authentication_state"] = state
        return JsonResponse(data)


class FinishSigningIn(Ceremony, library.CompleteCredentialAuthenticationView):  # type: ignore[misc] # the same
    reads_answers = True

    def get_user(self) -> User | None:
        found = entering.waiting(self.request, now=current_time())
        return found.user if found else None

    def get_success_url(self) -> str:
        return str(self._to or super().get_success_url())

    def complete_auth(self, device: Any) -> User:
        found = entering.waiting(self.request, now=current_time())
        self._to = found.to if found else ""
        how = sessions.WITH_PASSKEY if found else sessions.PASSKEY
        user: User = device.user
        entering.enter(self.request, user=user, how=how, device=device, now=current_time())
        return user


@require_http_methods(GET_OR_POST)
@needs()
def passkey_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    passkey = _own(request, pk)
    form = PasskeyNameForm(
        request.POST if request.method == "POST" else None, initial={"name": passkey.name}
    )
    if form.is_valid():
        passkey.name = form.cleaned_data["name"]
        passkey.save(update_fields=["name"])
        messages.success(request, f"The passkey is called “{passkey.name}”.")
        return redirect("security")
    context = {"section": SECTION, "form": form, "passkey": passkey}
    return render(request, EDIT, context, status=UNPROCESSABLE if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
@needs()
def passkey_remove(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    user, passkey = person(request.user), _own(request, pk)
    if not request.user.is_verified():  # type: ignore[union-attr] # django-otp's
        raise PermissionDenied("Sign in with your second factor first.")
    form = PasswordAgainForm(
        request.POST if request.method == "POST" else None, request=request, user=user
    )
    if form.is_valid():
        factors.remove_passkey(user=user, passkey=passkey, now=current_time())
        keep_verified(request, user)
        sessions.end_sessions(user=user, keep=request.session.session_key)
        notices.tell(request, user, notices.PASSKEY_OFF)
        messages.success(request, f"The passkey “{passkey.name}” opens nothing here any more.")
        return redirect("security")
    context = {"section": SECTION, "form": form, "passkey": passkey}
    return render(request, REMOVE, context, status=UNPROCESSABLE if form.errors else 200)


def _own(request: HtmxHttpRequest, pk: int) -> Any:
    return get_object_or_404(WebAuthnCredential, pk=pk, user=person(request.user))
