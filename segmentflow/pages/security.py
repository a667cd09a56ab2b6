"""How one signs in: password, second factor, passkeys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User
from segmentflow.pages import notices
from segmentflow.pages.account import SECTION
from segmentflow.pages.security_forms import OwnPasswordForm
from segmentflow.pages.settings_tabs import GET_OR_POST, UNPROCESSABLE, person
from segmentflow.signin import policy
from segmentflow.signin.factors import factors_of
from segmentflow.signin.passkeys import works_here
from segmentflow.signin.relying_party import relying_party
from segmentflow.users import set_password

PAGE = "account/security.html"


@require_safe
@needs()
def security(request: HtmxHttpRequest) -> HttpResponse:
    user = person(request.user)
    return _page(request, user, OwnPasswordForm(user, request=request))


@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
@needs()
def account_password(request: HtmxHttpRequest) -> HttpResponse:
    """Other sessions of this person end; this one goes on."""
    user = person(request.user)
    if request.method != "POST":
        return redirect("security")
    form = OwnPasswordForm(user, request.POST, request=request)
    if not form.is_valid():
        return _page(request, user, form)
    password = form.cleaned_data["new_password1"]
    set_password(user=user, password=password, keep=request.session.session_key)
    update_session_auth_hash(request, user)
    notices.tell(request, user, notices.PASSWORD)
    messages.success(request, "Your password was changed. Other devices have to sign in again.")
    return redirect("security")


def _page(request: HtmxHttpRequest, user: User, form: OwnPasswordForm) -> HttpResponse:
    context = {
        "section": SECTION,
        "form": form,
        "factors": factors_of(user),
        "is_needed": policy.has_to_have(user, policy.needing()),
        **about_passkeys(request),
    }
    return render(request, PAGE, context, status=UNPROCESSABLE if form.errors else 200)


def about_passkeys(request: HtmxHttpRequest) -> dict[str, Any]:
    """Whether this page can make one, and where else."""
    party = relying_party(settings.PUBLIC_URL)
    return {
        "can_have_passkeys": works_here(request),
        "passkeys_at": party.origin if party.is_possible else "",
    }
