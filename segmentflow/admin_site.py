"""The administration's site. Django loads it before there are any models."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import Http404, HttpRequest
from django.shortcuts import redirect


def is_verified(user: Any) -> bool:
    """Whether somebody has shown a second factor in this session."""
    return getattr(user, "otp_device", None) is not None


class Administration(AdminSite):
    """Only for those who have shown a second factor: whoever is in here can change everything."""

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_verified(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - as Django has it
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def looked_at(request: HttpRequest, *args: Any, **options: Any) -> Any:
            if request.GET.get("_to_field") == "":  # Django looks for a field without a name
                raise Http404("There is nothing here.")
            return inner(request, *args, **options)

        return looked_at

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Where wrong passwords are counted."""
        return redirect("security")


class AdministrationConfig(AdminConfig):
    default_site = "segmentflow.admin_site.Administration"
