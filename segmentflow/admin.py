"""Users and API keys in the administration; frame and texts of all of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import ModelAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segmentflow.models import ApiKey, User
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


class NewKeyForm(forms.ModelForm):  # type: ignore[type-arg] # the same
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes")


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):  # type: ignore[type-arg] # the same
    """Made here, shown once, revoked; what a key may do never changes."""

    form = NewKeyForm
    list_display = ("name", "prefix", "scope_names", "created_by", "last_used_at", "is_valid")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("created_by",)
    search_fields = ("name", "prefix")
    list_per_page = 50
    actions = ("revoke",)
    shown = ("name", "prefix", "scope_names", "created_by", "created_at", "last_used_at")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return (*self.shown, "revoked_at") if obj else ("name", "scopes")

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiKey | None = None
    ) -> tuple[str, ...]:
        return (*self.shown, "revoked_at") if obj else ()

    def save_model(
        self,
        request: HttpRequest,
        obj: ApiKey,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        if change:
            return
        given = form.cleaned_data
        author = request.user if isinstance(request.user, User) else None
        row, key = create_key(name=given["name"], scopes=given["scopes"], created_by=author)
        obj.pk = row.pk
        obj._state.adding = False
        obj.refresh_from_db()
        self._show_once(request, key)

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:segmentflow_apikey_change", args=[obj.pk]))

    def _show_once(self, request: HttpRequest, key: str) -> None:
        said = "This is the key. Copy it now: it is stored nowhere and never shown again."
        code = format_html('{} <code class="api-key">{}</code>', said, key)
        self.message_user(request, code, messages.SUCCESS)

    @admin.action(description="Revoke the chosen keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        count = queryset.filter(revoked_at=None).update(revoked_at=current_time())
        self.message_user(request, f"Revoked: {count}. These keys do not work any more.")

    @admin.display(description="scopes")
    def scope_names(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(boolean=True)
    def is_valid(self, key: ApiKey) -> bool:
        return key.revoked_at is None
