"""Users and API keys in the administration; frame and texts of all of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest

from segmentflow.models import User
from segmentflow.roles import RIGHTS
from segmentflow.users import give_role, role_of

admin.site.site_header = "SegmentFlow administration"
admin.site.site_title = "SegmentFlow"
admin.site.index_title = "Administration"

ROLES = [("", "None: may not see anything"), *((role, role) for role in RIGHTS)]


class RoleForm(forms.ModelForm):  # type: ignore[type-arg] # no generic at run time
    role = forms.ChoiceField(choices=ROLES, required=False)


class UserForm(RoleForm, UserChangeForm):  # type: ignore[type-arg] # the same
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = role_of(self.instance)


class NewUserForm(RoleForm, AdminUserCreationForm):  # type: ignore[type-arg] # the same
    """Name, password and role; the rest follows on the next page."""


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg] # the same
    form = UserForm
    add_form = NewUserForm
    list_display = ("username", "first_name", "last_name", "email", "role", "is_active")
    list_filter = ("groups", "is_active", "is_superuser")
    search_fields = ("username", "first_name", "last_name", "email")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "role", "is_active", "is_superuser")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2", "role"),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only who may do everything hands that on."""
        readonly = super().get_readonly_fields(request, obj)
        return readonly if _is_superuser(request) else (*readonly, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody takes over, by a new password, an account that may do more than their own."""
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        super().save_related(request, form, formsets, change)
        if "role" in form.cleaned_data:
            give_role(user=form.instance, role=form.cleaned_data["role"])

    @admin.display
    def role(self, user: User) -> str:
        return "Everything" if user.is_superuser else role_of(user) or "–"


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return user is None or not user.is_superuser or _is_superuser(request)
