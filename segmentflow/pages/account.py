"""One's own account: name, email, password, and what the role allows."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User
from segmentflow.pages.settings_tabs import GET_OR_POST, UNPROCESSABLE, person
from segmentflow.pages.user_forms import AccountForm
from segmentflow.users import change_account, role_in_words, set_password

PAGE = "settings/account.html"
SECTION = "account"


@require_http_methods(GET_OR_POST)
@needs()
def account(request: HtmxHttpRequest) -> HttpResponse:
    user = person(request.user)
    form = AccountForm(request.POST if request.method == "POST" else None, instance=_copy(user))
    if form.is_valid():
        change_account(user=user, **form.cleaned_data)
        messages.success(request, "Your account was saved.")
        return redirect("account")
    return _page(request, user, form, PasswordChangeForm(user))


@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
@needs()
def account_password(request: HtmxHttpRequest) -> HttpResponse:
    """Other sessions of this person end; this one goes on."""
    user = person(request.user)
    if request.method != "POST":
        return redirect("account")
    form = PasswordChangeForm(user, request.POST)
    if form.is_valid():
        set_password(user=user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, "Your password was changed. Other devices have to sign in again.")
        return redirect("account")
    return _page(request, user, AccountForm(instance=_copy(user)), form)


def _copy(user: User) -> User:
    """The form writes into it even what is wrong, which the navigation would show."""
    return User.objects.get(pk=user.pk)


def _page(
    request: HtmxHttpRequest,
    user: User,
    form: AccountForm,
    password_form: PasswordChangeForm,
) -> HttpResponse:
    del password_form.fields["old_password"].widget.attrs["autofocus"]  # most come to read
    context = {
        "section": SECTION,
        "form": form,
        "password_form": password_form,
        "role": role_in_words(user),
    }
    wrong = form.errors or password_form.errors
    return render(request, PAGE, context, status=UNPROCESSABLE if wrong else 200)
