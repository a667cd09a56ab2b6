"""Users and API keys in the administration; frame and texts of all of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django_otp.plugins.otp_totp import admin as app_admin  # noqa: F401 - registers what is taken out
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_q import admin as queue_admin
from django_q.models import Failure, OrmQ, Schedule, Success

from segmentflow.administration import ReadOnlyAdmin, RecordedAdmin
from segmentflow.api.keys import is_expired, revoke_key
from segmentflow.broker import free_from
from segmentflow.clock import current_time
from segmentflow.models import ApiKey, User
from segmentflow.roles import RIGHTS
from segmentflow.signin.sessions import end_sessions
from segmentflow.users import (
    MAY,
    give_role,
    hold_administrators,
    may_touch,
    refusal,
    refusal_to_delete,
    role_of,
)

admin.site.site_header = "SegmentFlow administration"
admin.site.site_title = "SegmentFlow"
admin.site.index_title = "Administration"
# Nothing is scheduled and no success is kept (settings.Q_CLUSTER).
admin.site.unregister([Schedule, Success])
admin.site.unregister([Group, Failure, OrmQ])
# Everybody's own: see pages/second_factor.py and, for admins, pages/user_security.py.
admin.site.unregister(TOTPDevice)

ROLES = [("", "None: may not see anything"), *((role, role) for role in RIGHTS)]


class RoleForm(forms.ModelForm):  # type: ignore[type-arg] # no generic at run time
    role = forms.ChoiceField(choices=ROLES, required=False)


class UserForm(RoleForm, UserChangeForm):  # type: ignore[type-arg] # the same
    by: ClassVar[User]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = role_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            hold_administrators()
            asked = {name: cleaned[name] for name in ("role", "is_active")}
            is_superuser = cleaned.get("is_superuser", self.instance.is_superuser)
            if said := refusal(user=self.instance, by=self.by, is_superuser=is_superuser, **asked):
                self.add_error(None, said)
        return cleaned


class NewUserForm(RoleForm, AdminUserCreationForm):  # type: ignore[type-arg] # the same
    """Name, password and role; the rest follows on the next page."""


@admin.register(Failure)
class FailureAdmin(RecordedAdmin, queue_admin.FailAdmin):  # type: ignore[misc] # the queue has no types
    """As the queue brings it."""


@admin.register(OrmQ)
class WaitingAdmin(RecordedAdmin, queue_admin.QueueAdmin):  # type: ignore[misc] # the same
    """As the queue brings it, but for the time in the list: see `segmentflow.broker.EARLY_DAYS`."""

    list_display = ("id", "key", "name", "group", "func", "free_from", "task_id")

    @admin.display(description="Free from", ordering="lock")
    def free_from(self, task: OrmQ) -> datetime | None:
        return task.lock and free_from(task.lock, now=current_time())


@admin.register(User)
class UserAdmin(RecordedAdmin, DjangoUserAdmin):  # type: ignore[type-arg] # the same
    recorded_as = "user"
    form = UserForm
    add_form = NewUserForm
    list_display = (
        "username",
        "first_name",
        "last_name",
        "email",
        "role",
        "is_active",
        "last_login",
    )
    list_filter = ("groups", "is_active", "is_superuser")
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = "Parts of the username, the name or the email."
    list_per_page = 50
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

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only who may do everything hands that on."""
        readonly = super().get_readonly_fields(request, obj)
        return readonly if request.user.is_superuser else (*readonly, "is_superuser")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The password is shown as a way to set another, which is for those who may."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        (name, first), *others = super().get_fieldsets(request, obj)
        fields = [field for field in first["fields"] if field != "password"]
        return [(name, {**first, "fields": fields}), *others]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and may_touch(by=request.user, user=obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and may_touch(by=request.user, user=obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """Who may not be deleted, shown where others' rows would stand in the way."""
        found, counts, needed, protected = super().get_deleted_objects(objs, request)
        refused = [refusal_to_delete(user=user, by=request.user) for user in objs]
        return found, counts, needed, [*protected, *filter(None, refused)]

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
        if not form.instance.is_active:
            end_sessions(user=form.instance)

    @admin.display
    def role(self, user: User) -> str:
        return "Everything" if user.is_superuser else role_of(user) or "–"


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """What the roles allow is part of the program (roles.py), not of the data."""

    list_display = ("name", "may")
    search_fields = ("name",)
    ordering = ("name",)
    fields = readonly_fields = ("name", "may", "rights")

    @admin.display(description="Is there to")
    def may(self, group: Group) -> str:
        return MAY.get(group.name, "–")

    @admin.display
    def rights(self, group: Group) -> SafeString:
        names = group.permissions.order_by("content_type__app_label", "name").values_list("name")
        return format_html_join(mark_safe("<br>"), "{}", names)


@admin.register(ApiKey)
class ApiKeyAdmin(RecordedAdmin):
    """Made on a page of the settings, shown once, revoked; what a key may do never changes."""

    recorded_as = "API key"
    list_display = ("name", "prefix", "scope_names", "created_by", "last_used_at", "is_valid")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("created_by",)
    search_fields = ("name", "prefix")
    search_help_text = "A part of the name or the first characters of the key."
    list_per_page = 50
    actions = ("revoke",)
    fields = readonly_fields = (
        "name",
        "prefix",
        "scope_names",
        "created_by",
        "created_at",
        "last_used_at",
        "expires_at",
        "requests_per_second",
        "events_per_second",
        "revoked_at",
    )

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The one page that shows a key keeps it out of messages and sessions."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("key_new"))

    @admin.action(description="Revoke the chosen keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        now = current_time()
        count = sum(revoke_key(key, now=now) for key in queryset)
        self.message_user(request, f"Revoked: {count}. These keys do not work any more.")

    @admin.display(description="scopes")
    def scope_names(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(boolean=True)
    def is_valid(self, key: ApiKey) -> bool:
        return key.revoked_at is None and not is_expired(key, now=current_time())
