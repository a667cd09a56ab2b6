"""Users: listed, added, changed, given new passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.models import User
from segmentflow.pages import notices
from segmentflow.pages.settings_tabs import (
    GET_OR_POST,
    SECTION,
    UNPROCESSABLE,
    person,
    searched,
)
from segmentflow.pages.user_forms import NewPasswordForm, NewUserForm, UserForm
from segmentflow.pages.user_security import about_signing_in
from segmentflow.roles import RIGHTS
from segmentflow.signin.factors import who_has
from segmentflow.users import (
    Refused,
    Role,
    create_user,
    may_touch,
    new_password,
    role_in_words,
    set_password,
    update_user,
)

LIST = "settings/user_list.html"
NEW = "settings/user_new.html"
EDIT = "settings/user_edit.html"
PASSWORD = "settings/user_password.html"  # noqa: S105 - a template
SHOWN = "settings/user_password_shown.html"
USERS_A_PAGE = 50
SEE = ("segmentflow.view_user",)
CHANGE = (*SEE, "segmentflow.change_user")
SORTS = {
    "name": ("username",),
    "-name": ("-username",),
    "seen": (F("last_login").desc(nulls_last=True), "username"),
    "-seen": (F("last_login").asc(nulls_first=True), "username"),
}


@dataclass(frozen=True, slots=True)
class Row:
    user: User
    role: Role
    has_factor: bool


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def user_list(request: HtmxHttpRequest) -> HttpResponse:
    asked = {name: searched(request, name) for name in ("q", "role", "state", "sort")}
    sort = asked["sort"] if asked["sort"] in SORTS else "name"
    found = _found(words=asked["q"], role=asked["role"], state=asked["state"])
    page = Paginator(found.order_by(*SORTS[sort]), USERS_A_PAGE).get_page(request.GET.get("page"))
    with_factor = who_has([user.pk for user in page])
    context = asked | {
        "section": SECTION,
        "sort": sort,
        "page": page,
        "rows": [Row(user, role_in_words(user), user.pk in with_factor) for user in page],
        "roles": list(RIGHTS),
    }
    return render(request, page_or_part(request, LIST, "users"), context)


def _found(*, words: str, role: str, state: str) -> QuerySet[User]:
    users = User.objects.prefetch_related("groups")
    for word in words.split():
        users = users.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    if role in RIGHTS:
        users = users.filter(groups__name=role)
    if state in ("active", "deactivated"):
        users = users.filter(is_active=state == "active")
    return users


@sensitive_post_parameters("password", "password_again")
@require_http_methods(GET_OR_POST)
@never_cache
@needs(*SEE, "segmentflow.add_user")
def user_new(request: HtmxHttpRequest) -> HttpResponse:
    form = NewUserForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"section": SECTION, "form": form}
        return render(request, NEW, context, status=UNPROCESSABLE if form.errors else 200)
    given = {**form.cleaned_data}
    typed, _ = given.pop("password"), given.pop("password_again")
    password = typed or new_password()
    user = create_user(password=password, **given)
    if not typed:
        return _shown_once(request, user, password)
    messages.success(request, f"“{user.get_username()}” can sign in now.")
    return redirect("user_list")


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def user_edit(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    user, by = get_object_or_404(User, pk=pk), person(request.user)
    is_locked = not may_touch(by=by, user=user)
    if is_locked and request.method == "POST":
        raise PermissionDenied("Only superusers change superusers.")
    form = UserForm(request.POST if request.method == "POST" else None, by=by, instance=user)
    if form.is_valid() and _saved(form, pk=pk, by=by):
        messages.success(request, f"“{user.get_username()}” was saved.")
        return redirect("user_list")
    stored = User.objects.get(pk=pk)  # the form has written into the other one
    context: dict[str, Any] = {
        "section": SECTION,
        "form": form,
        "edited": stored,
        "role": role_in_words(stored),
        "is_locked": is_locked,
        "is_self": stored.pk == by.pk,
        **about_signing_in(stored),
    }
    return render(request, EDIT, context, status=UNPROCESSABLE if form.errors else 200)


def _saved(form: UserForm, *, pk: int, by: User) -> bool:
    """False when somebody has just made this the last administrator."""
    try:
        update_user(user=User.objects.get(pk=pk), by=by, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    return True


@sensitive_post_parameters("password", "password_again")
@require_http_methods(GET_OR_POST)
@never_cache
@needs(*CHANGE)
def user_password(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """For others; one's own is changed by who knows the old one (security.py)."""
    user, by = get_object_or_404(User, pk=pk), person(request.user)
    if user.pk == by.pk:
        return redirect("security")
    if not may_touch(by=by, user=user):
        raise PermissionDenied("Only superusers set the passwords of superusers.")
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=user)
    if not form.is_valid():
        context = {"section": SECTION, "form": form, "edited": user}
        return render(request, PASSWORD, context, status=UNPROCESSABLE if form.errors else 200)
    typed = form.cleaned_data["password"]
    password = typed or new_password()
    set_password(user=user, password=password)
    notices.tell(request, user, notices.PASSWORD)
    if not typed:
        return _shown_once(request, user, password)
    messages.success(request, f"“{user.get_username()}” has a new password.")
    return redirect("user_edit", user.pk)


def _shown_once(request: HtmxHttpRequest, user: User, password: str) -> HttpResponse:
    """The only page that ever shows it."""
    context = {
        "section": SECTION,
        "edited": user,
        "password": password,
        "sign_in": request.build_absolute_uri("/sign-in"),
    }
    return render(request, SHOWN, context)
