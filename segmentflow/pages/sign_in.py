"""Signing in: the password, then for whoever has one the second factor."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest
from segmentflow.pages.second_factor import what_is_wrong
from segmentflow.pages.security_forms import CodeForm
from segmentflow.pages.settings_tabs import GET_OR_POST, UNPROCESSABLE, person
from segmentflow.signin import entering, factors, lockout, sessions
from segmentflow.signin.codes import is_recovery_code
from segmentflow.signin.passkeys import works_here

CODE = "registration/code.html"


class SignIn(LoginView):
    """The first step."""

    redirect_authenticated_user = True
    http_method_names = ("get", "head", "post", "options")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(can_have_passkeys=works_here(self.request), **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user, now = person(form.get_user()), current_time()
        if factors.has_factor(user):
            entering.begin(self.request, user=user, to=self.get_redirect_url(), now=now)
            return redirect("sign_in_code")
        entering.enter(self.request, user=user, how=sessions.PASSWORD, device=None, now=now)
        return redirect(self.get_success_url())


@sensitive_post_parameters()
@require_http_methods(GET_OR_POST)
@never_cache
def sign_in_code(request: HtmxHttpRequest) -> HttpResponse:
    """The second step. Wrong codes count like wrong passwords, and make the next one wait."""
    now = current_time()
    found = entering.waiting(request, now=now)
    if found is None:
        return redirect("home" if request.user.is_authenticated else "login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and not lockout.is_locked(request, user=found.user):
        code = form.cleaned_data["code"]
        checked = factors.check_code(user=found.user, code=code)
        if checked.device is not None:
            how = sessions.WITH_RECOVERY if is_recovery_code(code) else sessions.WITH_CODE
            entering.enter(request, user=found.user, how=how, device=checked.device, now=now)
            return redirect(resolve_url(found.to or "home"))
        form.add_error("code", what_is_wrong(checked))
        if checked.wait_until is None:
            lockout.note_failure(request, user=found.user)
    context = {
        "form": form,
        "factors": factors.factors_of(found.user),
        "can_have_passkeys": works_here(request),
    }
    return render(request, CODE, context, status=UNPROCESSABLE if form.errors else 200)
