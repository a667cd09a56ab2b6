"""One's own account: name, email, and what the role allows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.pages import notices
from segmentflow.pages.security_forms import AccountForm
from segmentflow.pages.settings_tabs import GET_OR_POST, UNPROCESSABLE, person
from segmentflow.users import change_account, role_in_words

PAGE = "account/account.html"
SECTION = "account"


@sensitive_post_parameters("current_password")
@require_http_methods(GET_OR_POST)
@needs()
def account(request: HtmxHttpRequest) -> HttpResponse:
    """With another email, other sessions of this person end."""
    user = person(request.user)
    form = AccountForm(
        request.POST if request.method == "POST" else None, request=request, user=user
    )
    if form.is_valid():
        before = user.email
        values = {name: form.cleaned_data[name] for name in form.Meta.fields}
        is_other = change_account(user=user, keep=request.session.session_key, **values)
        if is_other and before:
            notices.tell(request, user, notices.EMAIL, to=before)
        out = " Other devices have to sign in again." if is_other else ""
        messages.success(request, f"Your account was saved.{out}")
        return redirect("account")
    context = {"section": SECTION, "form": form, "role": role_in_words(user)}
    return render(request, PAGE, context, status=UNPROCESSABLE if form.errors else 200)
